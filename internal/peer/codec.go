package peer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// errMessage is wrapped by errors about received bytes that are no WAMP message.
var errMessage = errors.New("not a WAMP message")

// messageCodec translates between bytes and messages, over nexus's own
// serializer, so that extensions registered with it keep working.
type messageCodec struct {
	serializer serialize.Serializer
	binary     func([]byte) any // as the serializer has to be given binary data
	name       string           // as in subprotocols of WebSocket
	text       bool             // whether it writes text
}

// newCodec returns the codec of a serialization. AUTO has none: it is to be
// negotiated.
func newCodec(serialization serialize.Serialization) (*messageCodec, error) {
	switch serialization {
	case serialize.JSON:
		return &messageCodec{&serialize.JSONSerializer{}, nulText, "json", true}, nil
	case serialize.MSGPACK:
		return &messageCodec{&serialize.MessagePackSerializer{}, plainBytes, "msgpack", false}, nil
	case serialize.CBOR:
		return &messageCodec{&serialize.CBORSerializer{}, plainBytes, "cbor", false}, nil
	}
	return nil, fmt.Errorf("serialization %d is unknown: use JSON, MSGPACK or CBOR", serialization)
}

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

// encode serializes msg. Every error wraps [ErrUnsendable], and holds nothing of
// what the message carries.
func (c *messageCodec) encode(msg wamp.Message) ([]byte, error) {
	if msg == nil {
		return nil, fmt.Errorf("%w: there is none", ErrUnsendable)
	}
	list, err := rawList(msg, c.binary)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnsendable, msg.MessageType(), err)
	}
	data, ok := c.serialize(msg, list)
	if !ok {
		return nil, fmt.Errorf("%w: %s: it holds a value of a type that %s can't carry", ErrUnsendable, msg.MessageType(), c.name)
	}
	return data, nil
}

// serialize drops the serializer's error, which may print values.
func (c *messageCodec) serialize(msg wamp.Message, list []any) (data []byte, ok bool) {
	defer func() {
		if recover() != nil {
			data, ok = nil, false
		}
	}()
	var err error
	if list != nil {
		data, err = c.serializer.SerializeDataItem(list)
	} else {
		data, err = c.serializer.Serialize(msg)
	}
	return data, err == nil
}

// rawList returns a message with binary data in place of its arguments as the
// list that it is on the wire, nil for any other message.
func rawList(msg wamp.Message, binary func([]byte) any) ([]any, error) {
	head, args := headOf(msg)
	if err := wire.Foreign(args); err == nil {
		return nil, nil
	}
	raw, ok := args[0].(wire.Raw)
	if !ok || raw == nil || len(args) != 1 {
		return nil, errors.New("it holds what never leaves the process")
	}
	return append(head, binary(raw)), nil
}

// headOf returns what stands before the payload in the messages that carry
// one, and their arguments.
func headOf(msg wamp.Message) ([]any, wamp.List) {
	list := func(items ...any) []any { return append([]any{int(msg.MessageType())}, items...) }
	switch m := msg.(type) {
	case *wamp.Publish:
		return list(m.Request, present(m.Options), m.Topic), m.Arguments
	case *wamp.Event:
		return list(m.Subscription, m.Publication, present(m.Details)), m.Arguments
	case *wamp.Call:
		return list(m.Request, present(m.Options), m.Procedure), m.Arguments
	case *wamp.Invocation:
		return list(m.Request, m.Registration, present(m.Details)), m.Arguments
	case *wamp.Yield:
		return list(m.Request, present(m.Options)), m.Arguments
	case *wamp.Result:
		return list(m.Request, present(m.Details)), m.Arguments
	case *wamp.Error:
		return list(int(m.Type), m.Request, present(m.Details), m.Error), m.Arguments
	}
	return nil, nil
}

// present never is nil, which would be written as null.
func present(dict wamp.Dict) wamp.Dict {
	if dict == nil {
		return wamp.Dict{}
	}
	return dict
}

// maxKept is the largest message, in bytes, whose room is kept for the next one.
const maxKept = 1 << 20

// decode copies what it keeps of data. It returns the message in data, or nil for one to ignore: of a type that
// is unknown, or that only routers receive. A payload that can't be taken
// becomes a [*wire.Refusal]. Every error wraps errMessage and holds nothing of
// the data.
func (c *messageCodec) decode(data []byte) (wamp.Message, error) {
	var item any // a list would also be filled from a map
	if err := c.deserialize(data, &item); err != nil {
		return nil, err
	}
	list, ok := item.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: no list", errMessage)
	}
	return messageOf(list)
}

func (c *messageCodec) deserialize(data []byte, item *any) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w: no %s", errMessage, c.name)
		}
	}()
	if c.serializer.DeserializeDataItem(data, item) != nil {
		return fmt.Errorf("%w: no %s", errMessage, c.name)
	}
	return nil
}
