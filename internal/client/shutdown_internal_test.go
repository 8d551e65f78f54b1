package client

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// TestShutdownAndChunksToCome: they may never come, and Shutdown doesn't wait for them.
func TestShutdownAndChunksToCome(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		l.register(t, c, "com.example.procedure", 2, func(*Invocation, *Received) {})
		l.invoke(1, more)
		shut := start(func() error { return c.Shutdown(context.Background()) })
		l.send(wamp.UNREGISTERED, l.next(t).Request)
		require.NoError(t, has(t, shut))
		require.Equal(t, wamp.GOODBYE, l.next(t).Type)
		require.Empty(t, c.invocations.live)
	})
}

// TestShutdownOfAFloodOfEvents: events for what was unsubscribed don't keep it waiting.
func TestShutdownOfAFloodOfEvents(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		handled := 0
		l.subscribe(t, c, "com.example.topic", 5, func(*Event) {
			handled++
			time.Sleep(time.Millisecond)
		})
		shut := start(func() error { return c.Shutdown(context.Background()) })
		l.send(wamp.EVENT, 5, 1, wamp.Dict{})
		l.send(wamp.UNSUBSCRIBED, l.next(t).Request)
		synctest.Wait()
		for range 10 * softWaiting {
			l.send(wamp.EVENT, 5, 1, wamp.Dict{})
		}
		time.Sleep(time.Millisecond)
		require.NoError(t, has(t, shut))
		require.Equal(t, 1, handled)
		require.Empty(t, l.refused())
	})
}

// TestShutdown: what came is handled, what comes later is turned away, and then the
// session ends with a GOODBYE.
func TestShutdown(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) {
			time.Sleep(time.Second)
			require.NoError(t, inv.Yield(&wire.Part{}, nil))
		})
		l.invoke(1)
		synctest.Wait()
		require.False(t, c.Idle())
		shut := start(func() error { return c.Shutdown(context.Background()) })
		l.invoke(2)
		l.send(wamp.UNREGISTERED, l.next(t).Request)
		synctest.Wait()
		l.invoke(3)
		m := l.next(t)
		require.Equal(t, ErrorUnavailable, wamp.URI(m.URI))
		require.Equal(t, wamp.ID(3), m.Request)
		time.Sleep(time.Second)
		require.NoError(t, has(t, shut))
		require.True(t, c.Idle())
		require.ElementsMatch(t, []wamp.ID{1, 2}, []wamp.ID{l.next(t).Request, l.next(t).Request})
		require.Equal(t, wamp.GOODBYE, l.next(t).Type)
		require.ErrorIs(t, c.Err(), ErrClosed)
		require.Empty(t, l.ended)
	})
}

// TestShutdownEndsWithItsContext: whatever it waits for.
func TestShutdownEndsWithItsContext(t *testing.T) {
	for name, confirmed := range map[string]bool{"for the router": false, "for a handler": true} {
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) { <-inv.Context().Done() })
				l.invoke(1)
				ctx, cancel := context.WithTimeout(context.Background(), testTimeout/2)
				defer cancel()
				shut := start(func() error { return c.Shutdown(ctx) })
				if m := l.next(t); confirmed {
					l.send(wamp.UNREGISTERED, m.Request)
				}
				time.Sleep(testTimeout/2 - 1)
				synctest.Wait()
				require.Empty(t, shut)
				time.Sleep(time.Nanosecond)
				require.ErrorIs(t, has(t, shut), context.DeadlineExceeded)
				require.ErrorIs(t, c.Err(), ErrClosed)
			})
		})
	}
}
