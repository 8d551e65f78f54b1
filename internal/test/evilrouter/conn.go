package evilrouter

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
)

// serializers by the number that RawSocket has for each.
var serializers = map[byte]serialize.Serializer{
	1: &serialize.JSONSerializer{},
	2: &serialize.MessagePackSerializer{},
	3: &serialize.CBORSerializer{},
}

const jsonCode = 1

// side is a connection, by where its messages go.
type side struct {
	net.Conn
	writing sync.Mutex
}

// Conn is the connection of one client.
type Conn struct {
	router     *Router
	sides      [Down + 1]side
	hooks      hooks
	serializer serialize.Serializer
	text       bool // JSON, where binary data is text
	session    atomic.Uint64
	numbering  *numbering
}

// Session is the id that WELCOME gave, 0 before that.
func (c *Conn) Session() wamp.ID { return wamp.ID(c.session.Load()) }

// On sets the hook for a direction of this connection, before that of the router.
// A nil hook leaves it to that again.
func (c *Conn) On(d Direction, hook Hook) { c.hooks.set(d, hook) }

// Message returns a message of this connection, as one that was read. It has no
// elements if the serializer doesn't take them.
func (c *Conn) Message(d Direction, elements ...any) *Message {
	m := &Message{Conn: c, Direction: d}
	if data, err := c.serializer.SerializeDataItem(elements); err == nil {
		_ = c.serializer.DeserializeDataItem(data, &m.List)
	}
	return m
}

// Send sends messages where they belong. That a connection has ended is no error.
func (c *Conn) Send(messages ...*Message) {
	for _, m := range messages {
		m.Conn.write(m)
	}
}

// Close cuts the connection, on both sides.
func (c *Conn) Close() {
	_ = c.sides[Up].Close()
	_ = c.sides[Down].Close()
}

// shakeHands passes the handshake on (WAMP specification, "RawSocket Transport").
func (c *Conn) shakeHands() error {
	client, router := c.sides[Down].Conn, c.sides[Up].Conn
	var hello, reply [4]byte
	if _, err := io.ReadFull(client, hello[:]); err != nil {
		return err
	}
	code := hello[1] & 0xf
	c.serializer, c.text = serializers[code], code == jsonCode
	if c.serializer == nil {
		return errors.New("evilrouter: unknown serializer")
	}
	if _, err := router.Write(hello[:]); err != nil {
		return err
	}
	if _, err := io.ReadFull(router, reply[:]); err != nil {
		return err
	}
	_, err := client.Write(reply[:])
	return err
}

// pump reads what goes in a direction, until either side has ended.
func (c *Conn) pump(d Direction) {
	from := c.sides[Up+Down-d].Conn
	for {
		head, data, err := readFrame(from)
		if err != nil {
			return
		}
		if head[0] != 0 { // a ping or pong
			c.sides[d].write(head[0], data)
			continue
		}
		var list []any
		if c.serializer.DeserializeDataItem(data, &list) != nil {
			return
		}
		m := &Message{Conn: c, Direction: d, List: list}
		c.arrive(m)
		c.router.note(m, data)
		c.decide(m)
	}
}

// arrive makes of a message as it was read the one for hooks and record.
func (c *Conn) arrive(m *Message) {
	if m.Direction == Up {
		c.numbering.up(m)
		return
	}
	if c.router.framing == Native {
		unwrap(m)
		announce(m)
	}
	if m.Is(wamp.WELCOME) {
		c.session.Store(uint64(m.ID(1)))
	}
}

func (c *Conn) decide(m *Message) {
	for _, h := range []*hooks{&c.hooks, &c.router.hooks} {
		if hook := h[m.Direction].Load(); hook != nil {
			(*hook)(m, c.Send)
			return
		}
	}
	c.write(m)
}

func (c *Conn) write(m *Message) {
	if m.Direction == Up && foreign(m) {
		return
	}
	s := &c.sides[m.Direction]
	s.writing.Lock() // invocations are numbered in the order in which they are sent
	defer s.writing.Unlock()
	switch {
	case m.Direction == Down:
		m = c.numbering.down(m)
	case c.router.framing == Native:
		m = m.Clone()
		wrap(m)
	}
	if data, err := c.serializer.SerializeDataItem(m.List); err == nil {
		s.frame(0, data)
	}
}

func (s *side) write(kind byte, data []byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.frame(kind, data)
}

func (s *side) frame(kind byte, data []byte) {
	n := len(data)
	_, _ = s.Write(append([]byte{kind, byte(n >> 16), byte(n >> 8), byte(n)}, data...))
}

func readFrame(from net.Conn) (head [4]byte, data []byte, err error) {
	if _, err = io.ReadFull(from, head[:]); err != nil {
		return head, nil, err
	}
	data = make([]byte, int(head[1])<<16|int(head[2])<<8|int(head[3]))
	_, err = io.ReadFull(from, data)
	return head, data, err
}
