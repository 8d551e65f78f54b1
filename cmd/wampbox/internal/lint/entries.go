package lint

import (
	"errors"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// entry is an entry of the file with what is known of it.
type entry struct {
	*keyfile.Entry
	index    int
	versions []*version // in the order of the file
	inside   []*entry   // keyed ones that count for some of the URIs of a plain one
}

func (e *entry) line() int    { return e.Line() }
func (e *entry) name() string { return e.Name(e.index) }

// infos gives what a ring knows of the versions, the one with the latest date first.
func (e *entry) infos(r *report) []keyring.VersionInfo {
	ring, err := r.alone(e.Entry).Ring()
	if err != nil {
		return nil
	}
	return ring.Versions(e.Pattern)
}

// version is a version of an entry with what is known of it.
type version struct {
	*keyfile.Version
	of    *entry
	index int
	info  keyring.VersionInfo
	halves
}

func (v *version) line() int { return v.Line() }
func (v *version) name() string {
	return v.of.name() + " " + v.Name(v.index)
}

// look looks at all entries, first each by itself.
func (r *report) look() {
	if r.file.PlainUnlessKeyed {
		r.add(nil, OpenDefault, `"unkeyed" is "plain": what no pattern matches goes out and comes in in plain, a URI with a typo too: `+
			`declare what is plain by patterns, and leave it out`)
	}
	r.grant()
	r.scrambles()
	for i, e := range r.file.Entries {
		at := &entry{Entry: e, index: i}
		if r.single(at) {
			r.entries = append(r.entries, at)
		}
	}
	for _, e := range r.entries {
		r.pattern(e)
		r.transition(e)
		r.dates(e)
		r.parties(e)
		r.unsigned(e)
		r.classical(e)
	}
	r.ids()
	r.readingKeys()
	r.overlaps()
	r.plainAround()
	r.nearWithin()
	r.below()
}

// single looks at an entry by itself, and tells whether it is one.
func (r *report) single(e *entry) bool {
	good := true
	for i, v := range e.Versions {
		at := &version{Version: v, of: e, index: i, halves: r.halves(v)}
		e.versions = append(e.versions, at)
		one := *e.Entry
		one.Versions, one.Plaintext, one.Until, one.AllowUnsigned = []*keyfile.Version{v}, 0, time.Time{}, time.Time{}
		if _, err := r.alone(&one).Ring(); err != nil {
			r.refusal(at, at, err)
			good = false
		}
		r.sides(at)
		r.weak(at)
	}
	if !good {
		return false
	}
	list, err := r.alone(e.Entry).List()
	if err != nil {
		r.refusal(e, nil, err)
		return false
	}
	for i, v := range list[0].Versions {
		e.versions[i].info = v.VersionInfo
	}
	return true
}

// refusal adds what loading says of an entry, or of a version.
func (r *report) refusal(at place, v *version, err error) {
	var known *keyfile.Error
	if errors.As(err, &known) { // what it says of the place is said elsewhere
		err = known.Cause()
	}
	rule, says := Invalid, words.Of(err)
	switch {
	case v != nil && v.onlyPublic():
		rule, says = NoRole, "both sides have only public keys, so nobody can seal or open with it: give the private key of one side"
	case errors.Is(err, cryptobox.ErrWeakKey):
		rule = WeakKey
	case errors.Is(err, keyfile.ErrPermissions):
		rule = Permissions
	case errors.Is(err, keyring.ErrVersionExists):
		rule, says = DuplicateID, keyring.ErrVersionExists.Error()+": give each key once, under an id of its own"
	}
	r.addAs(Error, at, rule, says)
}

func (v *version) onlyPublic() bool {
	public := func(s *keyfile.Side) bool { return s != nil && s.Private.IsZero() && !s.Public.IsZero() }
	return v.Shared.IsZero() && public(v.Originator) && public(v.Responder)
}

// pattern looks at what the pattern itself says.
func (r *report) pattern(e *entry) {
	p := e.Pattern
	switch {
	case p == keyring.Prefix("") && e.Plain:
		r.add(e, OpenDefault, "what no other pattern matches goes out and comes in in plain, a URI with a typo too: declare what is plain by longer patterns")
	case p.Match == keyring.MatchPrefix && p.URI != "" && !strings.HasSuffix(p.URI, "."):
		r.add(e, NoDot, "it matches %sx as well as %[1]s.x: end it with a dot, unless that is meant", p.URI)
	}
}

// sides looks for private keys that one party alone should have. One private
// key for both sides is a secret of all parties, and stays. An authority has
// both, and decides who else does.
func (r *report) sides(v *version) {
	if v.hasOriginator && v.hasResponder && v.originator != v.responder && !r.ofAuthority() {
		r.add(v, BothPrivate, "the private keys of both sides are here, and whoever reads the file can play both parties: "+
			"leave each party its own, and put the public key in place of the other")
	}
}
