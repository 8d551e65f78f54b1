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

func newSecret(k [keySize]byte) secret {
	return func() *[keySize]byte { return &k }
}

// source gives the key of a [Box], hidden as a secret is, or says why there is
// none yet.
type source func() (*[keySize]byte, error)

// source of a secret that is known.
func (s secret) source() source {
	return func() (*[keySize]byte, error) { return s(), nil }
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
	refuseAESGCM    = "AESGCM: store the key it is made from"
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

// String names the algorithm and nothing of the key.
func (b *Box) String() string {
	if b.isZero() {
		return "cryptobox.Box(none)"
	}
	return "cryptobox.Box(" + b.algorithm + ", redacted)"
}

// GoString is String.
func (b *Box) GoString() string { return b.String() }

// Format writes String for every verb.
func (b *Box) Format(f fmt.State, _ rune) { printRedacted(f, b.String()) }

// LogValue gives String to slog.
func (b *Box) LogValue() slog.Value { return slog.StringValue(b.String()) }

// MarshalText returns [ErrSecret].
func (b *Box) MarshalText() ([]byte, error) { return refuse(refuseBox) }

// MarshalJSON returns [ErrSecret].
func (b *Box) MarshalJSON() ([]byte, error) { return refuse(refuseBox) }

// MarshalBinary returns [ErrSecret].
func (b *Box) MarshalBinary() ([]byte, error) { return refuse(refuseBox) }

// String names the algorithm and nothing of the key.
func (c *AESGCM) String() string {
	if c.isZero() {
		return "cryptobox.AESGCM(none)"
	}
	return "cryptobox.AESGCM(" + AlgorithmAESGCM + ", redacted)"
}

// GoString is String.
func (c *AESGCM) GoString() string { return c.String() }

// Format writes String for every verb.
func (c *AESGCM) Format(f fmt.State, _ rune) { printRedacted(f, c.String()) }

// LogValue gives String to slog.
func (c *AESGCM) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText returns [ErrSecret].
func (c *AESGCM) MarshalText() ([]byte, error) { return refuse(refuseAESGCM) }

// MarshalJSON returns [ErrSecret].
func (c *AESGCM) MarshalJSON() ([]byte, error) { return refuse(refuseAESGCM) }

// MarshalBinary returns [ErrSecret].
func (c *AESGCM) MarshalBinary() ([]byte, error) { return refuse(refuseAESGCM) }

// String tells sizes only.
func (r Record) String() string {
	bound := "unbound"
	if r.Bind != nil {
		bound = "bound"
	}
	return fmt.Sprintf("cryptobox.Record(uri of %d bytes, %d args, %d kwargs, %s)", len(r.URI), len(r.Args), len(r.Kwargs), bound)
}

// GoString is String.
func (r Record) GoString() string { return r.String() }

// Format writes String for every verb.
func (r Record) Format(f fmt.State, _ rune) { printRedacted(f, r.String()) }

// LogValue gives String to slog.
func (r Record) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalText returns [ErrSecret]: a record leaves the program sealed.
func (r Record) MarshalText() ([]byte, error) { return refuse(refuseRecord) }

// MarshalJSON returns [ErrSecret].
func (r Record) MarshalJSON() ([]byte, error) { return refuse(refuseRecord) }

// MarshalBinary returns [ErrSecret].
func (r Record) MarshalBinary() ([]byte, error) { return refuse(refuseRecord) }

// String tells the metadata and the payload's size.
func (e Envelope) String() string {
	return fmt.Sprintf("cryptobox.Envelope(%q, %q, key %q, %d bytes)", e.Algorithm, string(e.Serializer), e.KeyID, len(e.Payload))
}

// GoString is String.
func (e Envelope) GoString() string { return e.String() }

// Format writes String for every verb.
func (e Envelope) Format(f fmt.State, _ rune) { printRedacted(f, e.String()) }

// LogValue gives String to slog.
func (e Envelope) LogValue() slog.Value { return slog.StringValue(e.String()) }

// MarshalText returns [ErrSecret]: a framing decides how an Envelope travels.
func (e Envelope) MarshalText() ([]byte, error) { return refuse(refuseEnvelope) }

// MarshalJSON returns [ErrSecret].
func (e Envelope) MarshalJSON() ([]byte, error) { return refuse(refuseEnvelope) }

// MarshalBinary returns [ErrSecret].
func (e Envelope) MarshalBinary() ([]byte, error) { return refuse(refuseEnvelope) }

// String tells only whether there is one.
func (t Token) String() string {
	if t.IsZero() {
		return "cryptobox.Token(none)"
	}
	return "cryptobox.Token(redacted)"
}

// GoString is String.
func (t Token) GoString() string { return t.String() }

// Format writes String for every verb.
func (t Token) Format(f fmt.State, _ rune) { printRedacted(f, t.String()) }

// LogValue gives String to slog.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText returns [ErrSecret].
func (t Token) MarshalText() ([]byte, error) { return refuse(refuseToken) }

// MarshalJSON returns [ErrSecret].
func (t Token) MarshalJSON() ([]byte, error) { return refuse(refuseToken) }

// MarshalBinary returns [ErrSecret].
func (t Token) MarshalBinary() ([]byte, error) { return refuse(refuseToken) }
