package cryptobox

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// Token stands for one sealed message: by it an answer names what it answers. It is
// comparable with ==, may be a map key, and tells nothing of its contents. The zero Token
// stands for none.
type Token struct {
	redacted[Token]
	// What it stands for, xor tokenMask: reflection finds a struct's fields whatever its
	// methods say, and must not find a nonce. No message has one that equals the mask.
	masked [tokenSize]byte
}

// tokenSize is what a token stands for, in bytes.
const tokenSize = 24

// tokenMask is drawn once for each process and never written again.
var tokenMask = func() (mask [tokenSize]byte) {
	_, _ = rand.Read(mask[:])
	return mask
}()

// newToken gives the token of at most tokenSize bytes. An AES-GCM nonce is shorter.
func newToken(b []byte) (t Token) {
	copy(t.masked[:], b)
	subtle.XORBytes(t.masked[:], t.masked[:], tokenMask[:])
	return t
}

// bytes are what t stands for.
func (t Token) bytes() (b [tokenSize]byte) {
	subtle.XORBytes(b[:], t.masked[:], tokenMask[:])
	return b
}

// IsZero reports whether t stands for no message.
func (t Token) IsZero() bool { return t == Token{} }

// Short is the first 8 bytes of the token, in hex, for people; "" for the zero Token.
func (t Token) Short() string {
	if t.IsZero() {
		return ""
	}
	b := t.bytes()
	return hex.EncodeToString(b[:8])
}

// fingerprintLabel keeps fingerprints apart from every other hash that is taken of a token.
const fingerprintLabel = "wampbox-token-1"

// Fingerprint returns SHA-256 of a label and what the token stands for: the same in every
// process, where == holds within one. It is for stores that processes share. It doesn't lead
// back to the token. Whoever has seen the message can compute it too, so it is no secret and
// proves nothing. The zero Token has the zero fingerprint.
func (t Token) Fingerprint() (sum [sha256.Size]byte) {
	if t.IsZero() {
		return sum
	}
	b := t.bytes()
	return sha256.Sum256(append([]byte(fingerprintLabel), b[:]...))
}
