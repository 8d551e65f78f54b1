package proxy

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// Direction is which way a message goes.
type Direction uint8

// The directions.
const (
	Up   Direction = iota + 1 // from the client to the router
	Down                      // from the router to the client
)

// Hook decides what goes on in place of m, which is its own to change and keep.
type Hook func(m *Message, send func(...*Message))

// hooks are those of both directions; nil where there is none.
type hooks [Down + 1]atomic.Pointer[Hook]

func (h *hooks) set(d Direction, hook Hook) {
	if hook == nil {
		h[d].Store(nil)
		return
	}
	h[d].Store(&hook)
}

// side is a connection, by where its messages go.
type side struct {
	transport.Conn
	writing sync.Mutex
}

// Conn is the connection of one client, with one of its own to the router.
type Conn struct {
	proxy      *Proxy
	sides      [Down + 1]side
	hooks      hooks
	serializer atomic.Pointer[transport.Serializer] // once the handshake has told
	session    atomic.Uint64
	numbering  *numbering
}

func (p *Proxy) newConn() *Conn { return &Conn{proxy: p, numbering: newNumbering()} }

// Session is the id that WELCOME gave, 0 before that.
func (c *Conn) Session() wamp.ID { return wamp.ID(c.session.Load()) }

// On sets the hook for a direction of this connection, before that of the proxy.
// A nil hook leaves it to that again.
func (c *Conn) On(d Direction, hook Hook) { c.hooks.set(d, hook) }

// Message returns a message of this connection, as one that was read. It has no
// elements if the serializer doesn't take them.
func (c *Conn) Message(d Direction, elements ...any) *Message {
	m := &Message{Conn: c, Direction: d}
	if data, err := c.serializer.Load().SerializeDataItem(elements); err == nil {
		_ = c.serializer.Load().DeserializeDataItem(data, &m.List)
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
	for _, d := range []Direction{Up, Down} {
		_ = c.sides[d].NetConn().Close()
	}
}

// pump passes one direction on, frame by frame, until the source ends or the
// destination is gone.
func (c *Conn) pump(d Direction) {
	err := c.sides[Up+Down-d].Each(func(f transport.Frame) error { return c.pass(d, f) })
	if errors.Is(err, websocket.ErrReadLimit) {
		c.proxy.lose()
	}
	c.sides[d].Finish(err)
}

// pass records a frame, and then passes it on.
func (c *Conn) pass(d Direction, f transport.Frame) error {
	m := &Message{Conn: c, Direction: d, Data: f.Data, Control: !f.Message}
	if c.proxy.dialect == "" || m.Control {
		if d == Up && c.serializer.Load() == nil {
			c.serializer.Store(transport.HandshakeSerializer(f.Data))
		}
		c.proxy.note(m)
		return c.sides[d].put(f)
	}
	if err := c.read(m); err != nil {
		c.Close()
		return err
	}
	c.proxy.note(m)
	c.decide(m.Clone())
	return nil
}

// read makes of the bytes of a message the one for hooks and record.
func (c *Conn) read(m *Message) error {
	serializer := c.serializer.Load()
	if serializer == nil {
		return errors.New("proxy: unknown serializer")
	}
	if err := serializer.DeserializeDataItem(m.Data, &m.List); err != nil {
		return err
	}
	if m.Direction == Up {
		c.numbering.up(m)
		return nil
	}
	if c.proxy.dialect == Autobahn {
		m.Reveal()
		announce(m)
	}
	if m.Is(wamp.WELCOME) {
		c.session.Store(uint64(m.ID(1)))
	}
	return nil
}

func (c *Conn) decide(m *Message) {
	for _, h := range []*hooks{&c.hooks, &c.proxy.hooks} {
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
	case c.proxy.dialect == Autobahn:
		m = m.Clone()
		wrap(m)
	}
	if data, err := c.serializer.Load().SerializeDataItem(m.List); err == nil {
		_ = s.Put(transport.Message(data))
	}
}

func (s *side) put(f transport.Frame) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.Put(f)
}
