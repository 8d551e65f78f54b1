package cryptobox

import (
	"crypto/rand"
	"io"
)

// nonceSize is the length of an XSalsa20 nonce in bytes. 192 bits are enough
// to draw each nonce at random and keep no counter: after 2^64 messages under
// one key the chance that any two share a nonce is about 2^-65. So two
// programs, or two runs of one, may seal under the same key without knowing of
// each other.
const nonceSize = 24

// tagSize is the length of a Poly1305 tag in bytes.
const tagSize = 16

// boxOverhead is what sealing adds: nonce and tag.
const boxOverhead = nonceSize + tagSize

// newNonce draws a nonce. Callers outside tests pass systemRandom: a nonce is
// never taken from a caller of this package, since a repeated one gives the
// plaintexts away.
func newNonce(random io.Reader) (*[nonceSize]byte, error) {
	var nonce [nonceSize]byte
	if _, err := io.ReadFull(random, nonce[:]); err != nil {
		return nil, err
	}
	return &nonce, nil
}

// systemRandom is the operating system's generator. It does not fail: where
// there is no randomness the program ends.
func systemRandom() io.Reader { return rand.Reader }
