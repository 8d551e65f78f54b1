package link

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
)

// ErrMessage is wrapped by errors about received bytes that are no WAMP message.
var ErrMessage = errors.New("not a WAMP message")

var errForeign = errors.New("it holds what never leaves the process")

// Codec translates between bytes and messages. One goroutine at a time may
// encode, and one decode.
type Codec struct {
	nexus      serialize.Serializer
	serializer serializer
	binary     func([]byte) any // as the serializer has to be given binary data
	name       string           // as in subprotocols of WebSocket
	text       bool             // whether it writes text
}

// NewCodec returns the codec of a serialization. AUTO has none: it is to be
// negotiated.
func NewCodec(serialization serialize.Serialization) (*Codec, error) {
	switch serialization {
	case serialize.JSON:
		return &Codec{&serialize.JSONSerializer{}, &reused{handle: jsonHandle}, nulText, "json", true}, nil
	case serialize.MSGPACK:
		nexus := &serialize.MessagePackSerializer{}
		return &Codec{nexus, ofNexus{nexus}, plainBytes, "msgpack", false}, nil
	case serialize.CBOR:
		return &Codec{&serialize.CBORSerializer{}, &reused{handle: cborHandle}, plainBytes, "cbor", false}, nil
	}
	return nil, fmt.Errorf("serialization %d is unknown: use JSON, MSGPACK or CBOR", serialization)
}

// Serializer returns nexus's own, which decides on values.
func (c *Codec) Serializer() serialize.Serializer { return c.nexus }

// plainBytes needs no type of nexus's: an application may have registered an
// extension for serialize.BinaryData.
func plainBytes(b []byte) any { return b }

// nulText is binary data in JSON (WAMP specification, "Binary conversion of
// JSON Strings").
func nulText(b []byte) any {
	var text strings.Builder
	text.Grow(1 + base64.StdEncoding.EncodedLen(len(b)))
	text.WriteByte(0)
	w := base64.NewEncoder(base64.StdEncoding, &text)
	_, _ = w.Write(b) // a Builder takes everything
	_ = w.Close()
	return text.String()
}

// Encode serializes msg. The result is good until the next. Every error wraps
// [ErrUnsendable], and holds nothing of what the message carries.
func (c *Codec) Encode(msg wamp.Message) ([]byte, error) {
	if msg == nil {
		return nil, fmt.Errorf("%w: there is none", ErrUnsendable)
	}
	data, err := c.serialize(msg)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnsendable, msg.MessageType(), err)
	}
	return data, nil
}

// serialize says why it can't, in its own words: errors and panics of the types that it
// writes may print values.
func (c *Codec) serialize(msg wamp.Message) (data []byte, err error) {
	defer func() {
		if recover() != nil {
			data, err = nil, c.cannotCarry()
		}
	}()
	list, ok := c.list(msg)
	switch {
	case !ok:
		return nil, errForeign
	case list == nil:
		data, err = c.nexus.Serialize(msg)
	default:
		data, err = c.serializer.write(list)
	}
	if err != nil {
		return nil, c.cannotCarry()
	}
	return data, nil
}

func (c *Codec) cannotCarry() error {
	return fmt.Errorf("it holds a value of a type that %s can't carry", c.name)
}

// maxKept is the largest message, in bytes, whose room is kept for the next one.
const maxKept = 1 << 20

// Decode copies what it keeps of data. It returns the message in data, or nil for one
// to ignore: of a type that is unknown, or that only routers receive. A payload that
// can't be taken becomes a [*wire.Refusal]. Every error wraps ErrMessage and holds
// nothing of the data.
func (c *Codec) Decode(data []byte) (wamp.Message, error) {
	var item any // a list would also be filled from a map
	if err := c.deserialize(data, &item); err != nil {
		return nil, err
	}
	list, ok := item.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: no list", ErrMessage)
	}
	return messageOf(list)
}

func (c *Codec) deserialize(data []byte, item *any) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w: no %s", ErrMessage, c.name)
		}
	}()
	if c.serializer.read(data, item) != nil {
		return fmt.Errorf("%w: no %s", ErrMessage, c.name)
	}
	return nil
}
