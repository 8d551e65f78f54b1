package cryptobox

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// keySize is the length in bytes of every key here: X25519 private and public
// keys (RFC 7748) and XSalsa20-Poly1305 keys (NaCl secretbox).
const keySize = 32

// PrivateKey is an X25519 private key of 32 bytes. The zero value holds no key
// and serves nothing. It can be copied freely and used by several goroutines.
//
// It prints as its type's name with every verb, also from inside other
// structs, and refuses to be marshalled; see [PrivateKey.UnsafeBytes].
type PrivateKey struct {
	redacted[PrivateKey]
	key secret
	own func() *ecdh.PrivateKey // hidden as a secret is
}

// GenerateKey makes a key from crypto/rand, which does not fail: where the
// system has no randomness the program ends. Where Go refuses to compute with
// such keys it panics with a *KeyError that wraps [ErrPrimitive].
func GenerateKey() PrivateKey {
	k, err := newPrivateKey(randomKey())
	if err != nil {
		panic(err)
	}
	return k
}

func newPrivateKey(b [keySize]byte) (PrivateKey, error) {
	own, err := ecdh.X25519().NewPrivateKey(b[:])
	if err != nil {
		return PrivateKey{}, &KeyError{What: "private key", Err: primitiveFailed(err)}
	}
	return PrivateKey{key: newSecret(b), own: func() *ecdh.PrivateKey { return own }}, nil
}

// ecdh gives X25519(k, peer), as a [Device] does.
func (k PrivateKey) ecdh(peer PublicKey) ([]byte, error) {
	public, err := ecdh.X25519().NewPublicKey(peer.b[:])
	if err != nil {
		return nil, err
	}
	return k.own().ECDH(public)
}

func randomKey() (b [keySize]byte) {
	for b == [keySize]byte{} {
		_, _ = rand.Read(b[:])
	}
	return b
}

// ParsePrivateKey reads a private key: 44 characters of standard base64 with
// padding, as Autobahn writes keys, or 64 of hex in either case. White space
// around it is ignored. The error is a *KeyError: [ErrKey] for anything else,
// [ErrWeakKey] for the all-zero key, [ErrPrimitive] where Go refuses to compute
// with such keys.
func ParsePrivateKey(text string) (PrivateKey, error) {
	b, err := parseKey(text)
	if err != nil {
		return PrivateKey{}, &KeyError{What: "private key", Err: err}
	}
	return NewPrivateKey(b)
}

// NewPrivateKey takes a copy of 32 bytes. The error is a *KeyError, as for
// [ParsePrivateKey].
func NewPrivateKey(b []byte) (PrivateKey, error) {
	k, err := keyBytes(b)
	if err != nil {
		return PrivateKey{}, &KeyError{What: "private key", Err: err}
	}
	return newPrivateKey(*k)
}

// Public gives the public key that belongs to k. The zero PrivateKey gives the
// zero PublicKey.
func (k PrivateKey) Public() PublicKey {
	if k.IsZero() {
		return PublicKey{}
	}
	return PublicKey{[keySize]byte(k.own().PublicKey().Bytes())}
}

// IsZero reports whether k holds no key.
func (k PrivateKey) IsZero() bool { return k.key == nil }

// Equal reports in constant time whether both hold the same key. Private keys
// can't be compared with ==.
func (k PrivateKey) Equal(other PrivateKey) bool { return k.key.equal(other.key) }

// UnsafeBytes returns a copy of the 32 secret bytes, nil for the zero value.
// It is the only way to them; look for its name when reviewing a program.
func (k PrivateKey) UnsafeBytes() []byte { return k.key.copy() }

// PublicKey is an X25519 public key of 32 bytes: never all-zero and never of
// low order, unless it is the zero value, which serves nothing. It can be
// compared with ==, is a map key, and is no secret: String is its base64.
type PublicKey struct{ b [keySize]byte }

// ParsePublicKey reads a public key in the forms of [ParsePrivateKey]. The
// error is a *KeyError: [ErrKey], [ErrWeakKey] for the all-zero key and for
// points of low order (RFC 7748, section 6.1), or [ErrPrimitive].
func ParsePublicKey(text string) (PublicKey, error) {
	b, err := parseKey(text)
	if err != nil {
		return PublicKey{}, &KeyError{What: "public key", Err: err}
	}
	return NewPublicKey(b)
}

// NewPublicKey takes a copy of 32 bytes. The error is a *KeyError, as for
// [ParsePublicKey].
func NewPublicKey(b []byte) (PublicKey, error) {
	k, err := keyBytes(b)
	if err == nil {
		err = checkOrder(k)
	}
	if err != nil {
		return PublicKey{}, &KeyError{What: "public key", Err: err}
	}
	return PublicKey{*k}, nil
}

// Bytes returns a copy of the 32 bytes.
func (k PublicKey) Bytes() []byte { return k.b[:] }

// IsZero reports whether k holds no key.
func (k PublicKey) IsZero() bool { return k == PublicKey{} }

// String is the key in standard base64 with padding, as Autobahn writes keys.
func (k PublicKey) String() string { return base64.StdEncoding.EncodeToString(k.b[:]) }

// MarshalText is String; the zero key is a *KeyError with [ErrWeakKey].
func (k PublicKey) MarshalText() ([]byte, error) {
	if k.IsZero() {
		return nil, &KeyError{What: "public key", Err: ErrWeakKey}
	}
	return []byte(k.String()), nil
}

// UnmarshalText is [ParsePublicKey]. On an error k stays as it was.
func (k *PublicKey) UnmarshalText(text []byte) error {
	parsed, err := ParsePublicKey(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// parseKey decodes base64 or hex, told apart by length, into 32 bytes.
func parseKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	var b []byte
	var err error
	switch len(text) {
	case base64.StdEncoding.EncodedLen(keySize):
		// Strict, so that one key has one text.
		b, err = base64.StdEncoding.Strict().DecodeString(text)
	case hex.EncodedLen(keySize):
		b, err = hex.DecodeString(text)
	default:
		return nil, fmt.Errorf("%w: want 44 characters of base64 or 64 of hex, got %d", ErrKey, len(text))
	}
	if err != nil || len(b) != keySize {
		// The decoder's own error would quote the text.
		return nil, fmt.Errorf("%w: want 44 characters of base64 or 64 of hex, got other characters", ErrKey)
	}
	return b, nil
}

// keyBytes copies a key of the right length that isn't all zero.
func keyBytes(b []byte) (*[keySize]byte, error) {
	if len(b) != keySize {
		return nil, fmt.Errorf("%w: want %d bytes, got %d", ErrKey, keySize, len(b))
	}
	k := [keySize]byte(b)
	if allZero(k[:]) {
		return nil, ErrWeakKey
	}
	return &k, nil
}

// allZero tells in constant time whether a secret of keySize bytes is none.
func allZero(secret []byte) bool {
	return subtle.ConstantTimeCompare(secret, make([]byte, keySize)) == 1
}

// checkOrder refuses points of low order. Private scalars are multiples of the
// cofactor (RFC 7748), so such a point gives the all-zero secret with any of
// them, which crypto/ecdh refuses.
func checkOrder(k *[keySize]byte) error {
	scalar := [keySize]byte{1}
	private, err := ecdh.X25519().NewPrivateKey(scalar[:])
	if err != nil {
		return primitiveFailed(err)
	}
	public, err := ecdh.X25519().NewPublicKey(k[:])
	if err != nil {
		return primitiveFailed(err)
	}
	if _, err := private.ECDH(public); err != nil {
		return ErrWeakKey
	}
	return nil
}
