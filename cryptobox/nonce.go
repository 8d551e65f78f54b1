package cryptobox

import (
	"crypto/rand"
	"fmt"
	"io"
)

// nonceSize is the length of an XSalsa20 nonce in bytes. 192 bits are enough
// to draw each nonce at random and keep no counter: after 2^64 messages under
// one key the chance that any two share a nonce is about 2^-65. So two
// programs, or two runs of one, may seal under the same key without knowing of
// each other.
const nonceSize = 24

// gcmNonceSize is the length of a GCM nonce in bytes (NIST SP 800-38D, section
// 8.2.2, with all 96 bits random). That is few: a nonce that repeats gives
// away the xor of two plaintexts and the key that authenticates.
const gcmNonceSize = 12

// maxGCMSeals is how often a key may seal with random nonces (NIST SP 800-38D,
// section 8.3). The chance that any two share a nonce is then about 2^-33.
const maxGCMSeals = 1 << 32

// tagSize is the length of a Poly1305 tag, and of a full GCM tag, in bytes.
const tagSize = 16

// What sealing adds: nonce and tag.
const (
	boxOverhead = nonceSize + tagSize
	gcmOverhead = gcmNonceSize + tagSize
)

// appendNonce draws a nonce. Callers outside tests pass systemRandom: a nonce
// is never taken from a caller of this package, since a repeated one gives the
// plaintexts away.
func appendNonce(dst []byte, random io.Reader, size int) ([]byte, error) {
	n := len(dst)
	dst = append(dst, make([]byte, size)...)
	if _, err := io.ReadFull(random, dst[n:]); err != nil {
		return nil, fmt.Errorf("cryptobox: no randomness for a nonce: %w", err)
	}
	return dst, nil
}

// systemRandom is the operating system's generator. It does not fail: where
// there is no randomness the program ends.
func systemRandom() io.Reader { return rand.Reader }
