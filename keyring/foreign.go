package keyring

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Both is one key pair for both ends and both roles: a secret that all parties share. It
// is what Autobahn's key ring makes of a plain string, and serves in its dialect alone: see
// [Key.ForAutobahn].
func Both(private cryptobox.PrivateKey) Key {
	k := half(kindBoth, private, private.Public())
	if k.err != nil {
		return k
	}
	return k.to(cryptobox.Autobahn, 0)
}

// ForAutobahn returns the key of a pair for peers that speak Autobahn|Python's cryptobox,
// through Crossbar.io. In the payloads of such peers nothing but the URI ties a message to
// its place. So most checks against replayed and swapped messages can't be made. An error
// that answers a call need not be sealed at all, and a router can make one up.
// docs/AUTOBAHN.md says what stays open.
func (k Key) ForAutobahn() Key {
	switch {
	case k.err != nil:
		return k
	case !k.kind.ofPair() && k.kind != kindBoth:
		k.err = fmt.Errorf("%w: Autobahn has no keys of kind %v: use Originator, Responder or Both", ErrKey, k.kind)
		return k
	}
	return k.to(cryptobox.Autobahn, 0)
}

// ForPassthru returns the key of a pair, or a shared one, for peers that speak the payload
// passthru mode of the WAMP specification. Their payloads are as little tied to their place
// as Autobahn's: see [Key.ForAutobahn]. The id is 1 to [cryptobox.MaxKeyID] bytes of
// printable UTF-8, the same at all ends.
func (k Key) ForPassthru(id string) Key {
	switch {
	case k.err != nil:
		return k
	case !k.kind.ofPair() && k.kind != kindShared:
		k.err = fmt.Errorf("%w: payload passthru mode has no keys of kind %v: use Originator, Responder or Shared", ErrKey, k.kind)
		return k
	}
	k = k.to(cryptobox.Passthru, 0)
	k.given, k.err = id, checkID(id)
	return k
}

// AES256GCM is a shared key for peers of payload passthru mode that need that algorithm.
// Use Shared with [Key.ForPassthru] for all others: its nonces are short, so a key may seal
// at most 2^32 times, by all its holders together. The secret counts what is sealed with
// it, under whatever patterns, up to [cryptobox.ErrExhausted]; opening goes on. See
// [cryptobox.AESGCM] for what the count can't know. Read the secret once, and don't use it
// for another key as well. The id is that of [Key.ForPassthru].
func AES256GCM(id string, key cryptobox.SymmetricKey) Key {
	k := symmetric(key, cryptobox.Passthru)
	if k.err != nil {
		return k
	}
	if _, err := cryptobox.NewAESGCM(key); err != nil {
		return Key{err: fmt.Errorf("%w: %w", ErrKey, err)}
	}
	k.material = &material{symmetric: key, aes: true}
	k.given, k.err = id, checkID(id)
	return k
}
