package keyring

import (
	"fmt"
	"log/slog"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Whatever holds a key shows kind, id and pattern, under every verb of fmt and
// in slog.

// String shows kind and id.
func (k Key) String() string {
	if k.check() != nil {
		return "keyring.Key(invalid)"
	}
	return fmt.Sprintf("keyring.Key(%v, id %q)", k.kind, k.ID())
}

// GoString is String, for %#v.
func (k Key) GoString() string { return k.String() }

// Format is String under every verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue is String, for slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText fails with [cryptobox.ErrSecret], so that nobody saves a key
// that isn't there. It serves encoding/json too.
func (k Key) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("keyring: a Key can't be encoded, save what it was made from: %w", cryptobox.ErrSecret)
}

// String shows the pattern, and kind and id of the active version.
func (e *Entry) String() string {
	v := e.active()
	if v == nil {
		return fmt.Sprintf("keyring.Entry(%v, none active)", e.pattern)
	}
	return fmt.Sprintf("keyring.Entry(%v, %v, id %q)", e.pattern, v.key.kind, v.ID())
}

// GoString is String, for %#v.
func (e *Entry) GoString() string { return e.String() }

// Format is String under every verb.
func (e *Entry) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.String()) }

// LogValue is String, for slog.
func (e *Entry) LogValue() slog.Value { return slog.StringValue(e.String()) }

// String shows the id.
func (v *Version) String() string { return fmt.Sprintf("keyring.Version(id %q)", v.ID()) }

// GoString is String, for %#v.
func (v *Version) GoString() string { return v.String() }

// Format is String under every verb.
func (v *Version) Format(f fmt.State, _ rune) { fmt.Fprint(f, v.String()) }

// LogValue is String, for slog.
func (v *Version) LogValue() slog.Value { return slog.StringValue(v.String()) }

// String shows the number of patterns.
func (r *Ring) String() string { return fmt.Sprintf("keyring.Ring(%d patterns)", r.Len()) }

// GoString is String, for %#v.
func (r *Ring) GoString() string { return r.String() }

// Format is String under every verb.
func (r *Ring) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue is String, for slog.
func (r *Ring) LogValue() slog.Value { return slog.StringValue(r.String()) }
