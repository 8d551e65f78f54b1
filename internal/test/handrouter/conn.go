package handrouter

import (
	"sync"
	"testing"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// Conn is the router's end of a client's connection.
type Conn struct {
	// Hello is the HELLO that Welcome has taken.
	Hello []any

	t          testing.TB
	conn       transport.Conn
	serializer *transport.Serializer
	in         chan []byte
	over       chan struct{} // closed when the connection is to end
	sending    sync.Mutex    // tests may send from several goroutines
}

// read takes what the client sends, so that it never waits for the test.
func (c *Conn) read() {
	defer close(c.in)
	_ = c.conn.Each(func(f transport.Frame) error {
		if !f.Message {
			return nil
		}
		select {
		case c.in <- f.Data:
			return nil
		case <-c.over:
			return errClosed
		}
	})
}

// NextBytes returns the next message as it was on the wire, nil once the client has
// closed the connection.
func (c *Conn) NextBytes() []byte {
	c.t.Helper()
	select {
	case data := <-c.in:
		return data
	case <-time.After(patience):
		c.t.Fatal("the client sent nothing")
		return nil
	}
}

// Next returns the next message as a list, as nexus's serializer decodes it, nil
// once the client has closed the connection.
func (c *Conn) Next() []any {
	c.t.Helper()
	data := c.NextBytes()
	if data == nil {
		return nil
	}
	var list []any
	if err := c.serializer.DeserializeDataItem(data, &list); err != nil {
		c.t.Fatal(err)
	}
	return list
}

// Pending returns the next message if there is one within a short time, or nil.
func (c *Conn) Pending(wait time.Duration) []byte {
	select {
	case data := <-c.in:
		return data
	case <-time.After(wait):
		return nil
	}
}

// Send sends a message.
func (c *Conn) Send(elements ...any) {
	c.t.Helper()
	c.SendBytes(c.encode(elements))
}

func (c *Conn) encode(elements []any) []byte {
	c.t.Helper()
	data, err := c.serializer.SerializeDataItem(elements)
	if err != nil {
		c.t.Fatal(err)
	}
	return data
}

// SendBytes sends whatever it is given as a message. That the client is gone is no
// error.
func (c *Conn) SendBytes(data []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	_ = c.conn.Put(transport.Message(data))
}

// SendTogether sends messages so that they arrive as one, where the transport can.
func (c *Conn) SendTogether(messages ...[]any) {
	c.t.Helper()
	var all []byte
	for _, message := range messages {
		data := c.encode(message)
		if _, ok := c.conn.(transport.RawSocket); ok {
			all = append(all, transport.RawFrame(0, data)...)
		} else {
			c.SendBytes(data)
		}
	}
	c.Write(all)
}

// Write writes to a RawSocket below the framing of messages.
func (c *Conn) Write(data []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	if raw, ok := c.conn.(transport.RawSocket); ok {
		_, _ = raw.Write(data)
	}
}

// Control sends a control frame of WebSocket.
func (c *Conn) Control(kind int, data []byte) {
	if web, ok := c.conn.(transport.WebSocket); ok {
		_ = web.WriteControl(kind, data, time.Now().Add(patience))
	}
}

// Serve has answer called with each message of the client, in a goroutine of its own,
// until the connection or the test ends.
func (c *Conn) Serve(answer func(message []any)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for data := range c.in {
			var message []any
			if c.serializer.DeserializeDataItem(data, &message) != nil {
				return
			}
			answer(message)
		}
	}()
	c.t.Cleanup(func() {
		c.Close()
		<-done
	})
}

// Close cuts the connection.
func (c *Conn) Close() { _ = c.conn.NetConn().Close() }
