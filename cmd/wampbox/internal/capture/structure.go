package capture

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// structured looks for a message or an enc argument in data. It returns nil
// where data is neither, and so a payload alone.
func structured(data []byte) (*Capture, error) {
	if isJSON(bytes.TrimSpace(data)) {
		value, err := valueOf(cryptobox.JSON, data)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCapture, err)
		}
		return of(cryptobox.JSON, value)
	}
	for _, s := range []cryptobox.Serializer{cryptobox.MessagePack, cryptobox.CBOR} {
		value, err := valueOf(s, data)
		if err != nil {
			continue
		}
		// Random bytes are now and then a value, but never a message: what
		// doesn't look like one all through is a payload alone.
		c, err := of(s, value)
		if err == nil || !errors.Is(err, ErrCapture) {
			return c, err
		}
	}
	return nil, nil
}

// of reads a decoded value as a message or as an enc argument.
func of(s cryptobox.Serializer, value any) (c *Capture, err error) {
	switch v := value.(type) {
	case []any:
		c, err = message(v)
	case map[string]any:
		c, err = encArgument(v)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.Serializer = s
	return c, nil
}

// encArgument reads keyword arguments that hold an enc argument, or the map of
// one.
func encArgument(m map[string]any) (*Capture, error) {
	if _, wrapped := m[wire.EncName]; !wrapped {
		if _, bare := m["payload"]; !bare {
			return nil, fmt.Errorf("%w: the map is no enc argument", ErrCapture)
		}
		m = map[string]any{wire.EncName: m}
	}
	c := &Capture{Form: EncArgument}
	return c, c.take(&wire.Part{Kwargs: m})
}

// take finds the framing of a part, and takes the envelope out of it.
func (c *Capture) take(part *wire.Part) error {
	for _, framing := range wire.Framings() {
		traits := framing.Traits()
		if !traits.Marks.In(part) {
			continue
		}
		// Where there are marks of another framing too, this one refuses them.
		env, err := framing.Take(part)
		if err != nil {
			return fmt.Errorf("the %s framing: %w", traits.Name, err)
		}
		c.Framing, c.Envelope = traits.Name, env
		return nil
	}
	return nil
}
