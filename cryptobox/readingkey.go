package cryptobox

import (
	"crypto/hpke"
	"encoding/base64"
	"errors"
	"fmt"
)

// ReadingKey is an HPKE private key (RFC 9180) of 32 bytes, or devices that hold one: X25519 in
// [SuiteSigned], and X-Wing (draft-ietf-hpke-pq, MLKEM768-X25519) in [SuiteSignedPQ]. Its
// holders open the signed messages of a pattern, and the answers to them. The zero value holds
// no key and opens nothing. It can be copied freely and used by several goroutines. It prints
// and marshals like a [PrivateKey]: not at all.
type ReadingKey struct {
	redacted[ReadingKey]
	key    secret // nil of a device
	public ReadingPublicKey
	join   func(encapsulated, info []byte) (*hpke.Recipient, error) // hidden as a secret is
}

// GenerateReadingKey makes a key of a suite from crypto/rand, which does not fail. The error is
// a *KeyError: [ErrKey] for a suite that isn't [SuiteSigned] or [SuiteSignedPQ], [ErrPrimitive]
// where Go refuses to compute with such keys. Where its text is given in place of a
// [ReadingPublicKey], it is refused.
func GenerateReadingKey(suite Suite) (ReadingKey, error) {
	b := randomKey()
	if suite == SuiteSigned {
		b[keySize-1] |= 0x80 // which X25519 passes over (RFC 7748, section 5), and public keys don't have
	}
	return newReadingKey(suite, b)
}

func newReadingKey(suite Suite, b [keySize]byte) (ReadingKey, error) {
	kind, err := suite.reading()
	if err != nil {
		return ReadingKey{}, &KeyError{What: "reading key", Err: err}
	}
	own, err := kind.kem.NewPrivateKey(b[:])
	if err != nil {
		return ReadingKey{}, &KeyError{What: "reading key", Err: primitiveFailed(err)}
	}
	public, err := NewReadingPublicKey(suite, own.PublicKey().Bytes())
	if err != nil {
		return ReadingKey{}, err
	}
	return ReadingKey{key: newSecret(b), public: public, join: func(encapsulated, info []byte) (*hpke.Recipient, error) {
		recipient, err := newRecipient(encapsulated, own, info)
		switch {
		case err == nil:
			return recipient, nil
		case errors.Is(checkOrder(lastPoint(encapsulated)), ErrWeakKey):
			return nil, ErrOpen
		}
		return nil, &KeyError{What: "reading key", Err: primitiveFailed(err)}
	}}, nil
}

// ParseReadingKey reads a reading key as [ReadingKey.UnsafeText] writes it: "x25519:" or
// "xwing:" and 44 characters of standard base64 with padding. White space around it is ignored.
// The text of an X25519 public key looks the same: it is taken for another private key. The
// error is a *KeyError: [ErrKey], [ErrWeakKey] for the all-zero key, or [ErrPrimitive].
func ParseReadingKey(text string) (ReadingKey, error) {
	suite, b, err := decodeReading(text)
	if err != nil {
		return ReadingKey{}, &KeyError{What: "reading key", Err: err}
	}
	return NewReadingKey(suite, b)
}

func decodeReading(text string) (Suite, []byte, error) {
	suite, encoded, err := parseReading(text)
	if err != nil {
		return 0, nil, err
	}
	if size := readingKinds[suite].publicSize; size != keySize && len(encoded) == base64.StdEncoding.EncodedLen(size) {
		return 0, nil, fmt.Errorf("%w: want a private key, got the length of a public one", ErrKey)
	}
	b, err := decodeKey(encoded, keySize)
	return suite, b, err
}

// NewReadingKey takes a copy of 32 bytes: in [SuiteSigned] the private key, in [SuiteSignedPQ]
// the seed that X-Wing's two private keys are made from. The error is a *KeyError, as for
// [ParseReadingKey] and [GenerateReadingKey].
func NewReadingKey(suite Suite, b []byte) (ReadingKey, error) {
	k, err := keyBytes(b)
	if err != nil {
		return ReadingKey{}, &KeyError{What: "reading key", Err: err}
	}
	return newReadingKey(suite, *k)
}

// Suite is the one that k is for; 0 for the zero value.
func (k ReadingKey) Suite() Suite { return k.public.suite }

// Public gives the public key that belongs to k. The zero ReadingKey gives the zero
// ReadingPublicKey.
func (k ReadingKey) Public() ReadingPublicKey { return k.public }

// IsZero reports whether k holds no key.
func (k ReadingKey) IsZero() bool { return k.join == nil }

// Equal reports whether both read what is sealed for the same [ReadingPublicKey], be it in a
// device or not. Reading keys can't be compared with ==.
func (k ReadingKey) Equal(other ReadingKey) bool { return k.public == other.public }

// UnsafeBytes returns a copy of the 32 secret bytes, nil for the zero value and for a key in a
// device.
func (k ReadingKey) UnsafeBytes() []byte { return k.key.copy() }

// UnsafeText is "x25519:" or "xwing:" and the 32 secret bytes in standard base64 with padding,
// and "" where UnsafeBytes is nil.
func (k ReadingKey) UnsafeText() string { return k.key.text(readingKinds[k.public.suite].keyType) }

// receive joins the context that [newSender] began. Errors: [ErrOpen] for an
// encapsulated key of another length or of low order; a *KeyError with [ErrKey] for the zero
// ReadingKey, with [ErrDevice], or with [ErrPrimitive]. Another info, or an encapsulated key
// for somebody else, give a context of other secrets and no error.
func (k ReadingKey) receive(encapsulated, info []byte) (*hpke.Recipient, error) {
	if k.IsZero() {
		return nil, &KeyError{What: "reading key", Err: fmt.Errorf("%w: a zero ReadingKey", ErrKey)}
	}
	if len(encapsulated) != readingKinds[k.public.suite].encapsulatedSize {
		return nil, ErrOpen
	}
	return k.join(encapsulated, info)
}
