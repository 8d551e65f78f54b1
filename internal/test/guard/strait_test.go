package guard_test

import (
	"io"
	"math"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

const (
	shut = 0             // nothing gets through
	slow = 4 << 10       // a message of many MiB takes long
	open = math.MaxInt64 // the router reads all at once
)

// strait is what a client's messages go through: so many bytes each 10 ms. What the
// router sends isn't held up. A nil strait isn't there.
type strait struct {
	width  atomic.Int64
	server transport.Server
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
	to := u.Host
	address, err := s.server.RawSocket(func(client net.Conn) { s.relay(client, to) })
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = s.server.Stop()
		s.width.Store(open)
		s.server.Wait()
	})
	u.Host = strings.TrimPrefix(address, "tcp://")
	return u.String()
}

func (s *strait) relay(client net.Conn, to string) {
	if tcp, ok := client.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(16 << 10)
	}
	router, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer s.server.Drop(router)
	if !s.server.Hold(router) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(client, router)
		_ = client.Close()
	})
	s.pass(router, client)
	_ = router.Close()
	back.Wait()
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
