package redismemory_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestALostAnswer: the connection breaks after Redis has noted the message and before
// it says so. The client asks again, and that is not a replay.
func TestALostAnswer(t *testing.T) {
	server, _, _ := start(t) // Redis knows the script
	lossy := loseAnswer(t, server.Addr())
	rdb := clientOf(t, lossy.addr)
	memory := memoryOf(t, rdb)
	born(t, memory)
	lossy.next.Store(true)
	m := bound(0)
	require.NoError(t, memory.Accept(within(t), m))
	require.False(t, lossy.next.Load(), "an answer was lost")
	require.ErrorIs(t, memory.Accept(within(t), m), transparency.Replayed)
}

// lossy stands before a server and loses the next answer to a script, once it is told to.
type lossy struct {
	addr string
	next atomic.Bool
}

func loseAnswer(t *testing.T, server string) *lossy {
	t.Helper()
	l := &lossy{}
	l.addr = transport.Listen(t, func(conn net.Conn) { l.carry(conn, server) })
	return l
}

func (l *lossy) carry(down net.Conn, server string) {
	up, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	var asked atomic.Bool
	var upward sync.WaitGroup
	defer func() {
		_ = down.Close()
		upward.Wait()
	}()
	upward.Go(func() {
		defer func() { _ = up.Close() }()
		buffer := make([]byte, 1<<16)
		for {
			n, err := down.Read(buffer)
			if err != nil {
				return
			}
			asked.Store(bytes.Contains(bytes.ToLower(buffer[:n]), []byte("evalsha")))
			if _, err := up.Write(buffer[:n]); err != nil {
				return
			}
		}
	})
	buffer := make([]byte, 1<<16)
	for {
		n, err := up.Read(buffer)
		if err != nil || asked.Load() && l.next.CompareAndSwap(true, false) {
			return
		}
		if _, err := io.Copy(down, bytes.NewReader(buffer[:n])); err != nil {
			return
		}
	}
}
