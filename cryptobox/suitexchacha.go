package cryptobox

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"sync/atomic"

	"golang.org/x/crypto/chacha20poly1305"
)

// directionSalt keeps what is derived here apart from all else that is derived of a secret.
const directionSalt = "wampbox-2"

// xchachaCipher is XChaCha20-Poly1305: ciphertext || tag (16 bytes). Its associated data is
// all of the message that stands before.
type xchachaCipher struct{ aead cipher.AEAD }

var _ suiteCipher = (*xchachaCipher)(nil)

// xchachaCiphers derives a key for each direction when it is first needed, and keeps it:
// HKDF-SHA-256 of the secret, with suite, hash of the key and direction as info.
func xchachaCiphers(secret source, suite Suite, hash [sha256.Size]byte) ciphers {
	var made [Answer + 1]atomic.Pointer[xchachaCipher]
	return func(direction Direction) (suiteCipher, error) {
		c := made[direction].Load()
		if c != nil {
			return c, nil
		}
		key, err := secret()
		if err != nil {
			return nil, err
		}
		if c, err = newXChaCha(key, suite, hash, direction); err != nil {
			return nil, err
		}
		made[direction].Store(c) // who came meanwhile has made an equal one
		return c, nil
	}
}

func newXChaCha(secret *[keySize]byte, suite Suite, hash [sha256.Size]byte, direction Direction) (*xchachaCipher, error) {
	info := string(append(append([]byte{byte(suite)}, hash[:]...), byte(direction)))
	key, err := hkdf.Key(sha256.New, secret[:], []byte(directionSalt), info, chacha20poly1305.KeySize)
	if err != nil {
		return nil, &KeyError{What: "direction key", Err: primitiveFailed(err)}
	}
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, &KeyError{What: "direction key", Err: primitiveFailed(err)}
	}
	return &xchachaCipher{aead}, nil
}

func (c *xchachaCipher) seal(dst, before []byte, nonce *[nonceSize]byte, plaintext []byte) []byte {
	return c.aead.Seal(dst, nonce[:], plaintext, before)
}

func (c *xchachaCipher) open(dst, enc []byte, at int) ([]byte, bool) {
	plaintext, err := c.aead.Open(dst, enc[at-nonceSize:at], enc[at:], enc[:at])
	return plaintext, err == nil
}
