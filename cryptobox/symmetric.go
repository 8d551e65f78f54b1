package cryptobox

import "sync/atomic"

// SymmetricKey is a key of 32 bytes that all parties share, for
// XSalsa20-Poly1305 (NaCl secretbox, [NewSecretBox]) or AES-256-GCM
// ([NewAESGCM]): one key serves one of them. The zero value holds no key and
// serves nothing. It prints and marshals like a [PrivateKey]: not at all.
//
// Every holder can seal as any other. Where the parties of a conversation
// differ, a pair of [PrivateKey] and [PublicKey] says more.
type SymmetricKey struct {
	redacted[SymmetricKey]
	key   secret
	seals *atomic.Uint64 // with AES-GCM, by all copies of this value
}

func newSymmetricKey(b [keySize]byte) SymmetricKey {
	return SymmetricKey{key: newSecret(b), seals: new(atomic.Uint64)}
}

// GenerateSymmetricKey makes a key from crypto/rand, which does not fail.
func GenerateSymmetricKey() SymmetricKey {
	return newSymmetricKey(randomKey())
}

// ParseSymmetricKey reads a key in the forms of [ParsePrivateKey]. The error
// is a *KeyError: [ErrKey], or [ErrWeakKey] for the all-zero key.
func ParseSymmetricKey(text string) (SymmetricKey, error) {
	b, err := parseKey(text)
	if err != nil {
		return SymmetricKey{}, &KeyError{What: "symmetric key", Err: err}
	}
	return NewSymmetricKey(b)
}

// NewSymmetricKey takes a copy of 32 bytes. The error is a *KeyError, as for
// [ParseSymmetricKey].
func NewSymmetricKey(b []byte) (SymmetricKey, error) {
	k, err := keyBytes(b)
	if err != nil {
		return SymmetricKey{}, &KeyError{What: "symmetric key", Err: err}
	}
	return newSymmetricKey(*k), nil
}

// IsZero reports whether k holds no key.
func (k SymmetricKey) IsZero() bool { return k.key == nil }

// Equal reports in constant time whether both hold the same key.
func (k SymmetricKey) Equal(other SymmetricKey) bool { return k.key.equal(other.key) }

// UnsafeBytes returns a copy of the 32 secret bytes, nil for the zero value.
// It is the only way to them.
func (k SymmetricKey) UnsafeBytes() []byte { return k.key.copy() }
