package cryptobox

import "golang.org/x/crypto/nacl/secretbox"

// boxCipher is NaCl's crypto_box after its key agreement, which is its crypto_secretbox:
// tag (16 bytes) || XSalsa20 ciphertext. It knows no associated data, so that any NaCl
// library opens it: what stands before the nonce only selects the key. It is the same in
// both directions, which are parted by the kind of the record inside.
type boxCipher [keySize]byte

var _ suiteCipher = (*boxCipher)(nil)

// boxCiphers uses the secret of a pair as it is.
func boxCiphers(secret source) ciphers {
	return func(Direction) (suiteCipher, error) {
		key, err := secret()
		return (*boxCipher)(key), err
	}
}

func (c *boxCipher) seal(dst, _ []byte, nonce *[nonceSize]byte, plaintext []byte) []byte {
	return secretbox.Seal(dst, plaintext, nonce, (*[keySize]byte)(c))
}

func (c *boxCipher) open(dst, enc []byte, at int) ([]byte, bool) {
	return secretbox.Open(dst, enc[at:], (*[nonceSize]byte)(enc[at-nonceSize:]), (*[keySize]byte)(c))
}
