package proxy

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// Option changes a proxy's settings.
type Option func(*Proxy)

// Limit bounds what a proxy records, in bytes of messages and headers together.
// The default is [DefaultLimit]. See [Proxy.Truncated].
func Limit(bytes int) Option { return func(p *Proxy) { p.limit = bytes } }

// Hostile has the proxy read every message, for hooks. The dialect is that of its
// clients.
func Hostile(d Dialect) Option { return func(p *Proxy) { p.dialect = d } }

// Proxy is a running proxy for any number of connections. Its methods may be called by
// several goroutines, the searching ones after Close as well.
type Proxy struct {
	record
	hooks hooks

	dialect Dialect // empty for one that only listens
	router  *url.URL
	url     string
	server  transport.Server
	ctx     context.Context // ends when the proxy closes
	cancel  context.CancelFunc

	mu    sync.Mutex
	conns []*Conn
}

// Start starts a proxy as [New] does. The test's cleanup closes it.
func Start(t testing.TB, routerURL string, options ...Option) *Proxy {
	t.Helper()
	p, err := New(routerURL, options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// New starts a proxy in front of a router's listener: WebSocket where the URL begins
// with ws:// or wss://, RawSocket for tcp://host:port. The error is that of a bad URL or
// of listening; a router that can't be reached shows when a client connects.
func New(routerURL string, options ...Option) (*Proxy, error) {
	router, err := url.Parse(routerURL)
	if err != nil {
		return nil, fmt.Errorf("proxy: URL of the router: %w", err)
	}
	p := &Proxy{record: record{limit: DefaultLimit}, router: router}
	for _, option := range options {
		option(p)
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	switch scheme := router.Scheme; {
	case (scheme == "ws" || scheme == "wss") && router.Host != "":
		p.url, err = p.server.HTTP(router.Path, p.serveWebSocket)
	case scheme == "tcp" && router.Port() != "":
		p.url, err = p.server.RawSocket(p.serveRawSocket)
	default:
		err = fmt.Errorf("proxy: %q isn't a router's URL: give ws://host:port/path, wss:// or tcp://host:port", routerURL)
	}
	if err != nil {
		p.cancel()
		return nil, err
	}
	return p, nil
}

// URL is what a client connects to in place of the router's URL:
// ws://127.0.0.1:port with the path of the router's URL, or tcp://127.0.0.1:port.
func (p *Proxy) URL() string { return p.url }

// On sets the hook for a direction of all connections that have none of their own,
// those to come included. A nil hook passes everything on.
func (p *Proxy) On(d Direction, hook Hook) { p.hooks.set(d, hook) }

// Conns returns the connections so far, in the order in which they were made.
func (p *Proxy) Conns() []*Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.conns)
}

func (p *Proxy) add(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, c)
}

// Conn returns the connection of the session that WELCOME gave this id, nil where
// there is none. Ids are for all realms of a router.
func (p *Proxy) Conn(session wamp.ID) *Conn {
	for _, c := range p.Conns() {
		if c.Session() == session {
			return c
		}
	}
	return nil
}

// Close stops listening, cuts all connections and returns when the proxy's goroutines
// have ended. The record stays.
func (p *Proxy) Close() error {
	p.cancel()
	return p.server.Close()
}
