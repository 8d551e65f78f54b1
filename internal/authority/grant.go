package authority

import (
	"maps"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// GrantOptions say what key a pattern gets that has none yet. What they say of one that has a key
// has to be so already.
type GrantOptions struct {
	Suite   cryptobox.Suite   // 0 is box, or for a foreign dialect a pair; SuiteShared is one secret for all
	Dialect cryptobox.Dialect // who is at the other end: this library, or peers of other makes
	ID      string            // in passthru, the version's; "" makes one
	Comment string            // stays in the master

	// AnyAnswerer has originators take the answers of whoever holds the reading key, and
	// SignedOnce has calls and answers signed once an hour, as in [keyring.Signing]. They can be
	// given to a signed key at any time, and stay.
	AnyAnswerer, SignedOnce bool
}

// Granting is that a member is to hold a pattern.
type Granting struct {
	Member  string
	Pattern keyring.Pattern
	As      As
}

// Grant has members hold patterns from the next Issue on: all that is listed, or nothing. A
// pattern that the master has no key for gets one. What a member held of a pattern so far has to
// be part of what it holds then: what it knows can't be taken back but by [Authority.Withdraw].
func (a *Authority) Grant(o GrantOptions, list ...Granting) error {
	g, err := a.newGranting(o)
	if err != nil {
		return &Error{Op: "grant", Err: err}
	}
	defer g.master.Wipe()
	for _, one := range list {
		if err := g.add(one); err != nil {
			return &Error{Op: "grant", Member: one.Member, Pattern: one.Pattern, Err: err}
		}
	}
	if err := g.save(a); err != nil {
		return &Error{Op: "grant", Err: err}
	}
	return nil
}

// granting is what a Grant is about to change.
type granting struct {
	o       GrantOptions
	master  *keyfile.File
	members map[string]*member
	entries map[keyring.Pattern]*keyfile.Entry
	before  map[keyring.Pattern]*holding
	after   map[keyring.Pattern]*holding
	made    []*keyfile.Entry // are new to the master
	order   []*holding       // are new to the state
}

func (a *Authority) newGranting(o GrantOptions) (*granting, error) {
	master, err := a.master()
	if err != nil {
		return nil, err
	}
	g := &granting{
		o: o, master: master, members: map[string]*member{}, entries: map[keyring.Pattern]*keyfile.Entry{},
		before: map[keyring.Pattern]*holding{}, after: map[keyring.Pattern]*holding{},
	}
	for _, m := range a.state.Members {
		g.members[m.Name] = m
	}
	for _, e := range master.Entries {
		g.entries[e.Pattern] = e
	}
	for _, h := range a.state.Patterns {
		g.before[h.pattern()] = h
	}
	return g, nil
}

// add checks one, and has it be among what is saved.
func (g *granting) add(one Granting) error {
	m := g.members[one.Member]
	if m == nil {
		return ErrMember
	}
	if err := one.Pattern.Validate(); err != nil {
		return err
	}
	e, err := g.entry(one.Pattern)
	if err != nil {
		return err
	}
	h := g.after[one.Pattern]
	if h == nil {
		h = &holding{Match: one.Pattern.Match.String(), URI: one.Pattern.URI, Holders: holders{}}
		if before := g.before[one.Pattern]; before == nil {
			g.order = append(g.order, h)
		} else {
			*h, h.Holders = *before, maps.Clone(before.Holders)
			h.Joined = maps.Clone(before.Joined)
		}
		g.after[one.Pattern] = h
	}
	if err := g.o.allows(m, e, h, one.As); err != nil {
		return err
	}
	if h.Holders[m.Name] != one.As {
		h.joins(m.Name)
	}
	h.Holders[m.Name] = one.As
	h.AnyAnswerer, h.SignedOnce = h.AnyAnswerer || g.o.AnyAnswerer, h.SignedOnce || g.o.SignedOnce
	return nil
}

// entry gives what the master says of a pattern, or what it is to say.
func (g *granting) entry(p keyring.Pattern) (*keyfile.Entry, error) {
	if e := g.entries[p]; e != nil {
		return e, nil
	}
	if before := g.before[p]; before != nil && len(before.Holders) > 0 {
		return nil, fail(ErrMaster, "others hold the pattern, and it isn't in it")
	}
	v, err := newVersion(g.o)
	if err != nil {
		return nil, err
	}
	e := &keyfile.Entry{Pattern: p, Comment: g.o.Comment, Versions: []*keyfile.Version{v}}
	g.entries[p], g.made = e, append(g.made, e)
	return e, nil
}

// save writes the new keys first: without holders they harm nobody.
func (g *granting) save(a *Authority) error {
	if len(g.made) > 0 {
		if err := a.changeMaster(func(f renewal.File) error {
			f.Entries = append(f.Entries, g.made...)
			return nil
		}); err != nil {
			return err
		}
	}
	for p, h := range g.after {
		if before := g.before[p]; before != nil {
			*before = *h
		}
	}
	a.state.Patterns = append(a.state.Patterns, g.order...)
	return a.save()
}

// allows refuses what can't be held so, and options that aren't those of the key.
func (o GrantOptions) allows(m *member, e *keyfile.Entry, h *holding, as As) error {
	v := newest(e)
	switch {
	case e.Plain:
		return fail(ErrSuite, "it is plain in the master: take it out with wampbox remove first")
	case v == nil:
		return fail(ErrMaster, "all its versions are revoked in it: give it a key with wampbox add")
	}
	if err := o.agrees(v); err != nil {
		return err
	}
	if err := as.fits(v); err != nil {
		return err
	}
	if before, holds := h.Holders[m.Name]; holds && !as.covers(before, v) {
		return fail(ErrAs, "as %v: it holds it as %v, and would go on to know what that has: take that from it by wampbox authority revoke first", as, before)
	}
	return postQuantum(m, e, as)
}

// postQuantum refuses that a private key that withstands quantum computers is encrypted to a
// recipient that doesn't.
func postQuantum(m *member, e *keyfile.Entry, as As) error {
	for _, v := range live(e) {
		if v.Suite == cryptobox.SuiteSignedPQ && as.responds() && !hybrid(m.Recipient) {
			return fail(ErrRecipient, "the key of %v is signed-pq, and is given to hybrid recipients alone: let %s make an identity with wampbox identity -pq", e.Pattern, m.Name)
		}
	}
	return nil
}

// newVersion makes a pattern's first key.
func newVersion(o GrantOptions) (*keyfile.Version, error) {
	shared := o.Suite == cryptobox.SuiteShared
	switch {
	case o.Dialect.Foreign() && o.Suite != 0 && !shared:
		return nil, fail(ErrOption, "the suite %v is of our own dialect: %v has none", o.Suite, o.Dialect)
	case o.ID != "" && o.Dialect != cryptobox.Passthru:
		return nil, fail(ErrOption, "an id is given in passthru alone: elsewhere it follows from the keys")
	case (o.AnyAnswerer || o.SignedOnce) && !o.Suite.Signed():
		return nil, fail(ErrOption, "AnyAnswerer and SignedOnce are for signed keys")
	}
	manner := renewal.Manner{Dialect: o.Dialect, Suite: o.Suite, ID: o.ID}
	if shared || o.Suite == cryptobox.SuiteBox {
		manner.Suite = 0 // what a file says by saying nothing
	}
	v := manner.Version(now())
	switch {
	case shared:
		manner.Name(manner.Share(v), v)
	case o.Suite.Signed():
		reading, err := renewal.NewReading(o.Suite)
		if err != nil {
			return nil, err
		}
		v.Read = keyfile.ReadingKey(reading.Private)
	default:
		originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
		v.Originator, v.Responder = renewal.PrivateSide(originator), renewal.PrivateSide(responder)
		manner.Name(manner.PairID(originator.Public(), responder.Public()), v)
	}
	return v, nil
}

// agrees refuses options that a key isn't of.
func (o GrantOptions) agrees(v *keyfile.Version) error {
	suite := v.Suite
	switch {
	case renewal.IsShared(v):
		suite = cryptobox.SuiteShared
	case suite == 0 && !v.Dialect.Foreign():
		suite = cryptobox.SuiteBox
	}
	switch {
	case o.Suite != 0 && o.Suite != suite:
		return fail(ErrSuite, "of the suite %v: leave the suite out, or rotate it to %v first", suite, o.Suite)
	case o.Dialect != 0 && o.Dialect != v.Dialect:
		return fail(ErrSuite, "of the dialect %v: leave the dialect out", v.Dialect)
	case (o.AnyAnswerer || o.SignedOnce) && !suite.Signed():
		return fail(ErrSuite, "of the suite %v, and AnyAnswerer and SignedOnce are for signed keys", suite)
	}
	return nil
}
