package cryptobox

import (
	"fmt"
	"io"
	"log/slog"
)

// secret hides 32 key bytes behind a func value. Whoever prints a struct that
// holds a key in an unexported field never calls our methods: fmt, go-spew
// and test libraries then walk the fields by reflection. At a func they find
// an address and stop.
type secret func() *[keySize]byte

// newSecret copies b and hides the copy.
func newSecret(b *[keySize]byte) secret {
	k := *b
	return func() *[keySize]byte { return &k }
}

// printRedacted writes text for every verb and flag of fmt.
func printRedacted(f fmt.State, text string) {
	// fmt.State never fails, and there is nobody to tell.
	_, _ = io.WriteString(f, text)
}

// refuse is what every MarshalText, MarshalJSON and MarshalBinary here does.
func refuse(what string) ([]byte, error) { return nil, fmt.Errorf("%w: %s", ErrSecret, what) }

const (
	refusePrivate   = "PrivateKey: use UnsafeBytes to store it on purpose"
	refuseSymmetric = "SymmetricKey: use UnsafeBytes to store it on purpose"
	refuseBox       = "Box: store the keys it is made from"
	refuseRecord    = "Record: seal it, or use Serializer.Encode for the plaintext"
	refuseEnvelope  = "Envelope: put its four fields where they belong"
	refuseToken     = "Token: it is for comparing only"
)

// String names the type and tells whether there is a key.
func (k PrivateKey) String() string { return redactedKey("PrivateKey", k.IsZero()) }

// GoString is String.
func (k PrivateKey) GoString() string { return k.String() }

// Format writes String for every verb.
func (k PrivateKey) Format(f fmt.State, _ rune) { printRedacted(f, k.String()) }

// LogValue gives String to slog.
func (k PrivateKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns [ErrSecret], so that nobody stores a redacted key.
func (k PrivateKey) MarshalText() ([]byte, error) { return refuse(refusePrivate) }

// MarshalJSON returns [ErrSecret].
func (k PrivateKey) MarshalJSON() ([]byte, error) { return refuse(refusePrivate) }

// MarshalBinary returns [ErrSecret].
func (k PrivateKey) MarshalBinary() ([]byte, error) { return refuse(refusePrivate) }

// String names the type and tells whether there is a key.
func (k SymmetricKey) String() string { return redactedKey("SymmetricKey", k.IsZero()) }

// GoString is String.
func (k SymmetricKey) GoString() string { return k.String() }

// Format writes String for every verb.
func (k SymmetricKey) Format(f fmt.State, _ rune) { printRedacted(f, k.String()) }

// LogValue gives String to slog.
func (k SymmetricKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns [ErrSecret], so that nobody stores a redacted key.
func (k SymmetricKey) MarshalText() ([]byte, error) { return refuse(refuseSymmetric) }

// MarshalJSON returns [ErrSecret].
func (k SymmetricKey) MarshalJSON() ([]byte, error) { return refuse(refuseSymmetric) }

// MarshalBinary returns [ErrSecret].
func (k SymmetricKey) MarshalBinary() ([]byte, error) { return refuse(refuseSymmetric) }

func redactedKey(name string, zero bool) string {
	if zero {
		return "cryptobox." + name + "(none)"
	}
	return "cryptobox." + name + "(redacted)"
}
