package reconnect_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// front is an address where a router may be, or not: what a client connects to.
type front struct {
	t       testing.TB
	address string
	work    sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while the port is closed
	serve    func(net.Conn)
	clients  map[net.Conn]struct{}
	routers  map[net.Conn]struct{} // the far ends
}

// newFront returns one whose port is closed.
func newFront(t testing.TB) *front {
	t.Helper()
	f := &front{t: t, clients: map[net.Conn]struct{}{}, routers: map[net.Conn]struct{}{}}
	require.Eventually(t, func() bool {
		// Below the ports that systems give to those who ask for any: while it is closed,
		// nobody else gets it.
		f.address = fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		listener, err := net.Listen("tcp", f.address)
		return err == nil && listener.Close() == nil
	}, harness.Patience, time.Millisecond)
	t.Cleanup(func() {
		f.down()
		f.work.Wait()
	})
	return f
}

// up opens the port: serve has each connection, which is closed when it returns.
func (f *front) up(serve func(net.Conn)) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	listener, err := net.Listen("tcp", f.address)
	require.NoError(f.t, err)
	f.listener, f.serve = listener, serve
	f.work.Go(func() { f.accept(listener) })
}

// router opens the port to the router at that URL.
func (f *front) router(target string) {
	f.t.Helper()
	u, err := url.Parse(target)
	require.NoError(f.t, err)
	f.up(func(near net.Conn) {
		far, err := net.Dial("tcp", u.Host)
		if err != nil {
			return
		}
		defer func() { _ = far.Close() }()
		f.hold(f.routers, far)
		f.work.Go(func() {
			_, _ = io.Copy(far, near)
			if f.holds(near) { // it wasn't severed
				_ = far.Close()
			}
		})
		_, _ = io.Copy(near, far)
		_, _ = io.Copy(io.Discard, far) // of a client that was severed
	})
}

func (f *front) holds(client net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.clients[client]
	return ok
}

func (f *front) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		f.hold(f.clients, conn)
		f.mu.Lock()
		serve := f.serve
		f.mu.Unlock()
		f.work.Go(func() {
			serve(conn)
			_ = conn.Close()
		})
	}
}

func (f *front) hold(conns map[net.Conn]struct{}, conn net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	conns[conn] = struct{}{}
}

func (f *front) cut(conns map[net.Conn]struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for conn := range conns {
		_ = conn.Close()
		delete(conns, conn)
	}
}

// sever cuts clients off, unnoticed by the router until the front is down.
func (f *front) sever() { f.cut(f.clients) }

// down closes the port and all connections.
func (f *front) down() {
	f.mu.Lock()
	if f.listener != nil {
		_ = f.listener.Close()
		f.listener = nil
	}
	f.mu.Unlock()
	f.cut(f.clients)
	f.cut(f.routers)
}

// transports are how Sessions connect to a front.
var transports = map[string]struct {
	url    func(f *front) string
	target func(r *testrouter.Router) string
}{
	"websocket": {func(f *front) string { return "ws://" + f.address + "/ws" }, (*testrouter.Router).WebSocketURL},
	"rawsocket": {func(f *front) string { return "tcp://" + f.address }, (*testrouter.Router).RawSocketURL},
}

// startRouter starts a router of nexus, which the test's cleanup closes.
func startRouter(t testing.TB, realms ...string) *testrouter.Router {
	t.Helper()
	return testrouter.Start(t, realms...)
}
