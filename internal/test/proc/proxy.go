package proc

import (
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// Proxy passes connections on to a router byte by byte, until it is told otherwise.
type Proxy struct {
	target *url.URL
	url    string
	server transport.Server
	stall  sync.RWMutex // held for writing while nothing is passed on
}

// StartProxy starts a proxy to a router. The test's cleanup ends it.
func StartProxy(t testing.TB, routerURL string) *Proxy {
	t.Helper()
	target, err := url.Parse(routerURL)
	require.NoError(t, err)
	p := &Proxy{target: target}
	address, err := p.server.RawSocket(p.serve)
	require.NoError(t, err)
	own := *target
	own.Host = strings.TrimPrefix(address, "tcp://")
	p.url = own.String()
	t.Cleanup(func() { _ = p.server.Close() })
	return p
}

// URL is where to connect to instead of the router.
func (p *Proxy) URL() string { return p.url }

// Stall stops passing on anything, with all connections open, until it is
// undone.
func (p *Proxy) Stall() (undo func()) {
	p.stall.Lock()
	return p.stall.Unlock
}

// Cut closes all connections, as a router does that dies.
func (p *Proxy) Cut() { _ = p.server.Stop() }

func (p *Proxy) serve(near net.Conn) {
	far, err := net.Dial("tcp", p.target.Host)
	if err != nil {
		return
	}
	defer p.server.Drop(far)
	if !p.server.Hold(far) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.pass(near, far) })
	both.Go(func() { p.pass(far, near) })
	both.Wait()
}

func (p *Proxy) pass(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.stall.RLock()
		_, err = to.Write(buffer[:n])
		p.stall.RUnlock()
		if err != nil {
			return
		}
	}
}
