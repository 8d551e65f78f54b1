package link

import (
	"fmt"
	"strings"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// received are the messages that a client may be sent, as they lie on the wire
// (WAMP specification, "Message Definitions"). Elements of a literal are read
// in its order.
var received = map[wamp.MessageType]func(*elements) wamp.Message{
	wamp.WELCOME:      func(e *elements) wamp.Message { return &wamp.Welcome{ID: e.id(), Details: e.dict()} },
	wamp.ABORT:        func(e *elements) wamp.Message { return &wamp.Abort{Details: e.dict(), Reason: e.uri()} },
	wamp.CHALLENGE:    func(e *elements) wamp.Message { return &wamp.Challenge{AuthMethod: e.text(), Extra: e.dict()} },
	wamp.GOODBYE:      func(e *elements) wamp.Message { return &wamp.Goodbye{Details: e.dict(), Reason: e.uri()} },
	wamp.PUBLISHED:    func(e *elements) wamp.Message { return &wamp.Published{Request: e.id(), Publication: e.id()} },
	wamp.SUBSCRIBED:   func(e *elements) wamp.Message { return &wamp.Subscribed{Request: e.id(), Subscription: e.id()} },
	wamp.UNSUBSCRIBED: func(e *elements) wamp.Message { return &wamp.Unsubscribed{Request: e.id()} },
	wamp.REGISTERED:   func(e *elements) wamp.Message { return &wamp.Registered{Request: e.id(), Registration: e.id()} },
	wamp.UNREGISTERED: func(e *elements) wamp.Message { return &wamp.Unregistered{Request: e.id()} },
	wamp.INTERRUPT:    func(e *elements) wamp.Message { return &wamp.Interrupt{Request: e.id(), Options: e.dict()} },
	wamp.ERROR: func(e *elements) wamp.Message {
		m := &wamp.Error{Type: wamp.MessageType(e.id()), Request: e.id(), Details: present(e.dict()), Error: e.uri()}
		m.Arguments, m.ArgumentsKw = e.payload()
		return m
	},
	wamp.EVENT: func(e *elements) wamp.Message {
		m := &wamp.Event{Subscription: e.id(), Publication: e.id(), Details: e.dict()}
		m.Arguments, m.ArgumentsKw = e.payload()
		return m
	},
	wamp.INVOCATION: func(e *elements) wamp.Message {
		m := &wamp.Invocation{Request: e.id(), Registration: e.id(), Details: e.dict()}
		m.Arguments, m.ArgumentsKw = e.payload()
		return m
	},
	wamp.RESULT: func(e *elements) wamp.Message {
		m := &wamp.Result{Request: e.id(), Details: e.dict()}
		m.Arguments, m.ArgumentsKw = e.payload()
		return m
	},
}

// messageOf reads a list as the message that its first element names, nil
// where a client ignores it.
func messageOf(list []any) (wamp.Message, error) {
	e := &elements{list: list}
	code := e.id()
	if e.err != nil {
		return nil, e.err
	}
	read, ok := received[wamp.MessageType(code)]
	if !ok {
		return nil, nil
	}
	msg := read(e)
	if e.err != nil {
		return nil, fmt.Errorf("%w (%s)", e.err, msg.MessageType())
	}
	return msg, nil
}

// elements are what is left to read of a message. The first failure is kept.
type elements struct {
	list []any
	read int
	err  error
}

// next is nil behind the end.
func (e *elements) next() any {
	e.read++
	if e.read > len(e.list) {
		return nil
	}
	return e.list[e.read-1]
}

func (e *elements) fail(want string) {
	if e.err == nil {
		e.err = fmt.Errorf("%w: element %d is no %s", ErrMessage, e.read-1, want)
	}
}

// id reads an integer. JSON peers may write one as a float.
func (e *elements) id() wamp.ID {
	switch v := e.next().(type) {
	case uint64:
		return wamp.ID(v)
	case int64:
		if v >= 0 {
			return wamp.ID(v)
		}
	case float64:
		if v >= 0 && v <= 1<<53 && v == float64(uint64(v)) {
			return wamp.ID(v)
		}
	}
	e.fail("id")
	return 0
}

func (e *elements) text() string {
	s, ok := e.next().(string)
	if !ok {
		e.fail("string")
	}
	return s
}

func (e *elements) uri() wamp.URI { return wamp.URI(e.text()) }

// dict reads details, which may be absent or null.
func (e *elements) dict() wamp.Dict {
	switch v := e.next().(type) {
	case nil:
		return nil
	case map[string]any:
		return v
	}
	e.fail("dict")
	return nil
}

// payload reads the rest. What is wrong in there ends no link: it comes from
// another client, which a router need not check.
func (e *elements) payload() (wamp.List, wamp.Dict) {
	payload, kwargs := e.next(), e.next()
	rest := len(e.list) - e.read
	if raw, ok := rawOf(payload); ok {
		if rest >= 0 {
			return noPayload("more behind binary data")
		}
		return wamp.List{raw}, nil
	}
	if rest > 0 {
		return noPayload("more behind the keyword arguments")
	}
	args, ok := payload.([]any)
	if !ok && payload != nil {
		return noPayload("no list in the arguments' place")
	}
	dict, ok := kwargs.(map[string]any)
	if !ok && kwargs != nil {
		return noPayload("no dict in the keyword arguments' place")
	}
	return args, dict
}

// rawOf returns binary data in the payload's place, which is never nil.
func rawOf(v any) (wire.Raw, bool) {
	switch v := v.(type) {
	case []byte, serialize.BinaryData, codec.RawExt:
		b, ok := wire.Bytes(v)
		if b == nil {
			b = []byte{}
		}
		return b, ok
	case string:
		if strings.HasPrefix(v, "\x00") {
			b, ok := wire.Bytes(v)
			return b, ok
		}
	}
	return nil, false
}

func noPayload(why string) (wamp.List, wamp.Dict) {
	return wamp.List{&wire.Refusal{Err: fmt.Errorf("%w: %s", wire.ErrParts, why)}}, nil
}
