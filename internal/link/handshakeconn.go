package link

import (
	"errors"
	"net"
	"sync/atomic"
)

// maxHandshake bounds what a router may send before it is connected, in bytes: TLS's
// certificates and the headers of its reply.
const maxHandshake = 1 << 20

// maxFirst is how much is kept of what came first, in bytes: an answer that is an error.
const maxFirst = 512

var errHandshake = errors.New("the router's handshake has no end")

// handshakeConn reads no more than left bytes until done is called. What reads the
// headers of HTTP has no bound of its own.
type handshakeConn struct {
	net.Conn
	left  int                      // of one goroutine
	first []byte                   // what came first; likewise
	check func(first []byte) error // may refuse that; nil for nothing to refuse
	over  atomic.Bool
}

// Read implements [net.Conn].
func (c *handshakeConn) Read(b []byte) (int, error) {
	if c.over.Load() {
		return c.Conn.Read(b)
	}
	if c.left <= 0 {
		return 0, errHandshake
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	c.first = append(c.first, b[:min(n, maxFirst-len(c.first))]...)
	if c.check != nil && n > 0 {
		if refused := c.check(c.first); refused != nil {
			return 0, refused
		}
	}
	return n, err
}

func (c *handshakeConn) done() {
	c.first = nil
	c.over.Store(true)
}
