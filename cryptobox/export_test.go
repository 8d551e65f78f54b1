package cryptobox

import "bytes"

// SealWith seals with a nonce given, for tests that compare bytes.
func SealWith(c Cipher, nonce, plaintext []byte) ([]byte, error) {
	return c.seal(bytes.NewReader(nonce), nil, plaintext)
}

// TokenBytes gives what the token of a sealed payload hides.
func TokenBytes(c Cipher, sealed []byte) []byte { return c.token(sealed).bytes() }
