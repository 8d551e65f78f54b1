package proc

import (
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy passes connections on to a router, until it is told otherwise.
type Proxy struct {
	target   *url.URL
	listener net.Listener
	work     sync.WaitGroup

	stall sync.RWMutex // held for writing while nothing is passed on
	mu    sync.Mutex
	conns []net.Conn // nil again after Cut
	cut   bool
}

// StartProxy starts a proxy to a router. The test's cleanup ends it.
func StartProxy(t testing.TB, routerURL string) *Proxy {
	t.Helper()
	target, err := url.Parse(routerURL)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Proxy{target: target, listener: listener}
	p.work.Go(p.accept)
	t.Cleanup(func() {
		p.Cut()
		p.work.Wait()
	})
	return p
}

// URL is where to connect to instead of the router.
func (p *Proxy) URL() string {
	own := *p.target
	own.Host = p.listener.Addr().String()
	return own.String()
}

// Stall stops passing on anything, with all connections open, until it is
// undone.
func (p *Proxy) Stall() (undo func()) {
	p.stall.Lock()
	return p.stall.Unlock
}

// Cut closes all connections, as a router does that dies.
func (p *Proxy) Cut() {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns, p.cut = nil, true
}

func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.target.Host)
		if err != nil {
			_ = near.Close()
			continue
		}
		if !p.hold(near, far) {
			return
		}
		p.work.Go(func() { p.pass(near, far) })
		p.work.Go(func() { p.pass(far, near) })
	}
}

// hold keeps the connections for Cut.
func (p *Proxy) hold(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		for _, conn := range conns {
			_ = conn.Close()
		}
		return false
	}
	p.conns = append(p.conns, conns...)
	return true
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
