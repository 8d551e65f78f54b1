package handrouter

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gorilla/websocket"
)

// frames is a connection that keeps messages apart.
type frames interface {
	read() ([]byte, error)
	write([]byte) error
	close() error
}

// Conn is the router's end of a client's connection.
type Conn struct {
	// Hello is the HELLO that Welcome has taken.
	Hello []any

	t          testing.TB
	frames     frames
	serializer serialize.Serializer
	in         chan []byte
	over       chan struct{} // closed when the test has ended
	sending    sync.Mutex    // tests may send from several goroutines
}

// read takes what the client sends, so that it never waits for the test.
func (c *Conn) read() {
	defer close(c.in)
	for {
		data, err := c.frames.read()
		if err != nil {
			return
		}
		select {
		case c.in <- data:
		case <-c.over:
			return
		}
	}
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
	data, err := c.serializer.SerializeDataItem(elements)
	if err != nil {
		c.t.Fatal(err)
	}
	c.SendBytes(data)
}

// SendBytes sends whatever it is given as a message. That the client is gone is no
// error.
func (c *Conn) SendBytes(data []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	_ = c.frames.write(data)
}

// Close cuts the connection.
func (c *Conn) Close() { _ = c.frames.close() }

type webSocket struct {
	conn *websocket.Conn
	kind int
}

func (s *webSocket) read() ([]byte, error) {
	_, data, err := s.conn.ReadMessage()
	return data, err
}

func (s *webSocket) write(data []byte) error { return s.conn.WriteMessage(s.kind, data) }
func (s *webSocket) close() error            { return s.conn.Close() }

type rawSocket struct{ net.Conn }

// acceptRawSocket makes the handshake (WAMP specification, "RawSocket Transport").
func acceptRawSocket(conn net.Conn, serializer, limit byte) (frames, error) {
	var hello [4]byte
	if _, err := io.ReadFull(conn, hello[:]); err != nil {
		return nil, err
	}
	if hello[0] != 0x7f || hello[1]&0xf != serializer {
		return nil, errors.New("handrouter: another handshake than expected")
	}
	_, err := conn.Write([]byte{0x7f, limit<<4 | serializer, 0, 0})
	return rawSocket{conn}, err
}

func (s rawSocket) read() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(s, head[:]); err != nil {
		return nil, err
	}
	data := make([]byte, int(head[1])<<16|int(head[2])<<8|int(head[3]))
	_, err := io.ReadFull(s, data)
	return data, err
}

func (s rawSocket) write(data []byte) error {
	n := len(data)
	_, err := s.Write(append([]byte{0, byte(n >> 16), byte(n >> 8), byte(n)}, data...))
	return err
}

func (s rawSocket) close() error { return s.Close() }
