package client

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// requireDenied: the router is told that the invocation isn't served.
func requireDenied(t *testing.T, l *scripted, request int, uri wamp.URI) {
	t.Helper()
	m := l.next(t)
	require.Equal(t, wamp.ERROR, m.Type)
	require.Equal(t, wamp.INVOCATION, m.Answers)
	require.Equal(t, wamp.ID(request), m.Request)
	require.Equal(t, string(uri), m.URI)
}

// fill has maxServed invocations served, which end with an answer when yield is closed.
func fill(t *testing.T, c *Client, l *scripted) (yield chan struct{}) {
	t.Helper()
	yield = make(chan struct{})
	l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) {
		select {
		case <-yield:
			_ = inv.Yield(&wire.Part{}, nil)
		case <-inv.Context().Done():
		}
	})
	for i := range maxServed {
		l.invoke(i + 1)
	}
	synctest.Wait()
	require.Len(t, c.invocations.live, maxServed)
	return yield
}

// TestMoreInvocationsThanAreServed: another one waits for a while, is then answered, and
// counted. What comes after it is answered at once, until one has ended.
func TestMoreInvocationsThanAreServed(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		yield := fill(t, c, l)
		const first = maxServed + 1
		l.invoke(first)
		time.Sleep(testTimeout/2 - 1)
		l.requireNothing(t)
		require.Empty(t, l.refused())
		time.Sleep(time.Nanosecond)
		requireDenied(t, l, first, ErrorUnavailable)
		l.requireRefused(t, ErrFlood)
		l.invoke(first+1, more)
		requireDenied(t, l, first+1, ErrorUnavailable)
		l.requireRefused(t, ErrFlood)
		l.invoke(first + 1) // a chunk that was on its way
		l.requireNothing(t)
		require.Empty(t, l.refused())

		yield <- struct{}{}
		require.Equal(t, wamp.YIELD, l.next(t).Type)
		l.invoke(first + 2)
		synctest.Wait()
		require.Len(t, c.invocations.live, maxServed)
		l.invoke(first + 3)
		l.requireNothing(t)
		require.NotContains(t, c.invocations.live, wamp.ID(first+3))
		yield <- struct{}{}
		require.Equal(t, wamp.YIELD, l.next(t).Type)
		synctest.Wait()
		require.Contains(t, c.invocations.live, wamp.ID(first+3))
		require.Empty(t, l.refused())
	})
}

// TestInvocationsBehindAReply: a handler that calls isn't kept waiting.
func TestInvocationsBehindAReply(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		fill(t, c, l)
		l.invoke(maxServed + 1)
		l.requireNothing(t)
		call := startCall(context.Background(), c, nil)
		synctest.Wait()
		for range 2 {
			switch m := l.next(t); m.Type {
			case wamp.CALL:
				l.invoke(maxServed + 2)
				l.send(wamp.RESULT, m.Request, wamp.Dict{})
			default:
				require.Equal(t, string(ErrorUnavailable), m.URI)
			}
		}
		require.NoError(t, has(t, call).err)
		requireDenied(t, l, maxServed+2, ErrorUnavailable)
		require.Len(t, l.refused(), 2)
	})
}

// TestMemoryOfInvocations: those in service take no more than that, but that a single one
// may be as large as the connection takes.
func TestMemoryOfInvocations(t *testing.T) {
	for name, answer := range map[string]func(*Invocation){
		"answered":    func(inv *Invocation) { _ = inv.Yield(&wire.Part{}, nil) },
		"interrupted": nil,
	} {
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				started, yield := make(chan struct{}, 10), make(chan struct{})
				l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) {
					started <- struct{}{}
					select {
					case <-yield:
						answer(inv)
					case <-inv.Context().Done():
					}
				})
				for i := range 3 {
					l.invokeSized(maxServedBytes/2-2048, i+1)
				}
				synctest.Wait()
				require.Len(t, started, 2)
				require.LessOrEqual(t, c.invocations.bytes, maxServedBytes)
				if answer != nil {
					yield <- struct{}{}
				} else {
					c.route(&link.Incoming{In: message.In{Type: wamp.INTERRUPT, Request: 1}})
				}
				synctest.Wait()
				require.Len(t, started, 3)
				l.invokeSized(maxServedBytes/2-2048, 4)
				time.Sleep(testTimeout)
				l.requireRefused(t, ErrFlood)
				require.Len(t, started, 3)
			})
		})
	}
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) { _ = inv.Yield(&wire.Part{}, nil) })
		l.invokeSized(2*maxServedBytes, 1)
		require.Equal(t, wamp.YIELD, l.next(t).Type)
		synctest.Wait()
		require.Zero(t, c.invocations.bytes)
	})
}

