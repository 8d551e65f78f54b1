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

// StartLogging starts a router with one realm of the test's own, which logs all that nexus
// can. The test's cleanup closes it.
func StartLogging(t testing.TB, realm *router.RealmConfig, to io.Writer) *Router {
	t.Helper()
	logger := log.New(to, "", 0)
	n, err := router.NewRouter(&router.Config{RealmConfigs: []*router.RealmConfig{realm}, Debug: true}, logger)
	require.NoError(t, err)
	r, err := listen(n, logger)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// New starts a router with the given realms, "realm1" and "realm2" if none
// are given. Realms admit anonymous clients and let callers and publishers
// disclose themselves. The error is one of nexus's for a bad realm URI, or that
// of listening.
func New(realms ...string) (*Router, error) {
	if len(realms) == 0 {
		realms = []string{"realm1", "realm2"}
	}
	quiet := log.New(io.Discard, "", 0)
	n, err := newNexus(realms, quiet)
	if err != nil {
		return nil, err
	}
	return listen(n, quiet)
}

// listen opens the listeners of a router.
func listen(n router.Router, logger stdlog.StdLog) (r *Router, err error) {
	r = &Router{nexus: n, log: logger, stopped: make(chan struct{})}
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
