package message

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Out is a message to a router.
type Out struct {
	// Type is HELLO, AUTHENTICATE, ABORT, GOODBYE, SUBSCRIBE, UNSUBSCRIBE, PUBLISH,
	// REGISTER, UNREGISTER, CALL, CANCEL, YIELD or ERROR.
	Type    wamp.MessageType
	Request wamp.ID
	ID      wamp.ID          // UNSUBSCRIBE: subscription; UNREGISTER: registration
	Answers wamp.MessageType // ERROR: type of the request
	URI     string           // realm (HELLO), signature (AUTHENTICATE), topic, procedure, error, reason
	Options wamp.Dict        // options, details or extra. Nil is written as an empty dict: routers take null for an error.
	Args    wamp.List
	Kwargs  wamp.Dict
	Payload PayloadWriter // Non-nil: in place of Args and Kwargs
	Raw     []byte        // Non-nil: binary data in the place of the arguments, with nothing behind it
}

// sent are the elements of each message that a client sends, behind its type: r
// request, i id, t type of the request, u URI, o options, and + the payload.
var sent = [...]string{
	wamp.HELLO:        "uo",
	wamp.AUTHENTICATE: "uo",
	wamp.ABORT:        "ou",
	wamp.GOODBYE:      "ou",
	wamp.SUBSCRIBE:    "rou",
	wamp.UNSUBSCRIBE:  "ri",
	wamp.PUBLISH:      "rou+",
	wamp.REGISTER:     "rou",
	wamp.UNREGISTER:   "ri",
	wamp.CALL:         "rou+",
	wamp.CANCEL:       "ro",
	wamp.YIELD:        "ro+",
	wamp.ERROR:        "trou+",
}

// Append appends m to b. Every error wraps [ErrUnsendable], and holds nothing of what
// the message carries. What is returned with it is b, perhaps in other memory.
func (c *Codec) Append(b []byte, m *Out) ([]byte, error) {
	if m.Type < 0 || int(m.Type) >= len(sent) || sent[m.Type] == "" {
		return b, fmt.Errorf("%w: clients send no message of type %d", ErrUnsendable, m.Type)
	}
	elements := sent[m.Type]
	n := 1 + len(elements)
	if elements[len(elements)-1] == '+' {
		n += m.parts() - 1
	}
	start := len(b)
	b = c.OpenList(b, n)
	b = c.AppendInt(b, int64(m.Type))
	for i := range len(elements) {
		var err error
		if b, err = c.appendElement(b, m, elements[i]); err != nil {
			return b[:start], fmt.Errorf("%w: %s: it holds a value that %s can't carry", ErrUnsendable, m.Type, c.name)
		}
	}
	return c.CloseList(b), nil
}

// headRoom is about what a message takes beside its payload, in bytes.
const headRoom = 512

// Room is about how many bytes Append appends for m. Of Args and Kwargs, text and binary
// data that lies in no other value counts.
func (c *Codec) Room(m *Out) int {
	if m.Payload != nil {
		return headRoom + m.Payload.Room(c)
	}
	room := headRoom + c.BinaryRoom(len(m.Raw))
	for _, v := range m.Args {
		room += c.roomOf(v)
	}
	for _, v := range m.Kwargs {
		room += c.roomOf(v)
	}
	return room
}

func (c *Codec) roomOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return c.BinaryRoom(len(v))
	case serialize.BinaryData:
		return c.BinaryRoom(len(v))
	}
	return 0
}

// parts is how many elements the payload has.
func (m *Out) parts() int {
	switch {
	case m.Raw != nil:
		return 1
	case m.Payload != nil:
		return 2
	case len(m.Kwargs) > 0:
		return 2
	case len(m.Args) > 0:
		return 1
	}
	return 0
}

func (c *Codec) appendElement(b []byte, m *Out, element byte) ([]byte, error) {
	if element == '+' {
		return c.appendPayload(b, m)
	}
	b = c.AppendComma(b, 1)
	switch element {
	case 'r':
		b = c.AppendUint(b, uint64(m.Request))
	case 'i':
		b = c.AppendUint(b, uint64(m.ID))
	case 't':
		b = c.AppendInt(b, int64(m.Answers))
	case 'u':
		b = c.AppendText(b, m.URI)
	case 'o':
		return c.appendDict(b, m.Options, 2)
	}
	return b, nil
}

func (c *Codec) appendPayload(b []byte, m *Out) ([]byte, error) {
	parts := m.parts()
	if parts == 0 {
		return b, nil
	}
	b = c.AppendComma(b, 1)
	if m.Raw != nil {
		return c.AppendBinary(b, m.Raw), nil
	}
	if m.Payload != nil {
		return m.Payload.AppendPayload(c, b), nil
	}
	b, err := c.appendList(b, m.Args, 2)
	if err != nil || parts == 1 {
		return b, err
	}
	return c.appendDict(c.AppendComma(b, 1), m.Kwargs, 2)
}

