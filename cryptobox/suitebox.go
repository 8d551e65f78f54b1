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

func (c *boxCipher) overhead() int { return MinSealed }

func (c *boxCipher) seal(dst []byte, _ int, nonce *[nonceSize]byte, record []byte) []byte {
	return secretbox.Seal(dst, record, nonce, (*[keySize]byte)(c))
}

func (c *boxCipher) open(dst, enc []byte) ([]byte, bool) {
	return secretbox.Open(dst, enc[sealedAt:], (*[nonceSize]byte)(enc[nonceAt:]), (*[keySize]byte)(c))
}
