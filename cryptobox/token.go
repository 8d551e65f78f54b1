package cryptobox

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
)

// Token stands for one sealed payload: an answer names what it answers by it.
// It is comparable with ==, may be a map key, and tells nothing of its
// contents. The zero Token stands for none.
type Token struct {
	redacted[Token]
	// What it stands for, xor tokenMask: reflection finds a struct's fields whatever
	// its methods say, and must not find a nonce.
	size  uint8
	short [nonceSize]byte // as much as fits, so that most tokens need no memory of their own
	long  string          // the rest
}

// tokenMask is drawn once for each process and never written again.
var tokenMask = func() (mask [maxToken]byte) {
	_, _ = rand.Read(mask[:])
	return mask
}()

// newToken gives the token of at most maxToken bytes.
func newToken(b []byte) Token {
	t := Token{size: uint8(len(b))}
	n := copy(t.short[:], b)
	mask(t.short[:n], 0)
	if n < len(b) {
		var rest [maxToken]byte
		t.long = string(mask(rest[:copy(rest[:], b[n:])], n))
	}
	return t
}

func (t Token) bytes() []byte { return t.unmask(nil) }

// unmask appends what t stands for.
func (t *Token) unmask(dst []byte) []byte {
	n := len(dst)
	dst = append(dst, t.short[:min(int(t.size), len(t.short))]...)
	dst = append(dst, t.long...)
	mask(dst[n:], 0)
	return dst
}

// mask changes b, which lies that far in the token.
func mask(b []byte, offset int) []byte {
	subtle.XORBytes(b, b, tokenMask[offset:])
	return b
}

// IsZero reports whether t stands for no payload.
func (t Token) IsZero() bool { return t.size == 0 }

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
