package link

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// defaultPatience is how long a router may take none of what is written.
	defaultPatience = 30 * time.Second

	// pieceSize is what a router has to take within that time.
	pieceSize = 64 << 10

	// closeTime bounds the farewells of a connection that is closed.
	closeTime = 500 * time.Millisecond
)

// stallConn fails a write when the other side takes nothing for a while: else a
// router that reads no more would block its client for ever. It lies below TLS.
// A connection that knows no deadlines, which a Dial function of the application
// may have made, isn't guarded.
type stallConn struct {
	net.Conn
	patience time.Duration

	mu    sync.Mutex
	until time.Time // deadline that was asked for, or zero
	piece time.Time // deadline of the piece that is being written
}

// Write writes in pieces, each with a deadline of its own.
func (c *stallConn) Write(b []byte) (int, error) {
	written := 0
	for {
		piece := b[written:min(written+pieceSize, len(b))]
		c.arm()
		n, err := c.Conn.Write(piece)
		written += n
		if err != nil {
			return written, c.explain(err)
		}
		if written == len(b) {
			return written, nil
		}
	}
}

func (c *stallConn) arm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.piece = time.Now().Add(c.patience)
	_ = c.Conn.SetWriteDeadline(c.earliest())
}

func (c *stallConn) earliest() time.Time {
	if !c.until.IsZero() && c.until.Before(c.piece) {
		return c.until
	}
	return c.piece
}

func (c *stallConn) explain(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.Is(err, os.ErrDeadlineExceeded) && c.earliest().Equal(c.piece) {
		return fmt.Errorf("the router has taken nothing for %v: %w", c.patience, err)
	}
	return err
}

// SetWriteDeadline holds beside the deadline of the piece.
func (c *stallConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = t
	if t.IsZero() {
		return nil // the next piece sets its own
	}
	if !c.piece.IsZero() && !t.Before(c.piece) {
		t = c.piece
	}
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline implements [net.Conn].
func (c *stallConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// ending keeps what ended a link, and tells its goroutines.
type ending struct {
	once sync.Once
	done chan struct{}
	err  error
}

func newEnding() *ending { return &ending{done: make(chan struct{})} }

// end reports whether it is the first.
func (e *ending) end(err error) (first bool) {
	e.once.Do(func() {
		e.err = err
		first = true
		close(e.done)
	})
	return first
}

// cause is nil while the link lives.
func (e *ending) cause() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}
