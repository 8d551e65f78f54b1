package proxy

import (
	"bytes"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"
)

// Message is a WAMP message as the client writes or reads it.
type Message struct {
	// Conn and Direction are where it was read, and where it is sent.
	Conn      *Conn
	Direction Direction
	// List is the message as nexus's serializer decodes it: binary data is bytes,
	// on JSON connections the text that WAMP makes of it. Only [Hostile] reads it.
	List []any
	// Data are the bytes that it was read from, whatever a hook has done to it since.
	Data []byte
	// Control marks what is no WAMP message: headers, handshake, ping, pong, close, or
	// a message that broke off.
	Control bool
}

// place is where a message has its options or details, and where its payload begins.
type place struct{ dict, payload int }

// places of the seven messages that carry a payload (WAMP specification, "Message
// Definitions").
var places = map[wamp.MessageType]place{
	wamp.PUBLISH:    {2, 4},
	wamp.EVENT:      {3, 4},
	wamp.CALL:       {2, 4},
	wamp.INVOCATION: {3, 4},
	wamp.YIELD:      {2, 3},
	wamp.RESULT:     {2, 3},
	wamp.ERROR:      {3, 5},
}

// Type is what kind of message it is, 0 where it is none.
func (m *Message) Type() wamp.MessageType { return wamp.MessageType(m.ID(0)) }

// Is reports whether the message is one of those types.
func (m *Message) Is(types ...wamp.MessageType) bool { return slices.Contains(types, m.Type()) }

// ID is the integer that stands at an index, 0 where there is none.
func (m *Message) ID(index int) wamp.ID {
	n, _ := wamp.AsInt64(m.at(index))
	return wamp.ID(n)
}

// Text is the string that stands at an index, or empty.
func (m *Message) Text(index int) string {
	text, _ := wamp.AsString(m.at(index))
	return text
}

func (m *Message) at(index int) any {
	if index >= len(m.List) {
		return nil
	}
	return m.List[index]
}

// Details are the options or details, for reading and changing. They are nil for a
// message that carries no payload.
func (m *Message) Details() map[string]any {
	at, ok := places[m.Type()]
	if !ok || at.dict >= len(m.List) {
		return nil
	}
	dict, ok := m.List[at.dict].(map[string]any)
	if !ok {
		dict = map[string]any{}
		m.List[at.dict] = dict
	}
	return dict
}

// Progress reports whether options or details say that more is to come.
func (m *Message) Progress() bool {
	more, _ := m.Details()[wamp.OptProgress].(bool)
	return more
}

// Payload is what stands behind the rest of the message, for the seven types that
// carry one.
func (m *Message) Payload() []any {
	at, ok := places[m.Type()]
	if !ok || at.payload >= len(m.List) {
		return nil
	}
	return m.List[at.payload:]
}

// SetPayload replaces what stands behind the rest of the message.
func (m *Message) SetPayload(elements ...any) {
	at, ok := places[m.Type()]
	if !ok {
		return
	}
	for len(m.List) < at.payload {
		m.List = append(m.List, nil)
	}
	m.List = append(m.List[:at.payload:at.payload], elements...)
}

// Clone returns a copy that shares nothing with m but the connection.
func (m *Message) Clone() *Message {
	copied := *m
	copied.List, _ = clone(m.List).([]any)
	copied.Data = bytes.Clone(m.Data)
	return &copied
}

// For returns a copy that belongs to another connection.
func (m *Message) For(c *Conn) *Message {
	copied := m.Clone()
	copied.Conn = c
	return copied
}

// With returns a copy with another element at an index.
func (m *Message) With(index int, element any) *Message {
	copied := m.Clone()
	copied.List[index] = element
	return copied
}

// clone copies lists, maps and bytes.
func clone(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = clone(item)
		}
		return list
	case map[string]any:
		dict := make(map[string]any, len(v))
		for name, item := range v {
			dict[name] = clone(item)
		}
		return dict
	case []byte:
		return bytes.Clone(v)
	}
	return v
}
