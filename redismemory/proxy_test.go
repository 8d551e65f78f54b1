package redismemory_test

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// leading is a proxy that leads to one server at a time.
type leading struct {
	addr string

	mu    sync.Mutex
	to    string
	conns []net.Conn
}

func leadTo(t *testing.T, server *redismemory.Server) *leading {
	t.Helper()
	l := &leading{to: server.Addr()}
	l.addr = transport.Listen(t, l.carry)
	return l
}

// leads cuts all connections, and leads the next ones elsewhere.
func (l *leading) leads(server *redismemory.Server) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = server.Addr()
	for _, conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
}

func (l *leading) carry(down net.Conn) {
	l.mu.Lock()
	up, err := net.Dial("tcp", l.to)
	if err == nil {
		l.conns = append(l.conns, up)
	}
	l.mu.Unlock()
	if err != nil {
		return
	}
	var upward sync.WaitGroup
	upward.Go(func() { _, _ = io.Copy(up, down); _ = up.Close() })
	_, _ = io.Copy(down, up)
	_ = down.Close()
	upward.Wait()
}

// TestThereAndBack: a proxy leads from one server, which has a birth and what was accepted
// since, to another that has them too, and back. What was accepted at one is refused at
// the other, by those who never left as well.
func TestThereAndBack(t *testing.T) {
	first, _, stays := start(t)
	second, _, there := start(t)
	proxy := leadTo(t, first)
	memory := memoryOf(t, clientOf(t, proxy.addr))
	born(t, memory)
	var accepted []*transparency.ReplayMessage
	for i, server := range []*redismemory.Server{first, second, first, second} {
		proxy.leads(server)
		require.NoError(t, memory.Accept(within(t), bound(time.Minute)))
		time.Sleep(3 * time.Millisecond)
		for _, m := range accepted {
			require.ErrorIs(t, memory.Accept(within(t), m), transparency.Stale)
			other := []*redismemory.Memory{stays, there}[i%2]
			require.ErrorIs(t, other.Accept(within(t), m), transparency.Stale)
		}
		m := bound(0)
		require.NoError(t, memory.Accept(within(t), m))
		require.ErrorIs(t, memory.Accept(within(t), m), transparency.Replayed)
		accepted = append(accepted, m)
		time.Sleep(3 * time.Millisecond) // births are told in milliseconds
	}
}

// spread is a hook that has what is asked at a time arrive one after the other, and does
// something after each.
type spread struct {
	asked atomic.Int32
	after func()
}

func (s *spread) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *spread) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		time.Sleep(time.Duration(s.asked.Add(1)) * 2 * time.Millisecond)
		defer s.after()
		return next(ctx, cmd)
	}
}

func (s *spread) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestManyComeAtATime: all who ask at that time have the memory born anew once.
func TestManyComeAtATime(t *testing.T) {
	first, _, _ := start(t)
	second, rdb, _ := start(t)
	proxy := leadTo(t, first)
	over := clientOf(t, proxy.addr)
	memory := memoryOf(t, over)
	born(t, memory)
	proxy.leads(second)
	var mu sync.Mutex
	births := map[string]bool{}
	look := func() {
		mu.Lock()
		defer mu.Unlock()
		births[rdb.Get(within(t), birthKey).Val()] = true
	}
	look()
	over.AddHook(&spread{after: look})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := memory.Accept(within(t), bound(time.Minute)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Len(t, births, 2, "the one before, and the one since")
}
