package cryptobox

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// redacted gives the type T that embeds it all methods by which values are
// printed and marshalled. It shows T's name, and marshals to [ErrSecret].
//
// Methods don't do alone. Where a struct of somebody's own has a T in an
// unexported field, fmt, go-spew and test libraries walk its fields by reflection
// and call none. So a T keeps what nobody is to see behind a func value: there
// they find an address and stop.
type redacted[T any] struct{ codec.Secret }

// String names the type.
func (redacted[T]) String() string { return reflect.TypeFor[T]().String() + "(redacted)" }

// GoString is String.
func (r redacted[T]) GoString() string { return r.String() }

// Format writes String for every verb.
func (r redacted[T]) Format(f fmt.State, _ rune) {
	// fmt.State never fails, and there is nobody to tell.
	_, _ = io.WriteString(f, r.String())
}

// LogValue gives String to slog.
func (r redacted[T]) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalText returns [ErrSecret], so that nobody stores what isn't there.
func (redacted[T]) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("%w: %v", ErrSecret, reflect.TypeFor[T]())
}

// MarshalJSON returns [ErrSecret].
func (r redacted[T]) MarshalJSON() ([]byte, error) { return r.MarshalText() }

// MarshalBinary returns [ErrSecret].
func (r redacted[T]) MarshalBinary() ([]byte, error) { return r.MarshalText() }

// secret hides 32 key bytes behind a func value.
type secret func() *[keySize]byte

func newSecret(k [keySize]byte) secret {
	return func() *[keySize]byte { return &k }
}

// copy gives the bytes, nil where there is no key.
func (s secret) copy() []byte {
	if s == nil {
		return nil
	}
	return slices.Clone(s()[:])
}

// text gives the bytes as a typed text, "" where there is no key.
func (s secret) text(keyType string) string {
	if s == nil {
		return ""
	}
	return typedText(keyType, s()[:])
}

func (s secret) equal(other secret) bool {
	if s == nil || other == nil {
		return s == nil && other == nil
	}
	return subtle.ConstantTimeCompare(s()[:], other()[:]) == 1
}

// source gives the key of a [Box], hidden as a secret is, or says why there is
// none yet.
type source func() (*[keySize]byte, error)

// source of a secret that is known.
func (s secret) source() source {
	return func() (*[keySize]byte, error) { return s(), nil }
}
