package link

import (
	"net"
	"sync"
	"sync/atomic"
)

// gatherSize is up to how many bytes are gathered.
const gatherSize = 16 << 10

// gatherConn joins what is written between gather and flush, so that messages that
// come together need one system call, and the router one to read them. It lies below
// TLS.
type gatherConn struct {
	net.Conn
	over atomic.Bool // nothing is gathered any more

	mu        sync.Mutex // held while writing: others write control frames
	gathering bool
	gathered  []byte
	err       error // the first
}

// gather has Write keep what it is given until flush.
func (c *gatherConn) gather() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gathering = true
}

// flush writes what was gathered, and has Write write at once again.
func (c *gatherConn) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gathering = false
	return c.empty()
}

// finish has Write write at once for good: farewells follow. It doesn't wait.
func (c *gatherConn) finish() { c.over.Store(true) }

// empty writes what was gathered.
func (c *gatherConn) empty() error {
	if len(c.gathered) > 0 {
		_, _ = c.send(c.gathered)
		c.gathered = c.gathered[:0]
	}
	return c.err
}

// send writes nothing behind what could not be written.
func (c *gatherConn) send(b []byte) (n int, err error) {
	if c.err == nil {
		n, c.err = c.Conn.Write(b)
	}
	return n, c.err
}

// Write implements [net.Conn]. What is kept is written before anything behind it.
func (c *gatherConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keep := c.gathering && !c.over.Load() && len(b) <= gatherSize
	if !keep || len(c.gathered)+len(b) > gatherSize {
		_ = c.empty()
	}
	if !keep || c.err != nil {
		return c.send(b)
	}
	c.gathered = append(c.gathered, b...)
	return len(b), nil
}