// TestMemoryOfChunks: the largest chunk of an invocation counts. Where there is no room for
// it, the router waits, and then the invocation is ended, and at once where a handler waits
// for a reply.
func TestMemoryOfChunks(t *testing.T) {
	const half = maxServedBytes/2 - 2048
	test := func(t *testing.T, test func(t *testing.T, c *Client, l *scripted, answer func(int))) {
		inSession(t, func(t *testing.T, c *Client, l *scripted) {
			served := map[wamp.ID]*Invocation{}
			l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) {
				c.mu.Lock()
				served[inv.request] = inv
				c.mu.Unlock()
			})
			l.invokeSized(half, 1, more)
			l.invokeSized(0, 2, more)
			for range 3 {
				l.invokeSized(half-4096, 2, more)
			}
			synctest.Wait()
			require.InDelta(t, 2*half-4096, c.invocations.bytes, 4096)
			l.invokeSized(2*half, 2, more)
			synctest.Wait()
			require.Empty(t, l.refused())
			test(t, c, l, func(i int) { require.NoError(t, served[wamp.ID(i)].Yield(&wire.Part{}, nil)) })
			require.Empty(t, c.invocations.live)
			require.Zero(t, c.invocations.bytes)
		})
	}
	t.Run("room", func(t *testing.T) {
		test(t, func(t *testing.T, _ *Client, l *scripted, answer func(int)) {
			answer(1)
			synctest.Wait()
			answer(2)
			require.Empty(t, l.refused())
		})
	})
	t.Run("no room", func(t *testing.T) {
		test(t, func(t *testing.T, _ *Client, l *scripted, answer func(int)) {
			time.Sleep(testTimeout / 2)
			requireDenied(t, l, 2, wamp.ErrCanceled)
			l.requireRefused(t, errChunks)
			answer(1)
		})
	})
	t.Run("before a reply", func(t *testing.T) {
		test(t, func(t *testing.T, c *Client, l *scripted, answer func(int)) {
			call := startCall(context.Background(), c, nil)
			synctest.Wait()
			l.send(wamp.RESULT, 3-1, wamp.Dict{})
			require.NoError(t, has(t, call).err)
			l.requireRefused(t, errChunks)
			answer(1)
		})
	})
}

// TestHandlersThatGoOn: an invocation that has been interrupted, or whose answer the router
// doesn't take, is served for as long as its handler runs.
func TestHandlersThatGoOn(t *testing.T) {
	const large = maxServedBytes/2 - 2048
	for name, c := range map[string]struct {
		size        int
		served      int
		interrupted bool
	}{
		"interrupted":        {0, maxServed, true},
		"unanswered":         {0, maxServed, false},
		"large, interrupted": {large, 2, true},
		"large, unanswered":  {large, 2, false},
	} {
		size, served, interrupted := c.size, c.served, c.interrupted
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				var mu sync.Mutex
				running, most := 0, 0
				count := func(change int) {
					mu.Lock()
					defer mu.Unlock()
					running += change
					most = max(most, running)
				}
				release := make(chan struct{})
				l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) {
					count(1)
					defer count(-1)
					if interrupted {
						<-release
						return
					}
					_ = inv.Yield(&wire.Part{}, nil)
				})
				if !interrupted {
					l.stopped = release
				}
				for i := range served + 10 {
					l.invokeSized(size, i+1)
					if interrupted {
						l.send(wamp.INTERRUPT, i+1, wamp.Dict{})
					}
				}
				synctest.Wait()
				require.Equal(t, served, running)
				close(release)
				synctest.Wait()
				require.Zero(t, running)
				require.Equal(t, served, most)
				require.Zero(t, c.invocations.bytes)
				require.True(t, c.Idle())
				require.Empty(t, l.refused())
			})
		})
	}
}

// TestDenialsThatTheRouterDoesNotTake: they don't add up.
func TestDenialsThatTheRouterDoesNotTake(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		l.register(t, c, "com.example.procedure", 2, func(*Invocation, *Received) {})
		unregistered := start(func() error { return c.Unregister("com.example.procedure") })
		l.send(wamp.UNREGISTERED, l.next(t).Request)
		require.NoError(t, has(t, unregistered))
		l.stopped = make(chan struct{})
		const sent = 2*maxDenials + 100
		for i := range sent {
			l.invoke(i + 1)
		}
		synctest.Wait()
		require.Len(t, l.in, maxDenials+100-1, "one waits for room")
		close(l.stopped)
		synctest.Wait()
		require.Len(t, l.out, sent)
	})
}
