package keyring

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// MaxRevoked bounds how many revoked versions a ring knows of one pattern. It takes no
// version that it couldn't revoke any more.
const MaxRevoked = 1024

// revocations are what a ring knows as revoked of one pattern, for as long as the ring
// lives. All versions that the pattern has, or had, ask it. A nil one knows of none.
type revocations struct {
	// known is by ids and secrets, each in names without the other. It is copied for
	// each change.
	known atomic.Pointer[map[revokedName]revocation]
}

// revokedName is one of both.
type revokedName struct{ id, secret string }

// revocation is the source that said so, the program's being "", and as far as it is known when
// the version began, and that it was signed.
type revocation struct {
	source     string
	activeFrom time.Time
	suite      cryptobox.Suite // of a signed version, else 0
}

// names gives those by which a version may be known.
func (v *Version) names() []revokedName {
	if secret := v.Secret(); secret != "" {
		return []revokedName{{id: v.ID()}, {secret: secret}}
	}
	return []revokedName{{id: v.ID()}} // that is all that is left
}

// load gives what is known, nil for nothing.
func (r *revocations) load() map[revokedName]revocation {
	if r == nil || r.known.Load() == nil {
		return nil
	}
	return *r.known.Load()
}

// of gives the source by whose word a version is revoked, by its id or its secret.
func (r *revocations) of(v *Version) (source string, revoked bool) {
	known := r.load()
	if known == nil { // mostly: no name need be computed then
		return "", false
	}
	by, revoked := known[revokedName{id: v.ID()}]
	if !revoked {
		by, revoked = known[revokedName{secret: v.Secret()}]
	}
	return by.source, revoked
}

// revoke makes a version known, by the word of a source. Those who change the ring do,
// under its mutex.
func (r *revocations) revoke(v *Version, source string) {
	next := maps.Clone(r.load())
	if next == nil {
		next = map[revokedName]revocation{}
	}
	for _, name := range v.names() {
		by, known := next[name]
		if !known {
			by.source = source
		}
		if by.activeFrom.IsZero() {
			by.activeFrom = v.dates.ActiveFrom
		}
		if v.Signed() {
			by.suite = v.Suite()
		}
		next[name] = by
	}
	if !maps.Equal(next, r.load()) {
		r.known.Store(&next)
	}
}

// recall gives versions in which those that are revoked, and don't say since when they
// sealed, have the date that the ring knows: of the entry before, nil for none, or from when
// they were revoked. Else an older version would seal in their place. Those of which only the
// id is given are signed if the ring knows that. Else unsigned ones would open again.
func (r *revocations) recall(versions []*Version, before *Entry) []*Version {
	versions = slices.Clone(versions)
	for i, v := range versions {
		if !v.revoked {
			continue
		}
		known := r.knownOf(v, before)
		if v.dates.ActiveFrom.IsZero() && !known.activeFrom.IsZero() {
			versions[i] = v.dated(Dates{ActiveFrom: known.activeFrom, NotAfter: v.dates.NotAfter})
		}
		if v.key.kind == kindRevoked && !v.Signed() && known.suite.Signed() {
			signed := *versions[i]
			signed.key = v.key.WithSuite(known.suite)
			versions[i] = &signed
		}
	}
	return versions
}

// knownOf gives the date and suite that are known of a version.
func (r *revocations) knownOf(v *Version, before *Entry) (known revocation) {
	note := func(from time.Time, suite cryptobox.Suite) {
		known.activeFrom, known.suite = latest(known.activeFrom, from), max(known.suite, suite)
	}
	for _, name := range v.names() {
		by := r.load()[name]
		if note(by.activeFrom, by.suite); before == nil {
			continue
		}
		for _, old := range before.versions {
			if slices.Contains(old.names(), name) {
				note(old.dates.ActiveFrom, old.Suite())
			}
		}
	}
	return known
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refuses tells why versions can't be the pattern's: one of them lives that was revoked, or
// there are too many to revoke them all.
func (r *revocations) refuses(versions ...*Version) error {
	known := r.load()
	if known == nil {
		return nil
	}
	more := 0
	for _, v := range versions {
		if _, revoked := r.of(v); revoked && !v.revoked {
			return refuse(fmt.Sprintf("the id %.64q was revoked, or its secret under another id: make a new key", v.ID()))
		}
		for _, name := range v.names() {
			if _, revoked := known[name]; !revoked {
				more++
			}
		}
	}
	if len(known)+more > 2*MaxRevoked { // an id and a secret each
		return refuse(fmt.Sprintf("of the pattern %d versions were revoked: start the program anew", MaxRevoked))
	}
	return nil
}

// Revoked stands for a version of which only the id is left: for
// [Ring.SetVersions], with Revoked set and not without it. Messages under the id are
// then told from others, as [ErrRevoked]. Nothing else can be done with it.
func Revoked(id string) Key {
	return Key{kind: kindRevoked, material: new(material), made: new(atomic.Pointer[sealing]), given: id, err: checkID(id)}
}

// checkUsable refuses what has no key in it.
func (k Key) checkUsable() error {
	if err := k.check(); err != nil || k.kind != kindRevoked {
		return err
	}
	return fmt.Errorf("%w: it is only the id of a revoked version: give it to SetVersions as revoked", ErrKey)
}
