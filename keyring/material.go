package keyring

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// material is what a [Key] was made from, one for all copies of the Key and for all
// versions made of them.
type material struct {
	private   cryptobox.PrivateKey
	peer      cryptobox.PublicKey
	symmetric cryptobox.SymmetricKey
	aes       bool

	own func() cryptobox.PublicKey // of a pair
	box *cryptobox.Box             // of a pair

	signed *signed // else nil
}

// same tells in constant time whether both were made from the same secrets.
func (m *material) same(other *material) bool {
	if m != nil && other != nil && m.signed != nil && other.signed != nil {
		return !m.signed.device && m.signed.equal(other.signed)
	}
	return m.readable() && other != nil && m.aes == other.aes && m.peer == other.peer &&
		m.private.Equal(other.private) && m.symmetric.Equal(other.symmetric)
}

// readable tells whether the secret is here, and not in a device.
func (m *material) readable() bool {
	return m != nil && (!m.private.IsZero() || !m.symmetric.IsZero())
}

// sealing is what seals and opens: one of both.
type sealing struct {
	key    *cryptobox.SuiteKey // in our dialect
	cipher cryptobox.Cipher    // in the others
}

// sealing gives the one of the key. It is put off to the first use, so that a ring of many
// keys loads fast. Those who meet at the first use may each make one; the first one done
// serves all.
func (k Key) sealing() *sealing {
	if s := k.made.Load(); s != nil {
		return s
	}
	k.made.CompareAndSwap(nil, k.newSealing())
	return k.made.Load()
}

// newSealing: what gives an error was refused when the key was made. What fails later, as a
// key exchange does, is told by sealing and opening.
func (k Key) newSealing() *sealing {
	s := new(sealing)
	switch {
	case k.material == nil, k.kind == kindSigned: // it was made with the key; of a revoked version nothing is left
	case k.aes:
		s.cipher, _ = cryptobox.NewAESGCM(k.symmetric)
	case k.kind == kindShared && k.dialect.Foreign():
		s.cipher, _ = cryptobox.NewSecretBox(k.symmetric)
	case k.kind == kindShared:
		s.key, _ = cryptobox.NewSharedKey(k.symmetric)
	default:
		if k.dialect.Foreign() {
			s.cipher = k.box
		} else {
			n := k.names()
			s.key, _ = cryptobox.NewPairKey(k.suite, k.box, n.originator, n.responder)
		}
	}
	return s
}

// adopt takes over what was computed for an equal key, so that one that is read anew keeps
// its exchange, and the count of its seals.
func (k Key) adopt(old Key) {
	if k.made == old.made || !k.same(old) {
		return
	}
	s := old.made.Load()
	if s == nil && k.aes {
		s = old.sealing() // cheap, and who holds the old entry may yet seal
	}
	switch {
	case s == nil:
	case k.kind == kindSigned: // it knows the contexts of those who send
		k.made.Store(s)
	default:
		k.made.CompareAndSwap(nil, s)
	}
}
