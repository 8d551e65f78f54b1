package keyring

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// kind is how a key was made.
type kind uint8

const (
	kindOriginator kind = iota + 1
	kindResponder
	kindBoth
	kindSymmetric
	kindRevoked // no key, an id only
)

// String names the kind; the zero value is "invalid".
func (k kind) String() string {
	switch k {
	case kindOriginator:
		return "originator"
	case kindResponder:
		return "responder"
	case kindBoth:
		return "both"
	case kindSymmetric:
		return "symmetric"
	case kindRevoked:
		return "revoked"
	}
	return "invalid"
}

// Key is what one party holds for a pattern. Make one with [Originator],
// [Responder], [Pair], [Both], [Symmetric] or [AES256GCM]; what is wrong with it is told by
// [Ring.Set]. A Key is a value: its methods return a changed copy. It can't be
// printed or encoded, only its kind and id are shown.
//
// One Key may be set for many patterns; they share one precomputed cipher,
// and with it the count of seals that an [AES256GCM] key keeps.
type Key struct {
	*material // nil in the zero Key, and in some that are refused
	given     string
	kind      kind
	unbound   bool
	err       error
}

// Originator is the key of a party that publishes and calls, with the public
// key of those that subscribe and register. It serves [RoleOriginator] only.
func Originator(private cryptobox.PrivateKey, responder cryptobox.PublicKey) Key {
	return pair(kindOriginator, private, responder)
}

// Responder is the key of a party that subscribes and registers, with the
// public key of those that publish and call. It serves [RoleResponder] only.
func Responder(private cryptobox.PrivateKey, originator cryptobox.PublicKey) Key {
	return pair(kindResponder, private, originator)
}

// Both is one key pair for both ends and both roles: a secret that all parties
// share. It is what Autobahn's key ring makes of a plain string.
func Both(private cryptobox.PrivateKey) Key {
	if private.IsZero() {
		return Key{err: weak("private key")}
	}
	return Key{kind: kindBoth, material: &material{
		algorithm: cryptobox.AlgorithmBox,
		private:   private,
		derive: sync.OnceValue(func() names {
			public := private.Public()
			return pairNames(kindOriginator, public, public)
		}),
		suite: suite(func() (*cryptobox.Box, error) { return cryptobox.NewBox(private, private.Public()) }),
	}}
}

// Symmetric is a secret key that all parties share, for both roles. Its id is
// required, as none can be derived: 1 to [cryptobox.MaxKeyID] bytes of
// printable UTF-8, the same at all ends. Its algorithm is
// [cryptobox.AlgorithmSecretBox].
func Symmetric(id string, key cryptobox.SymmetricKey) Key {
	return symmetric(id, key, cryptobox.AlgorithmSecretBox, cryptobox.NewSecretBox)
}

// AES256GCM is a Symmetric key whose algorithm is [cryptobox.AlgorithmAESGCM].
// Use it only for peers that need that algorithm, and Symmetric for all
// others: its nonces are short, so a key may seal at most 2^32 times, by all
// its holders together. The secret counts what is sealed with it, under
// whatever patterns, up to [cryptobox.ErrExhausted]; opening goes on. See
// [cryptobox.AESGCM] for what the count can't know. Read the secret once, and
// don't use it for a Symmetric key as well.
func AES256GCM(id string, key cryptobox.SymmetricKey) Key {
	return symmetric(id, key, cryptobox.AlgorithmAESGCM, cryptobox.NewAESGCM)
}

// symmetric makes a key that all parties share.
func symmetric[C cryptobox.Cipher](id string, key cryptobox.SymmetricKey, algorithm string, cipher func(cryptobox.SymmetricKey) (C, error)) Key {
	if key.IsZero() {
		return Key{err: weak("symmetric key")}
	}
	return Key{kind: kindSymmetric, material: &material{
		algorithm: algorithm,
		symmetric: key,
		derive:    sync.OnceValue(func() names { return names{secret: secretID(key)} }),
		suite:     suite(func() (C, error) { return cipher(key) }),
	}}.WithID(id)
}

// pair makes the key of one of two ends.
func pair(k kind, private cryptobox.PrivateKey, peer cryptobox.PublicKey) Key {
	switch {
	case private.IsZero():
		return Key{err: weak("private key")}
	case peer.IsZero():
		return Key{err: weak("peer's public key")}
	}
	return Key{kind: k, material: &material{
		algorithm: cryptobox.AlgorithmBox,
		private:   private,
		peer:      peer,
		derive:    sync.OnceValue(func() names { return pairNames(k, private.Public(), peer) }),
		suite:     suite(func() (*cryptobox.Box, error) { return cryptobox.NewBox(private, peer) }),
	}}
}

// names are what follows from a key, and gives nothing of it away.
type names struct {
	id     string // of a pair
	secret string // the same wherever the secret is
}

// pairNames gives those of a pair, of which own is the half of this kind.
func pairNames(k kind, own, peer cryptobox.PublicKey) names {
	n := names{id: PairID(own, peer), secret: PairID(own, peer)}
	swapped := PairID(peer, own)
	if k == kindResponder {
		n.id = swapped
	}
	// Both agree on one secret, whichever of them is the originator.
	if bytes.Compare(own.Bytes(), peer.Bytes()) > 0 {
		n.secret = swapped
	}
	return n
}

// WithID returns the key under a given id instead of the derived one: 1 to
// [cryptobox.MaxKeyID] bytes of printable UTF-8. Peers must give the same one.
func (k Key) WithID(id string) Key {
	if k.err == nil {
		k.err = checkID(id)
	}
	k.given = id
	return k
}

// AllowUnbound returns the key for use with peers that write no binding into
// their payloads, as Autobahn does. What they send is then accepted without
// the checks against replayed and swapped messages, and an error that answers
// a call need not be sealed at all: a router can make one up.
//
// Set it at both ends or at neither: it also changes under which key errors
// are sealed.
func (k Key) AllowUnbound() Key {
	k.unbound = true
	return k
}

// ID gives the key's id: the given one, or base64url without padding of the
// first 16 bytes of SHA-256("wampbox-kid-1" || originator's public key ||
// responder's public key), which is the same at both ends. A Key that
// [Ring.Set] would refuse has none.
func (k Key) ID() string {
	if k.check() != nil {
		return ""
	}
	return k.id()
}

// secret gives a hash of the key's secret, whatever its id is; nothing where only the id
// is left.
func (k Key) secret() string {
	if k.derive == nil {
		return ""
	}
	return k.derive().secret
}

// follows tells whether both hold the same secret under the same id. For keys that can't
// be compared, those in devices and those of which only an id is left, the ids say.
func (k Key) follows(other Key) bool {
	switch {
	case k.material.same(other.material):
		return k.given == other.given || k.id() == other.id()
	case k.material.readable() && other.material.readable():
		return false
	}
	return k.id() == other.id()
}

// id is ID for a checked key.
func (k Key) id() string {
	if k.given != "" {
		return k.given
	}
	return k.derive().id
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
		return fmt.Errorf("%w: the zero Key holds none: use Originator, Responder, Both, Symmetric or AES256GCM", ErrKey)
	}
	return k.err
}

// weak is the error for a zero value in place of a key.
func weak(what string) error {
	return fmt.Errorf("%w: the %s is the zero value, so check the error of what should have made it: %w",
		ErrKey, what, cryptobox.ErrWeakKey)
}
