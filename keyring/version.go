package keyring

import (
	"sync/atomic"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Version is one version of a pattern's key. It is safe for concurrent use.
type Version struct {
	// key holds no material if the ring has the version as revoked: the exchange and
	// the private key go with the snapshots that still had them.
	key     Key
	dates   Dates
	revoked bool
	pattern Pattern // whose key it is of
	// revocations are those of the pattern: they tell of this version what came later.
	revocations *revocations
	// last is what a ring had last of the version. Those with the same reading key share it.
	last *atomic.Pointer[Version]
}

// VersionInfo tells what a ring holds of a version: nothing of the key itself.
type VersionInfo struct {
	ID        string
	State     State // now
	Dates     Dates
	Kind      string            // "originator", "responder", "pair", "both", "shared", "signed", or "revoked" of [Revoked]
	Dialect   cryptobox.Dialect // of "revoked" not known
	Suite     cryptobox.Suite   // in our dialect, else 0
	Algorithm string            // in the others: see [cryptobox.Cipher]
	Signed    SignedInfo        // of a signed key
	// SealUntil and OpenUntil are those of the pattern's lease, zero for none: see [Ring.Lease].
	SealUntil, OpenUntil time.Time
}

func newVersion(key Key, dates Dates) *Version {
	return &Version{key: key, dates: dates.plainClock(), last: new(atomic.Pointer[Version])}
}

// newRevoked makes a version of which only its names and what is no secret is kept.
func newRevoked(key Key, dates Dates) *Version {
	left := new(material)
	if key.material != nil {
		left.aes, left.signed = key.aes, key.signed.roles()
	}
	key.given = key.id()
	if key.kind != kindRevoked {
		n := key.names() // which tell no secret
		key.names = func() names { return n }
	}
	key.material, key.made = left, new(atomic.Pointer[sealing])
	v := newVersion(key, dates)
	v.revoked = true
	return v
}

// ID gives the version's key id: see [Key.ID].
func (v *Version) ID() string { return v.key.id() }

// Pattern gives the pattern whose version it is.
func (v *Version) Pattern() Pattern { return v.pattern }

// is tells whether the version is the one of our dialect with an id.
func (v *Version) is(id cryptobox.KeyID) bool {
	if v.key.dialect.Foreign() {
		return false
	}
	if v.key.given != "" { // revoked
		return v.key.given == id.String()
	}
	return v.key.names().id == id
}

// Secret gives a hash of the version's secret: the same for versions with the same
// secret, whatever their ids are.
func (v *Version) Secret() string { return v.key.secret() }

// Revoked tells whether the version has been revoked, also for one that was looked up
// before: nothing more is to be opened or sealed with it.
func (v *Version) Revoked() bool {
	if v.revoked {
		return true
	}
	_, revoked := v.revocations.of(v)
	return revoked
}

// Dialect tells whose way the version seals and opens in.
func (v *Version) Dialect() cryptobox.Dialect { return v.key.dialect }

// Suite gives the version's suite, 0 in the dialects that have none.
func (v *Version) Suite() cryptobox.Suite { return v.key.suite }

// Key gives what seals and opens with this version in our dialect, else nil. The key
// exchange is done at the first call, or with a device at the first payload, and once for
// all versions made of one [Key].
func (v *Version) Key() *cryptobox.SuiteKey { return v.key.sealing().key }

// Cipher is [Version.Key] in the other dialects.
func (v *Version) Cipher() cryptobox.Cipher { return v.key.sealing().cipher }

// algorithm gives Cipher's, without a key exchange.
func (v *Version) algorithm() string {
	switch {
	case !v.key.dialect.Foreign():
		return ""
	case v.key.aes:
		return cryptobox.AlgorithmAESGCM
	}
	return (*cryptobox.Box)(nil).Algorithm(v.key.dialect)
}

// good tells whether the version opens for a role, and seals if it is the one that does.
func (v *Version) good(role Role, now time.Time) bool {
	return v.key.serves(role) && !v.Revoked() && !v.dates.expired(now)
}

// dated gives the version with other dates.
func (v *Version) dated(dates Dates) *Version {
	next := *v
	next.dates = dates.plainClock()
	return &next
}

// compare is the order of an entry's versions: the one with the latest ActiveFrom
// first, and of those without any the revoked ones last.
func compare(a, b *Version) int {
	if order := b.dates.ActiveFrom.Compare(a.dates.ActiveFrom); order != 0 {
		return order
	}
	switch {
	case a.Revoked() == b.Revoked():
		return 0
	case a.Revoked():
		return 1
	}
	return -1
}
