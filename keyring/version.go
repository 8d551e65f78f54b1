package keyring

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Version is one version of a pattern's key. It is safe for concurrent use.
type Version struct {
	// key holds no material if the version is revoked: the exchange and the
	// private key go with the snapshots that still had them.
	key      Key
	state    State
	notAfter time.Time
}

// VersionInfo tells what a ring holds of a version: nothing of the key itself.
type VersionInfo struct {
	ID        string
	State     State
	NotAfter  time.Time // of a retired version: it opens until then; zero for without end
	Kind      string    // "originator", "responder", "both", "symmetric", or "revoked" of [Revoked]
	Algorithm string    // see [cryptobox.Cipher]
	Unbound   bool      // see [Key.AllowUnbound]
}

// ID gives the version's key id: see [Key.ID].
func (v *Version) ID() string { return v.key.id() }

// Cipher gives what seals and opens with this version, never nil. The key
// exchange is done at the first call, or with a device at the first payload,
// and once for all versions made of one [Key].
func (v *Version) Cipher() cryptobox.Cipher { return v.key.cipher() }

// Algorithm gives Cipher's, without a key exchange.
func (v *Version) Algorithm() string { return v.key.algorithm }

// info is the version without its key.
func (v *Version) info() VersionInfo {
	return VersionInfo{
		ID: v.ID(), State: v.state, NotAfter: v.notAfter,
		Kind: v.key.kind.String(), Algorithm: v.key.algorithm, Unbound: v.key.unbound,
	}
}

// expired tells whether the version's date, if it has one, is before a moment.
func (v *Version) expired(now time.Time) bool {
	return !v.notAfter.IsZero() && now.After(v.notAfter)
}

// in gives the version in another state.
func (v *Version) in(state State, notAfter time.Time) *Version {
	// A date counts by the wall clock, as one that was read from a file does,
	// and not by the time that this process has run.
	next := &Version{key: v.key, state: state, notAfter: notAfter.Round(0)}
	if state == StateRevoked {
		next.key.given = v.ID()
		next.key.material = &material{algorithm: v.key.algorithm}
	}
	return next
}

// rank orders versions by how likely they are to open what names no id. Those
// that may cease to are at the end.
func (v *Version) rank() int {
	switch {
	case v.state == StateActive:
		return 0
	case v.state == StatePending:
		return 1
	case v.state == StateRetired && v.notAfter.IsZero():
		return 2
	case v.state == StateRetired:
		return 3
	}
	return 4
}

// compare is the order of an entry's versions. Of those with a date the one
// that expires last comes first, so that those that may open now are always
// the first ones.
func compare(a, b *Version) int {
	if a.rank() != b.rank() {
		return a.rank() - b.rank()
	}
	return b.notAfter.Compare(a.notAfter)
}
