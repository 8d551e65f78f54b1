package attacks_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// dropping drops one message that matches, from the one with that index on.
func dropping(at int, match func(*proxy.Message) bool) proxy.Hook {
	seen := -1
	return func(m *proxy.Message, send func(...*proxy.Message)) {
		if match(m) {
			if seen++; seen == at {
				return
			}
		}
		send(m)
	}
}

// TestHostileDrop: a router can always be silent. The caller's context ends the wait,
// as soon as the router has confirmed that the call is canceled, or the time is up
// that it has for that. Nothing else breaks.
func TestHostileDrop(t *testing.T) {
	type dropped struct {
		actor  func(*theatre) *actor
		way    proxy.Direction
		what   string
		kind   wamp.MessageType
		served bool
		ends   error
	}
	attackEach(t, func(t *testing.T, th *theatre) {
		th.hasty()
		for _, d := range []dropped{
			{toCaller, proxy.Up, "x", wamp.CALL, false, client.ErrReplyTimeout},
			{toCallee, proxy.Down, "x", wamp.INVOCATION, false, context.DeadlineExceeded},
			{toCallee, proxy.Up, "x", wamp.YIELD, true, context.DeadlineExceeded},
			{toCaller, proxy.Down, "x", wamp.RESULT, true, client.ErrReplyTimeout},
			{toCallee, proxy.Up, "fail", wamp.ERROR, true, context.DeadlineExceeded},
		} {
			th.doing = d.kind.String()
			conn := d.actor(th).conn
			conn.On(d.way, dropping(0, typed(d.kind)))
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			began := time.Now()
			_, err := th.caller.Call(ctx, attackedURI, nil, wamp.List{d.what}, nil, nil)
			require.ErrorIs(t, err, d.ends)
			require.Less(t, time.Since(began), harness.Patience/2)
			cancel()
			conn.On(d.way, nil)
			if d.served {
				harness.Receive(t, th.callee.served)
			}
			th.quiet()
		}
	})
}

// TestHostileDropEvent: the ones after it arrive, and their numbers have a gap.
func TestHostileDropEvent(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		th.callee.conn.On(proxy.Down, dropping(1, typed(wamp.EVENT)))
		for range 3 {
			require.NoError(t, th.publish("x"))
		}
		first, _ := transparency.InfoFrom(harness.Receive(t, th.callee.events).Details)
		last, _ := transparency.InfoFrom(harness.Receive(t, th.callee.events).Details)
		require.Equal(t, first.Counter+2, last.Counter)
	})
}

// TestHostileDropChunk: the callee gets those before it, and no later one.
func TestHostileDropChunk(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		th.callee.conn.On(proxy.Down, dropping(1, typed(wamp.INVOCATION)))
		th.requireRefused(th.callInChunks("x", 3), transparency.Gap)
		th.callee.refuses("invocation", transparency.Gap)
		th.requireServed("x", 1)
	})
}

// TestHostileDropFirstChunk: the second one can't begin a call.
func TestHostileDropFirstChunk(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		th.callee.conn.On(proxy.Down, dropping(0, typed(wamp.INVOCATION)))
		th.requireRefused(th.callInChunks("x", 2), transparency.WrongRequest)
		th.callee.refuses("invocation", transparency.WrongRequest)
	})
}

// TestHostileDropProgress: whichever is missing, the caller gets those before it and an
// error, and no result.
func TestHostileDropProgress(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		for missing, op := range []string{"progress", "progress", "result"} {
			th.caller.conn.On(proxy.Down, dropping(missing, typed(wamp.RESULT)))
			progress, err := th.callFor("progress")
			harness.RequireReason(t, err, transparency.Gap)
			require.Equal(t, missing, progress)
			th.caller.refuses(op, transparency.Gap)
			harness.Receive(t, th.callee.served)
		}
	})
}
