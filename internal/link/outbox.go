package link

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

const (
	// defaultPatience is how long a router may take none of what is written.
	defaultPatience = 30 * time.Second

	// hurry is how long the goroutine of a sender waits for the router. A goroutine
	// of the outbox waits for the rest.
	hurry = 5 * time.Millisecond

	// senderRounds is how often a sender writes what others have added meanwhile.
	senderRounds = 4

	// maxPending is how many bytes may wait to be written before senders wait.
	maxPending = 1 << 20

	// closeTime bounds the farewells of a connection that is closed.
	closeTime = 500 * time.Millisecond
)

// outbox is a connection whose Write never waits: it keeps what it is given until
// flush, so that messages that are ready at one moment go out in one system call. It
// lies below TLS and the framing of the transport.
type outbox struct {
	*handshakeConn
	patience time.Duration
	failed   func(error) // is told once why writing has failed

	mu       sync.Mutex
	started  bool          // until then, Write writes at once
	pending  pieces        // to be written
	inFlight int           // bytes that are being written
	writing  bool          // a goroutine is at it
	err      error         // the first
	progress chan struct{} // closed when something was written or has failed; nil where nobody waits
}

// Write implements [net.Conn].
func (o *outbox) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err != nil:
		return 0, o.err
	case !o.started:
		return o.handshakeConn.Write(b)
	}
	o.pending.append(b)
	return len(b), nil
}

// start has Write keep what it is given from now on.
func (o *outbox) start(failed func(error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.started, o.failed = true, failed
	o.done()
}

// SetDeadline implements [net.Conn], and SetWriteDeadline: that is the outbox's own.
func (o *outbox) SetDeadline(t time.Time) error { return o.SetReadDeadline(t) }

// SetWriteDeadline does nothing, since Write doesn't wait.
func (o *outbox) SetWriteDeadline(time.Time) error { return nil }

// Close implements [net.Conn]. What is pending goes to the router before, if it takes
// that within closeTime.
func (o *outbox) Close() error {
	o.drain()
	return o.handshakeConn.Close()
}

// cut closes the connection at once.
func (o *outbox) cut() { _ = o.handshakeConn.Close() }

// full returns a channel that is closed when there may be room for another message, or
// nil where there is room now.
func (o *outbox) full() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pending.size+o.inFlight < maxPending || o.err != nil {
		return nil
	}
	return o.changed()
}

// changed returns a channel that is closed when something is written. mu is held.
func (o *outbox) changed() <-chan struct{} {
	if o.progress == nil {
		o.progress = make(chan struct{})
	}
	return o.progress
}

// wake lets those that wait for changes look again. mu is held.
func (o *outbox) wake() {
	if o.progress != nil {
		close(o.progress)
		o.progress = nil
	}
}

// flush writes what is pending, unless another goroutine is at it. It waits hardly:
// what the router doesn't take at once is left to a goroutine of its own.
func (o *outbox) flush() {
	o.mu.Lock()
	if o.writing || o.pending.size == 0 || o.err != nil {
		o.mu.Unlock()
		return
	}
	o.writing = true
	o.mu.Unlock()
	runtime.Gosched() // others that are ready to send join in
	for range senderRounds {
		rest, err := o.writeOnce(hurry)
		if err == nil && rest {
			continue
		}
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		break
	}
	go o.writeAll()
}

// writeAll writes until nothing is pending, as long as the router takes something.
func (o *outbox) writeAll() {
	for rest := true; rest; {
		var err error
		if rest, err = o.writeOnce(o.patience); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				o.fail(fmt.Errorf("the router has taken nothing for %v: %w", o.patience, err))
			}
			return
		}
	}
}

// writeOnce writes what is pending now, within that time for each piece. Where time is
// over, the rest is pending again. It returns whether there is more.
func (o *outbox) writeOnce(within time.Duration) (rest bool, err error) {
	o.mu.Lock()
	out := o.pending
	o.pending = pieces{}
	o.inFlight = out.size
	o.mu.Unlock()
	err = o.writePieces(&out, within)
	late := errors.Is(err, os.ErrDeadlineExceeded)
	o.mu.Lock()
	o.inFlight = 0
	if late {
		out.join(o.pending)
		o.pending = out
	}
	rest = o.pending.size > 0
	if err == nil && !rest {
		o.writing = false
		o.wake()
	}
	o.mu.Unlock()
	if err != nil && !late {
		o.fail(err)
	}
	return rest, err
}

// writePieces takes from out what it has written.
func (o *outbox) writePieces(out *pieces, within time.Duration) error {
	for out.size > 0 {
		if err := o.handshakeConn.SetWriteDeadline(time.Now().Add(within)); err != nil && within == hurry {
			return os.ErrDeadlineExceeded // it knows none: a sender must not wait for it
		}
		n, err := o.handshakeConn.Write(out.next())
		out.drop(n)
		if err != nil {
			return err
		}
		o.mu.Lock()
		o.inFlight -= n
		o.wake()
		o.mu.Unlock()
	}
	return nil
}

// fail ends writing for good.
func (o *outbox) fail(err error) {
	o.mu.Lock()
	first := o.err == nil
	if first {
		o.err = err
	}
	o.pending, o.writing = pieces{}, false
	o.wake()
	failed := o.failed
	o.mu.Unlock()
	if first && failed != nil {
		failed(err)
	}
}

// drain flushes, and waits until everything is written, for closeTime at most.
func (o *outbox) drain() {
	patience := time.NewTimer(closeTime)
	defer patience.Stop()
	for {
		o.flush()
		o.mu.Lock()
		if o.err != nil || o.pending.size == 0 && !o.writing {
			o.mu.Unlock()
			return
		}
		changed := o.changed()
		o.mu.Unlock()
		select {
		case <-changed:
		case <-patience.C:
			return
		}
	}
}

// await waits for room, until ctx or the link ends, or limit is over where there is one.
func (o *outbox) await(ctx context.Context, limit time.Duration, end *ending) error {
	var late <-chan time.Time
	for {
		if err := end.cause(); err != nil {
			return err
		}
		room := o.full()
		if room == nil {
			return nil
		}
		if late == nil && limit > 0 {
			timer := time.NewTimer(limit)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-room:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
		case <-late:
			return ErrBusy
		case <-end.done:
			return end.err
		}
	}
}