// AppendText appends a text as nexus writes it.
func (c *Codec) AppendText(b []byte, text string) []byte {
	if c.Format == codec.FormatJSON {
		return appendJSONText(b, text)
	}
	return c.Format.AppendText(b, text)
}

// AppendFloat appends a float as nexus writes it.
func (c *Codec) AppendFloat(b []byte, v float64) []byte {
	switch c.Format {
	case codec.FormatJSON:
		return appendJSONFloat(b, v)
	case codec.FormatCBOR: // in which NaN and infinities have forms of their own
		return binary.BigEndian.AppendUint64(append(b, 0xfb), math.Float64bits(v))
	}
	return c.Format.AppendFloat(b, v)
}

// appendValue appends a value as nexus writes it.
func (c *Codec) appendValue(b []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return c.AppendNull(b), nil
	case string:
		return c.AppendText(b, v), nil
	case bool:
		return c.AppendBool(b, v), nil
	case float64:
		return c.AppendFloat(b, v), nil
	case []byte:
		if v == nil {
			return c.AppendNull(b), nil
		}
		if c.Format == codec.FormatJSON {
			return append(base64.StdEncoding.AppendEncode(append(b, '"'), v), '"'), nil
		}
		return c.AppendBinary(b, v), nil
	case int, int64, int32, int16, int8:
		return c.AppendInt(b, reflect.ValueOf(v).Int()), nil
	case uint64, uint, uint32, uint16, uint8:
		return c.AppendUint(b, reflect.ValueOf(v).Uint()), nil
	}
	if c.named {
		return c.appendNamed(b, v, depth)
	}
	return c.appendAny(b, v)
}

// appendNamed appends what an application might have an extension for, but hasn't.
func (c *Codec) appendNamed(b []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case map[string]any:
		if v != nil {
			return c.appendDict(b, v, depth)
		}
	case wamp.Dict:
		if v != nil {
			return c.appendDict(b, v, depth)
		}
	case []any:
		if v != nil {
			return c.appendList(b, v, depth)
		}
	case wamp.List:
		if v != nil {
			return c.appendList(b, v, depth)
		}
	case serialize.BinaryData:
		if v != nil {
			return c.AppendBinary(b, v), nil
		}
	case wamp.URI:
		return c.AppendText(b, string(v)), nil
	case wamp.ID:
		return c.AppendUint(b, uint64(v)), nil
	default:
		return c.appendAny(b, v)
	}
	return c.AppendNull(b), nil
}

// appendAny leaves a value to nexus's way, which makes errors of panics. Either may print
// values.
func (c *Codec) appendAny(b []byte, v any) ([]byte, error) {
	result, err := c.appendOther(b, v)
	if err != nil {
		return b, ErrUnsendable
	}
	return result, nil
}

func (c *Codec) appendList(b []byte, list []any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return b, ErrUnsendable
	}
	b = c.OpenList(b, len(list))
	for i, item := range list {
		var err error
		if b, err = c.appendValue(c.AppendComma(spacious(b), i), item, depth+1); err != nil {
			return b, err
		}
	}
	return c.CloseList(b), nil
}

// spacious is b with room for as much again, where little is left. Append alone would move
// much data many times.
func spacious(b []byte) []byte {
	if cap(b)-len(b) < cap(b)/8 {
		return slices.Grow(b, cap(b))
	}
	return b
}

func (c *Codec) appendDict(b []byte, dict map[string]any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return b, ErrUnsendable
	}
	n := len(dict)
	b = c.OpenMap(b, n)
	i := 0
	for name, v := range dict {
		b = c.AppendColon(c.AppendText(c.AppendComma(spacious(b), i), name))
		i++
		var err error
		if b, err = c.appendValue(b, v, depth+1); err != nil {
			return b, err
		}
	}
	if i != n { // a method of what it holds changed it
		return b, ErrUnsendable
	}
	return c.CloseMap(b), nil
}

// namedAsNexus reports whether nexus writes its own types as what they are made of.
func (c *Codec) namedAsNexus() bool {
	for _, v := range []any{
		map[string]any{"k": nil}, wamp.Dict{"k": nil}, []any{nil}, wamp.List{nil},
		serialize.BinaryData{1}, wamp.URI("a.b"), wamp.ID(1),
	} {
		own, err := c.appendValue(nil, v, 1)
		if err != nil {
			return false
		}
		nexus, err := c.appendAny(nil, v)
		if err != nil || string(own) != string(nexus) {
			return false
		}
	}
	return true
}
