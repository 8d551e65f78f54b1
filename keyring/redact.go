package keyring

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// What holds a key shows kind, id and pattern. No method hides the keys: package
// cryptobox does, where fields are walked without asking.

// String shows kind and id.
func (k Key) String() string {
	if k.check() != nil {
		return "keyring.Key(invalid)"
	}
	return fmt.Sprintf("keyring.Key(%v, id %q)", k.kind, k.ID())
}

// LogValue is String, for slog, which would ask MarshalText.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText fails with [cryptobox.ErrSecret], so that nobody saves a key
// that isn't there. It serves encoding/json too.
func (k Key) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("keyring: a Key can't be encoded, save what it was made from: %w", cryptobox.ErrSecret)
}

// String shows the pattern, and kind and id of the version that seals.
func (e *Entry) String() string {
	switch {
	case e.standing == plain:
		return fmt.Sprintf("keyring.Entry(%v, plain)", e.pattern)
	case e.standing == closed:
		return fmt.Sprintf("keyring.Entry(%v, closed)", e.pattern)
	}
	now := time.Now()
	for _, v := range e.versions {
		if e.stateOf(v, now) == StateActive {
			return fmt.Sprintf("keyring.Entry(%v, %v, id %q)", e.pattern, v.key.kind, v.ID())
		}
	}
	return fmt.Sprintf("keyring.Entry(%v, none active)", e.pattern)
}

// String shows the id.
func (v *Version) String() string { return fmt.Sprintf("keyring.Version(id %q)", v.ID()) }

// String shows the number of patterns.
func (r *Ring) String() string { return fmt.Sprintf("keyring.Ring(%d patterns)", r.Len()) }
