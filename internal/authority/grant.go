package authority

import (
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

// Grant has a member hold a pattern's key from the next Issue on. If the master has no key for the
// pattern, it gets one. What the member held of it so far has to be part of what it holds then:
// what it knows can't be taken back but by [Authority.Withdraw].
func (a *Authority) Grant(name string, p keyring.Pattern, as As, o GrantOptions) error {
	err := a.grant(name, p, as, o)
	if err != nil {
		return &Error{Op: "grant", Member: name, Pattern: p, Err: err}
	}
	return nil
}

func (a *Authority) grant(name string, p keyring.Pattern, as As, o GrantOptions) error {
	m := a.state.member(name)
	if m == nil {
		return ErrMember
	}
	if err := p.Validate(); err != nil {
		return err
	}
	master, err := a.master()
	if err != nil {
		return err
	}
	defer master.Wipe()
	e, make := renewal.File{File: master}.Entry(p), false
	if e == nil {
		if a.state.holding(p) != nil && len(a.state.holding(p).Holders) > 0 {
			return fail(ErrMaster, "others hold the pattern, and it isn't in it")
		}
		v, err := newVersion(o)
		if err != nil {
			return err
		}
		e, make = &keyfile.Entry{Pattern: p, Comment: o.Comment, Versions: []*keyfile.Version{v}}, true
	}
	if err := a.state.allows(m, e, as, o); err != nil {
		return err
	}
	if make {
		if err := a.changeMaster(func(f renewal.File) error {
			f.Entries = append(f.Entries, e)
			return nil
		}); err != nil {
			return err
		}
	}
	h := a.state.holding(p)
	if h == nil {
		h = &holding{Match: p.Match.String(), URI: p.URI, Holders: holders{}}
		a.state.Patterns = append(a.state.Patterns, h)
	}
	h.Holders[name] = as
	h.AnyAnswerer, h.SignedOnce = h.AnyAnswerer || o.AnyAnswerer, h.SignedOnce || o.SignedOnce
	return a.save()
}

// allows refuses what can't be held so, and options that aren't those of the key.
func (s *state) allows(m *member, e *keyfile.Entry, as As, o GrantOptions) error {
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
	if h := s.holding(e.Pattern); h != nil {
		if before, holds := h.Holders[m.Name]; holds && !as.covers(before, v) {
			return fail(ErrAs, "as %v: it holds it as %v, and would go on to know what that has: withdraw that first", as, before)
		}
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
