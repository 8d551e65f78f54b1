package cryptobox

import (
	"crypto/hpke"
	"encoding/base64"
	"fmt"
)

// ReadingPublicKey is the public half of a [ReadingKey]: an X25519 key of 32 bytes in
// [SuiteSigned], and in [SuiteSignedPQ] one of X-Wing (draft-ietf-hpke-pq, MLKEM768-X25519) of
// 1216 bytes. Who has it can seal what only holders of the reading key open. It is never of low
// order and has one encoding, unless it is the zero value, which serves nothing. It can be
// compared with ==, is a map key, and is no secret.
type ReadingPublicKey struct {
	suite Suite
	b     string // immutable, so that keys of two sizes compare by their bytes
}

// ParseReadingPublicKey reads a public key as [ReadingPublicKey.String] writes it: "x25519:" or
// "xwing:" and standard base64 with padding. White space around it is ignored. The error is a
// *KeyError: [ErrWeakKey] for an X25519 key of low order (RFC 7748, section 6.1), alone or in
// one of X-Wing; [ErrKey] for anything else, for another encoding of an X25519 key, and for what
// ML-KEM refuses; [ErrPrimitive] where Go refuses to compute with such keys.
func ParseReadingPublicKey(text string) (ReadingPublicKey, error) {
	suite, b, err := decodeReadingPublic(text)
	if err != nil {
		return ReadingPublicKey{}, &KeyError{What: "reading public key", Err: err}
	}
	return NewReadingPublicKey(suite, b)
}

func decodeReadingPublic(text string) (Suite, []byte, error) {
	suite, encoded, err := parseReading(text)
	if err != nil {
		return 0, nil, err
	}
	size := readingKinds[suite].publicSize
	if size != keySize && len(encoded) == base64.StdEncoding.EncodedLen(keySize) {
		return 0, nil, fmt.Errorf("%w: want a public key, got the length of a private one", ErrKey)
	}
	b, err := decodeKey(encoded, size)
	return suite, b, err
}

// NewReadingPublicKey takes a copy of a key's bytes: 32 or 1216, by the suite. The error is a
// *KeyError, as for [ParseReadingPublicKey], and [ErrKey] for a suite that isn't [SuiteSigned]
// or [SuiteSignedPQ].
func NewReadingPublicKey(suite Suite, b []byte) (ReadingPublicKey, error) {
	if err := checkReading(suite, b); err != nil {
		return ReadingPublicKey{}, &KeyError{What: "reading public key", Err: err}
	}
	return ReadingPublicKey{suite, string(b)}, nil
}

func checkReading(suite Suite, b []byte) error {
	kind, err := suite.reading()
	if err != nil {
		return err
	}
	if len(b) != kind.publicSize {
		return fmt.Errorf("%w: want %d bytes, got %d", ErrKey, kind.publicSize, len(b))
	}
	point := lastPoint(b)
	if err := checkOrder(point); err != nil {
		return err
	}
	if !isReduced(point) {
		return fmt.Errorf("%w: not the one encoding of its X25519 key: it may be the private one", ErrKey)
	}
	if _, err := kind.kem.NewPublicKey(b); err != nil {
		return fmt.Errorf("%w: ML-KEM refuses it", ErrKey)
	}
	return nil
}

// isReduced reports whether a u-coordinate is below 2^255 - 19, in little-endian.
func isReduced(u *[keySize]byte) bool {
	if u[keySize-1] != 0x7f {
		return u[keySize-1] < 0x7f
	}
	for _, b := range u[1 : keySize-1] {
		if b != 0xff {
			return true
		}
	}
	return u[0] < 0xed
}

// Suite is the one that k is for; 0 for the zero value.
func (k ReadingPublicKey) Suite() Suite { return k.suite }

// Bytes returns a copy of the bytes, nil for the zero value.
func (k ReadingPublicKey) Bytes() []byte {
	if k.IsZero() {
		return nil
	}
	return []byte(k.b)
}

// IsZero reports whether k holds no key.
func (k ReadingPublicKey) IsZero() bool { return k == ReadingPublicKey{} }

// String is "x25519:" or "xwing:" and the key in standard base64 with padding, "" for the zero
// value.
func (k ReadingPublicKey) String() string {
	if k.IsZero() {
		return ""
	}
	return typedText(readingKinds[k.suite].keyType, []byte(k.b))
}

// MarshalText is String; the zero key is a *KeyError with [ErrWeakKey].
func (k ReadingPublicKey) MarshalText() ([]byte, error) {
	if k.IsZero() {
		return nil, &KeyError{What: "reading public key", Err: ErrWeakKey}
	}
	return []byte(k.String()), nil
}

// UnmarshalText is [ParseReadingPublicKey]. On an error k stays as it was.
func (k *ReadingPublicKey) UnmarshalText(text []byte) error {
	parsed, err := ParseReadingPublicKey(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// encapsulator is k as HPKE computes with it. Of X-Wing it takes a fifth of the time of a
// context: who begins many keeps it.
func (k ReadingPublicKey) encapsulator() (hpke.PublicKey, error) {
	if k.IsZero() {
		return nil, &KeyError{What: "reading public key", Err: ErrWeakKey}
	}
	public, err := readingKinds[k.suite].kem.NewPublicKey([]byte(k.b))
	if err != nil {
		return nil, &KeyError{What: "reading public key", Err: primitiveFailed(err)}
	}
	return public, nil
}
