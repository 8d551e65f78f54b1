package guard_test

import (
	"io"
	"math"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	shut = 0             // nothing gets through
	slow = 4 << 10       // a message of many MiB takes long
	open = math.MaxInt64 // the router reads all at once
)

// strait is what a client's messages go through: so many bytes each 10 ms. What the
// router sends isn't held up. A nil strait isn't there.
type strait struct {
	width atomic.Int64

	mu    sync.Mutex
	conns []io.Closer
	work  sync.WaitGroup
}

// url is where the strait leads to the router. It ends with the test.
func (s *strait) url(t *testing.T, router string) string {
	t.Helper()
	if s == nil {
		return router
	}
	s.width.Store(open)
	u, err := url.Parse(router)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.hold(listener)
	to := u.Host
	s.work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.relay(conn, to)
		}
	})
	t.Cleanup(func() {
		s.close()
		s.work.Wait()
	})
	u.Host = listener.Addr().String()
	return u.String()
}

func (s *strait) hold(c io.Closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, c)
}

func (s *strait) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.width.Store(open)
}

func (s *strait) relay(client net.Conn, to string) {
	s.hold(client)
	if tcp, ok := client.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(16 << 10)
	}
	router, err := net.Dial("tcp", to)
	if err != nil {
		_ = client.Close()
		return
	}
	s.hold(router)
	s.work.Go(func() {
		_, _ = io.Copy(client, router)
		_ = client.Close()
	})
	s.work.Go(func() {
		s.pass(router, client)
		_ = router.Close()
	})
}

func (s *strait) pass(to io.Writer, from io.Reader) {
	buffer := make([]byte, 64<<10)
	for {
		width := s.width.Load()
		if width < open {
			time.Sleep(10 * time.Millisecond)
		}
		if width == shut {
			continue
		}
		n, err := from.Read(buffer[:min(width, int64(len(buffer)))])
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
