package cryptobox

import (
	"crypto/rand"
	"crypto/sha256"
)

// Token stands for one sealed payload: an answer names what it answers by it.
// It is comparable with ==, may be a map key, and tells nothing of its
// contents. The zero Token stands for none.
type Token struct {
	// masked is the payload's nonce, xor tokenMask: reflection finds a
	// struct's fields whatever its methods say, and must not find a nonce.
	masked string
}

// tokenMask is drawn once for each process and never written again.
var tokenMask = func() (mask [maxToken]byte) {
	_, _ = rand.Read(mask[:])
	return mask
}()

func newToken(b []byte) Token {
	var masked [maxToken]byte
	return Token{string(mask(masked[:0], b))}
}

func (t Token) bytes() []byte { return t.unmask(nil) }

// unmask appends what t stands for.
func (t Token) unmask(dst []byte) []byte { return mask(dst, t.masked) }

func mask[T string | []byte](dst []byte, b T) []byte {
	for i := range len(b) {
		dst = append(dst, b[i]^tokenMask[i%len(tokenMask)])
	}
	return dst
}

// IsZero reports whether t stands for no payload.
func (t Token) IsZero() bool { return t.masked == "" }

// fingerprintLabel keeps fingerprints apart from every other hash that is taken of a
// nonce.
const fingerprintLabel = "wampbox-token-1"

// Fingerprint returns SHA-256 of a label and what the token stands for: the same
// in every process, where == holds within one. It is for stores that processes
// share: how a Token is kept in memory differs from process to process, and a nonce
// is written nowhere. The fingerprint doesn't lead back to the nonce; whoever
// has seen the sealed payload can compute it too, so it is no secret and proves
// nothing. The zero Token has the zero fingerprint.
func (t Token) Fingerprint() (sum [sha256.Size]byte) {
	if t.IsZero() {
		return sum
	}
	return sha256.Sum256(append([]byte(fingerprintLabel), t.bytes()...))
}
