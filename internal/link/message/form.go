package message

import (
	"fmt"
	"reflect"
	"time"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Form gives what v becomes in a plain message: what a client of nexus reads of what
// nexus's serializer writes. That is nil, a boolean, an integer, a float64, a string, a
// []byte, a time.Time, or a list or map of such; or what only a tag or an extension stands
// for, as nexus has it. A list or map of nexus's types gives itself, with all that it holds.
//
// Errors are a [*codec.ValueError], or wrap codec.ErrTooLarge, and hold nothing of v. ugorji's
// codec makes such an error of a panic of v's own methods.
func (c *Codec) Form(v any) (any, error) {
	if c.named {
		if form, ok := c.formOfNamed(v); ok {
			return form, nil
		}
	}
	if err := codec.Survey(v, c.writesItself); err != nil {
		return nil, err
	}
	b, err := c.appendOther(nil, v)
	if err != nil {
		return nil, formError(v, "its own methods fail or panic, or it holds what "+c.name+" has no form for")
	}
	defer clear(b)
	s := scan{syntax: c.syntax, b: b, limit: codec.MostMemory(codec.MaxBytes)}
	if s.value(0, 1) != len(b) && s.err == nil {
		s.err = errMalformed
	}
	switch s.err {
	case errMemory:
		return nil, fmt.Errorf("%w: %T takes too much memory", codec.ErrTooLarge, v)
	case errMalformed:
		return nil, formError(v, "what it writes of itself is no "+c.name)
	}
	if form, ok := c.decode(b); ok {
		return form, nil
	}
	return nil, formError(v, "it is nested too deep, or has map keys that are no text")
}

func formError(v any, why string) error {
	return &codec.ValueError{Type: fmt.Sprintf("%T", v), Why: why + ": convert it to lists, and maps with text keys, first"}
}

// formOfNamed is Form of nexus's named types, and of times where they are no text, without
// copying what they hold. Binary data is bytes in every format.
func (c *Codec) formOfNamed(v any) (any, bool) {
	switch v := v.(type) {
	case wamp.Dict:
		return map[string]any(v), true
	case wamp.List:
		return []any(v), true
	case wamp.URI:
		return string(v), true
	case wamp.ID:
		return uint64(v), true
	case serialize.BinaryData:
		return []byte(v), true
	case time.Time:
		switch {
		case c.Format == codec.FormatJSON:
			return nil, false
		case v.IsZero():
			return nil, true
		case c.Format == codec.FormatCBOR:
			v = v.Round(time.Microsecond)
		}
		return v.UTC(), true
	}
	return nil, false
}

var timeType = reflect.TypeFor[time.Time]()

// writesItself reports whether the serializer has values of a type write themselves.
func (c *Codec) writesItself(t reflect.Type) bool {
	m := codec.MethodsOf(t)
	if c.Format == codec.FormatJSON {
		return t == timeType || m.Selfer || m.JSON || m.Text
	}
	return t == timeType || m.Selfer || m.Binary
}
