package keyring

import (
	"fmt"
	"sync/atomic"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// kind is how a key was made.
type kind uint8

const (
	kindOriginator kind = iota + 1
	kindResponder
	kindPair
	kindBoth
	kindShared
	kindSigned
	kindRevoked // no key, an id only
)

var kindNames = [...]string{"invalid", "originator", "responder", "pair", "both", "shared", "signed", "revoked"}

// String names the kind; the zero value is "invalid".
func (k kind) String() string { return kindNames[k] }

// Key is what one party holds for a pattern. Make one with [Originator], [Responder],
// [Pair], [Shared] or [Signed], and for peers of other makes [Key.ForAutobahn], [Both],
// [Key.ForPassthru] or [AES256GCM]; what is wrong with it is told by [Ring.Set]. A Key is a
// value: its methods return a changed copy. It can't be printed or encoded, only its kind
// and id are shown.
//
// One Key may be set for many patterns; they share what was computed for it once, and the
// count of seals that an [AES256GCM] key keeps.
type Key struct {
	*material // nil in the zero Key, and in some that are refused
	kind      kind
	dialect   cryptobox.Dialect
	suite     cryptobox.Suite // in our dialect
	given     string          // the id, where it isn't derived
	names     func() names    // from the keys, once
	made      *atomic.Pointer[sealing]
	err       error
}

// Originator is the key of a party that publishes and calls, with the public
// key of those that subscribe and register. It serves [RoleOriginator] only.
func Originator(private cryptobox.PrivateKey, responder cryptobox.PublicKey) Key {
	return half(kindOriginator, private, responder)
}

// Responder is the key of a party that subscribes and registers, with the
// public key of those that publish and call. It serves [RoleResponder] only.
func Responder(private cryptobox.PrivateKey, originator cryptobox.PublicKey) Key {
	return half(kindResponder, private, originator)
}

// Shared is a secret key that all parties share, for both roles. Every holder can seal as
// any other. If the two sides of a conversation differ, use a pair, so that neither can
// speak for the other.
func Shared(key cryptobox.SymmetricKey) Key {
	return symmetric(key, cryptobox.Wampbox)
}

// half makes the key of one of two ends.
func half(k kind, private cryptobox.PrivateKey, peer cryptobox.PublicKey) Key {
	box, err := cryptobox.NewBox(private, peer)
	switch {
	case private.IsZero():
		return Key{err: zeroKey("private key")}
	case peer.IsZero():
		return Key{err: zeroKey("peer's public key")}
	case err != nil:
		return Key{err: fmt.Errorf("%w: %w", ErrKey, err)}
	}
	return newKey(k, &material{private: private, peer: peer, own: private.Public, box: box})
}

// symmetric makes a key that all parties share.
func symmetric(key cryptobox.SymmetricKey, d cryptobox.Dialect) Key {
	if key.IsZero() {
		return Key{err: zeroKey("symmetric key")}
	}
	return newKey(kindShared, &material{symmetric: key}).to(d, cryptobox.SuiteShared)
}

func newKey(k kind, m *material) Key {
	return Key{kind: k, material: m}.to(cryptobox.Wampbox, cryptobox.SuiteBox)
}

// to gives the key for a dialect and a suite.
func (k Key) to(d cryptobox.Dialect, s cryptobox.Suite) Key {
	k.dialect, k.suite, k.made = d, s, new(atomic.Pointer[sealing])
	if d.Foreign() {
		k.suite = 0
	}
	return k.named()
}

// WithSuite returns the key of a pair for another suite than [cryptobox.SuiteBox]:
// [cryptobox.SuiteXBox] seals large payloads twice as fast. Peers must choose the
// same one: it has an id of its own. Of the key of a revoked version ([Revoked]) it tells that it
// was signed.
func (k Key) WithSuite(s cryptobox.Suite) Key {
	switch {
	case k.err != nil:
		return k
	case k.kind == kindRevoked && s.Signed():
		k.suite = s
	case k.kind == kindSigned:
		k.err = fmt.Errorf("%w: the suite of a signed key is that of its reading key: give it to Signed", ErrKey)
	case s != cryptobox.SuiteBox && s != cryptobox.SuiteXBox, !k.kind.ofPair():
		k.err = fmt.Errorf("%w: the suite %v isn't for a key of kind %v: pairs have box and xbox", ErrKey, s, k.kind)
	case k.dialect.Foreign():
		k.err = fmt.Errorf("%w: the dialect %v has no suites", ErrKey, k.dialect)
	default:
		return k.to(k.dialect, s)
	}
	return k
}

// ofPair tells whether the key has two public keys.
func (k kind) ofPair() bool { return k == kindOriginator || k == kindResponder || k == kindPair }

// ID gives the key's id, which is the same at both ends: derived from the keys
// (docs/FORMAT.md), or the one given to [Key.ForPassthru]. A Key that [Ring.Set] would
// refuse has none.
func (k Key) ID() string {
	if k.check() != nil {
		return ""
	}
	return k.id()
}

// id is ID for a checked key.
func (k Key) id() string {
	if k.given != "" {
		return k.given
	}
	return k.names().text
}

// secret gives a hash of the key's secret, whatever its id is; nothing where only the id
// is left.
func (k Key) secret() string {
	if k.kind == kindRevoked || k.kind == 0 {
		return ""
	}
	return k.names().secret
}

// follows tells whether both hold the same secret, for the same dialect and suite, under
// the same id, and with the same lists of parties. For keys that can't be compared, those of
// pairs in devices and those of which only an id is left, the ids say.
func (k Key) follows(other Key) bool {
	switch {
	case k.kind == kindSigned && other.kind == kindSigned:
		return k.id() == other.id() && k.signed.equal(other.signed)
	case k.same(other):
		return k.given == other.given
	case k.readable() && other.readable():
		return false
	}
	return k.id() == other.id()
}

// same tells whether both do the same with the same secrets. Keys in devices can't be told
// to, and a device may be another one.
func (k Key) same(other Key) bool {
	return k.dialect == other.dialect && k.suite == other.suite && k.material.same(other.material)
}

// Validate tells what [Ring.Set] would refuse in the key by itself. The error is
// an [*Error] that wraps [ErrKey].
func (k Key) Validate() error {
	if err := k.check(); err != nil {
		return &Error{Op: "validate", Err: err}
	}
	return nil
}

// check is Validate without the envelope.
func (k Key) check() error {
	if k.err == nil && k.kind == 0 {
		return fmt.Errorf("%w: the zero Key holds none: use Originator, Responder, Pair, Shared or Signed", ErrKey)
	}
	return k.err
}

// zeroKey is the error for a zero value in place of a key.
func zeroKey(what string) error {
	return fmt.Errorf("%w: the %s is the zero value, so check the error of what should have made it: %w",
		ErrKey, what, cryptobox.ErrWeakKey)
}
