package cryptobox

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// ScrambleSecret hides the components of URIs from routers: 32 bytes that all parties of the
// URIs below a prefix share. [NewScrambler] applies it. It seals nothing, and no key is made of
// it. The zero value holds no secret. It prints and marshals like a [PrivateKey]: not at all.
type ScrambleSecret struct {
	redacted[ScrambleSecret]
	key secret
}

// scrambleIDLabel makes the id of a secret of its key.
const scrambleIDLabel = "wampbox-uri-id-1"

// GenerateScrambleSecret makes a secret from crypto/rand, which does not fail.
func GenerateScrambleSecret() ScrambleSecret { return ScrambleSecret{key: newSecret(randomKey())} }

// ParseScrambleSecret reads a secret as [ScrambleSecret.UnsafeText] writes it: "scramble:" and 44
// characters of standard base64 with padding. White space around it is ignored. The error is a
// *KeyError: [ErrKey], or [ErrWeakKey] for the all-zero secret.
func ParseScrambleSecret(text string) (ScrambleSecret, error) {
	_, encoded, err := parseType(text, typeScramble)
	var b []byte
	if err == nil {
		b, err = decodeKey(encoded, keySize)
	}
	if err != nil {
		return ScrambleSecret{}, &KeyError{What: whatScramble, Err: err}
	}
	return NewScrambleSecret(b)
}

const whatScramble = "scramble secret"

// NewScrambleSecret takes a copy of 32 bytes. The error is a *KeyError, as for
// [ParseScrambleSecret].
func NewScrambleSecret(b []byte) (ScrambleSecret, error) {
	k, err := keyBytes(b)
	if err != nil {
		return ScrambleSecret{}, &KeyError{What: whatScramble, Err: err}
	}
	return ScrambleSecret{key: newSecret(*k)}, nil
}

// ID names the secret, and gives nothing of it away: the first 16 bytes of HMAC-SHA-256 of a
// label under it.
func (s ScrambleSecret) ID() (id KeyID) {
	if s.key == nil {
		return id
	}
	mac := hmac.New(sha256.New, s.key()[:])
	_, _ = mac.Write([]byte(scrambleIDLabel)) // a hash has no error
	copy(id[:], mac.Sum(nil))
	return id
}

// IsZero reports whether s holds no secret.
func (s ScrambleSecret) IsZero() bool { return s.key == nil }

// Equal reports in constant time whether both hold the same secret.
func (s ScrambleSecret) Equal(other ScrambleSecret) bool { return s.key.equal(other.key) }

// UnsafeBytes returns a copy of the 32 secret bytes, nil for the zero value.
func (s ScrambleSecret) UnsafeBytes() []byte { return s.key.copy() }

// UnsafeText returns the secret as a text that [ParseScrambleSecret] reads, "" for the zero value.
func (s ScrambleSecret) UnsafeText() string { return s.key.text(typeScramble) }

// check refuses the zero value.
func (s ScrambleSecret) check() error {
	if s.key == nil {
		return &KeyError{What: whatScramble, Err: fmt.Errorf("%w: the zero value: generate or parse one", ErrKey)}
	}
	return nil
}
