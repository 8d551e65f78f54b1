package keyring

import (
	"sync/atomic"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// material is what a [Key] was made from and the cipher that comes of it, one
// for all copies of the Key and for all versions made of them.
type material struct {
	algorithm string
	private   cryptobox.PrivateKey
	peer      cryptobox.PublicKey
	symmetric cryptobox.SymmetricKey

	// derive gives what follows from the keys, once: an exponentiation.
	derive func() names
	// suite makes the cipher. It is put off to the first use, so that a ring
	// of many keys loads fast.
	suite func() cryptobox.Cipher
	made  atomic.Pointer[cryptobox.Cipher]
}

// cipher gives the one cipher of the material. Those who meet at the first use
// may each make one; the first one done serves all.
func (m *material) cipher() cryptobox.Cipher {
	if c := m.made.Load(); c != nil {
		return *c
	}
	c := m.suite()
	m.made.CompareAndSwap(nil, &c)
	return *m.made.Load()
}

// suite turns a maker into what material holds. Its error is for zero keys,
// which were refused before. If there ever were another, the cipher would be a
// nil one, and sealing and opening would return [cryptobox.ErrKey].
func suite[C cryptobox.Cipher](maker func() (C, error)) func() cryptobox.Cipher {
	return func() cryptobox.Cipher {
		c, _ := maker()
		return c
	}
}

// same tells in constant time whether both were made from the same secrets for
// the same algorithm. Keys in devices can't be told to be.
func (m *material) same(other *material) bool {
	return m.readable() && m.algorithm == other.algorithm && m.peer == other.peer &&
		m.private.Equal(other.private) && m.symmetric.Equal(other.symmetric)
}

// readable tells whether the secret is here, and not in a device.
func (m *material) readable() bool { return !m.private.IsZero() || !m.symmetric.IsZero() }

// adopt takes the cipher of equal material, so that a key that is read anew
// keeps its exchange, and the count of its seals.
func (m *material) adopt(old *material) {
	if m == old || !m.same(old) {
		return
	}
	c := old.made.Load()
	if c == nil && m.algorithm == cryptobox.AlgorithmAESGCM {
		_ = old.cipher() // cheap, and who holds the old entry may yet seal
		c = old.made.Load()
	}
	if c != nil {
		m.made.CompareAndSwap(nil, c)
	}
}
