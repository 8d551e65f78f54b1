package testrouter

import (
	"errors"
	"fmt"
	"io"
	"log"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/stdlog"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

const (
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

	server  transport.Server // holds connections without a session as yet
	ws, raw string           // URLs

	mu        sync.Mutex
	closing   bool
	attaching sync.WaitGroup // calls into nexus that must end before it closes
	stopped   chan struct{}  // closed when nexus has closed

	closeOnce sync.Once
	closeErr  error
}

// Start starts a router as [New] does. The test's cleanup closes it.
func Start(t testing.TB, realms ...string) *Router {
	t.Helper()
	r, err := New(realms...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// StartLogging starts a router that logs there whatever nexus logs for debugging.
func StartLogging(t testing.TB, logger stdlog.StdLog) *Router {
	t.Helper()
	r, err := newRouter(logger, true)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// New starts a router with the given realms, "realm1" and "realm2" if none
// are given. Realms admit anonymous clients and let callers and publishers
// disclose themselves. The error is one of nexus's for a bad realm URI, or that
// of listening.
func New(realms ...string) (*Router, error) {
	return newRouter(log.New(io.Discard, "", 0), false, realms...)
}

func newRouter(logger stdlog.StdLog, debug bool, realms ...string) (*Router, error) {
	if len(realms) == 0 {
		realms = []string{"realm1", "realm2"}
	}
	r := &Router{log: logger, stopped: make(chan struct{})}
	var err error
	if r.nexus, err = newNexus(realms, r.log, debug); err != nil {
		return nil, err
	}
	if r.ws, err = r.server.WebSocket("/ws", r.serveWebSocket, transport.Serializers...); err == nil {
		r.raw, err = r.server.RawSocket(r.serveRawSocket)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// newNexus checks the realms before nexus sees them: a router that fails to
// start leaves the goroutines of its earlier realms behind.
func newNexus(realms []string, logger stdlog.StdLog, debug bool) (router.Router, error) {
	config := &router.Config{Debug: debug}
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
func (r *Router) WebSocketURL() string { return r.ws }

// RawSocketURL is where RawSocket clients connect to: "tcp://127.0.0.1:port".
func (r *Router) RawSocketURL() string { return r.raw }

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
		r.mu.Unlock()
		r.closeErr = r.server.Stop()
		r.attaching.Wait()
		r.nexus.Close()
		close(r.stopped)
		r.server.Wait()
	})
	return r.closeErr
}
