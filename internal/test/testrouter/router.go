package testrouter

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/stdlog"
	"github.com/gammazero/nexus/v3/wamp"
)

const (
	// loopback listens on a free port that other machines can't reach.
	loopback = "127.0.0.1:0"

	// queueSize is how many messages may wait for one client, as in nexus's
	// own servers. nexus drops what doesn't fit.
	queueSize = 64

	// linger bounds how long a session that has ended may take to write what
	// is queued for its client.
	linger = time.Second
)

// ErrClosed is returned to whoever attaches to a router that is closing or
// closed.
var ErrClosed = errors.New("testrouter: the router is closed: start another one")

// Router is a running nexus router with its listeners. Its methods may be
// called from several goroutines.
type Router struct {
	nexus router.Router
	log   stdlog.StdLog

	web *http.Server
	ws  net.Listener
	raw net.Listener

	mu      sync.Mutex
	closing bool
	pending map[net.Conn]struct{} // connections without a session as yet

	attaching sync.WaitGroup // calls into nexus that must end before it closes
	work      sync.WaitGroup // listeners and connections
	stopped   chan struct{}  // closed when nexus has closed

	closeOnce sync.Once
	closeErr  error
}

// Start starts a router with the given realms, "realm1" and "realm2" if none
// are given. Realms admit anonymous clients and let callers and publishers
// disclose themselves. The error is one of nexus's for a bad realm URI, or that
// of listening.
func Start(realms ...string) (*Router, error) {
	if len(realms) == 0 {
		realms = []string{"realm1", "realm2"}
	}
	r := &Router{
		log:     log.New(io.Discard, "", 0),
		pending: map[net.Conn]struct{}{},
		stopped: make(chan struct{}),
	}
	ws, raw, err := listen()
	if err != nil {
		return nil, err
	}
	r.ws, r.raw = ws, raw
	r.nexus, err = newNexus(realms, r.log)
	if err != nil {
		return nil, errors.Join(err, ws.Close(), raw.Close())
	}
	r.web = &http.Server{
		Handler:           http.HandlerFunc(r.serveWebSocket),
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 5 * time.Second,
	}
	r.work.Go(func() { _ = r.web.Serve(ws) }) // returns when Close closes it
	r.work.Go(r.acceptRawSocket)
	return r, nil
}

func listen() (ws, raw net.Listener, err error) {
	ws, err = net.Listen("tcp", loopback)
	if err != nil {
		return nil, nil, fmt.Errorf("testrouter: listen for WebSocket: %w", err)
	}
	raw, err = net.Listen("tcp", loopback)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("testrouter: listen for RawSocket: %w", err), ws.Close())
	}
	return ws, raw, nil
}

// newNexus checks the realms before nexus sees them: a router that fails to
// start leaves the goroutines of its earlier realms behind.
func newNexus(realms []string, logger stdlog.StdLog) (router.Router, error) {
	config := &router.Config{}
	seen := map[string]bool{}
	for _, realm := range realms {
		if !wamp.URI(realm).ValidURI(false, "") || seen[realm] {
			return nil, fmt.Errorf("testrouter: realm %q is given twice or isn't a WAMP URI", realm)
		}
		seen[realm] = true
		config.RealmConfigs = append(config.RealmConfigs, &router.RealmConfig{
			URI:           wamp.URI(realm),
			AnonymousAuth: true,
			AllowDisclose: true,
		})
	}
	return router.NewRouter(config, logger)
}

// WebSocketURL is where WebSocket clients connect to: "ws://127.0.0.1:port/ws".
func (r *Router) WebSocketURL() string { return "ws://" + r.ws.Addr().String() + "/ws" }

// RawSocketURL is where RawSocket clients connect to: "tcp://127.0.0.1:port".
func (r *Router) RawSocketURL() string { return "tcp://" + r.raw.Addr().String() }

// Router is the nexus router, for client.ConnectLocal and for adding realms.
// Attaching to it after Close returns [ErrClosed] (nexus itself would panic).
func (r *Router) Router() router.Router { return gate{Router: r.nexus, owner: r} }

// Close stops the listeners, ends every session with a GOODBYE and returns when
// all goroutines of the router and of its connections have ended. A client that
// doesn't read is cut off after a second. Later calls return the same error.
func (r *Router) Close() error {
	r.closeOnce.Do(func() {
		r.mu.Lock()
		r.closing = true
		for conn := range r.pending {
			_ = conn.Close()
		}
		r.mu.Unlock()

		r.closeErr = errors.Join(r.web.Close(), r.raw.Close())
		r.attaching.Wait()
		r.nexus.Close()
		close(r.stopped)
		r.work.Wait()
	})
	return r.closeErr
}

// begin counts one more connection, unless the router is closing. Each begin
// that returned true needs an r.work.Done.
func (r *Router) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return false
	}
	r.work.Add(1)
	return true
}

// hold lets Close cut off a connection that has no session as yet.
func (r *Router) hold(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return false
	}
	r.pending[conn] = struct{}{}
	return true
}

func (r *Router) isClosing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closing
}

func (r *Router) release(conn net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.pending, conn)
}
