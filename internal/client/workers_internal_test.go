package client

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// TestWorkers: goroutines that run handlers are used again, some of them wait for more
// work, and those end with the session.
func TestWorkers(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		const loop = "(*workers).loop"
		release := make(chan struct{})
		l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) {
			<-release
			_ = inv.Yield(&wire.Part{}, nil)
		})
		const burst = 3 * maxIdle
		for i := range burst {
			l.invoke(i + 1)
		}
		require.Equal(t, burst, goroutines(loop))
		close(release)
		require.Equal(t, maxIdle, goroutines(loop))
		require.Len(t, l.out, burst)
		for i := range burst {
			l.invoke(burst + i + 1)
			require.Equal(t, maxIdle, goroutines(loop))
		}
		require.Len(t, l.out, 2*burst)
		c.End(ErrClosed)
		require.Zero(t, goroutines(loop))
	})
}

// TestWorkersServeEachOnce: whichever goroutine that is.
func TestWorkersServeEachOnce(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) {
			runtime.Gosched()
			_ = inv.Yield(&wire.Part{}, nil)
		})
		const sent = 5000
		answered := map[wamp.ID]int{}
		for i := range sent {
			l.invoke(i + 1)
		}
		synctest.Wait()
		for range sent {
			answered[(<-l.out).Request]++
		}
		require.Len(t, answered, sent)
		require.Empty(t, l.out)
		require.True(t, c.Idle())
	})
}
