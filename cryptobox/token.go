package cryptobox

import "crypto/rand"

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

func newToken(b []byte) Token { return Token{string(mask(b))} }

func (t Token) bytes() []byte { return mask([]byte(t.masked)) }

func mask(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = b[i] ^ tokenMask[i%len(tokenMask)]
	}
	return out
}

// IsZero reports whether t stands for no payload.
func (t Token) IsZero() bool { return t.masked == "" }
