package wiretap

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// linger is how long one direction of a connection may go on when the other
// has ended.
const linger = time.Second

// Option changes a tap's settings.
type Option func(*Tap)

// Limit bounds what a tap records, in bytes of messages and headers together.
// The default is [DefaultLimit]. See [Tap.Truncated].
func Limit(bytes int) Option { return func(t *Tap) { t.limit = bytes } }

// Tap is a running tap for any number of connections. Its methods may be called
// from several goroutines, the searching ones after Close as well.
type Tap struct {
	record
	listener net.Listener
	url      string
	server   *http.Server // nil on RawSocket

	ctx    context.Context // ends when the tap closes
	cancel context.CancelFunc

	connMu   sync.Mutex
	closing  bool
	sessions int
	open     map[net.Conn]struct{}
	work     sync.WaitGroup

	closeOnce sync.Once
	closeErr  error
}

func newTap(options []Option) (*Tap, error) {
	t := &Tap{record: record{limit: DefaultLimit}, open: map[net.Conn]struct{}{}}
	for _, option := range options {
		option(t)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("wiretap: listen on the loopback interface: %w", err)
	}
	t.listener = listener
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t, nil
}

// URL is what a client connects to in place of the router's URL:
// ws://127.0.0.1:port with the path of the router's URL, or tcp://127.0.0.1:port.
func (t *Tap) URL() string { return t.url }

// Close stops listening, cuts all connections and returns when the tap's
// goroutines have ended. The record stays. Later calls return the same error.
func (t *Tap) Close() error {
	t.closeOnce.Do(func() {
		t.cancel()
		t.connMu.Lock()
		t.closing = true
		for conn := range t.open {
			_ = conn.Close()
		}
		t.connMu.Unlock()
		if t.server != nil {
			t.closeErr = t.server.Close() // and the listener
		} else {
			t.closeErr = t.listener.Close()
		}
		t.work.Wait()
	})
	return t.closeErr
}

// begin numbers a new connection. It returns false when the tap is closing;
// else the connection ends with t.work.Done.
func (t *Tap) begin() (session int, ok bool) {
	t.connMu.Lock()
	defer t.connMu.Unlock()
	if t.closing {
		return 0, false
	}
	t.sessions++
	t.work.Add(1)
	return t.sessions, true
}

// hold lets Close cut the connection, and cuts it now if the tap is closing.
func (t *Tap) hold(conn net.Conn) {
	t.connMu.Lock()
	defer t.connMu.Unlock()
	if t.closing {
		_ = conn.Close()
		return
	}
	t.open[conn] = struct{}{}
}

func (t *Tap) drop(conn net.Conn) {
	_ = conn.Close()
	t.connMu.Lock()
	defer t.connMu.Unlock()
	delete(t.open, conn)
}

// relay runs both directions of a connection until both have ended. When one
// has, the other may linger to deliver what is under way.
func relay(a, b net.Conn, up, down func()) {
	ended := make(chan struct{}, 2)
	for _, pump := range []func(){up, down} {
		go func() {
			pump()
			ended <- struct{}{}
		}()
	}
	<-ended
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case <-ended:
		return
	case <-timer.C:
	}
	_, _ = a.Close(), b.Close()
	<-ended
}
