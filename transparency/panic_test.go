package transparency_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// panicText is what the handlers of these tests panic with.
const panicText = "the application's own"

// recovering runs fn, which has to panic.
func recovering(t *testing.T, fn func()) {
	t.Helper()
	require.PanicsWithValue(t, panicText, fn)
}

// TestRecoveredPanic: what the application recovers, where its function runs in its own
// goroutine or handler, takes nothing else with it: no lock is held, no call hangs, and
// other handlers go on.
func TestRecoveredPanic(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	var bad atomic.Bool
	pad := transparency.WithPadding(func(n int) int {
		if bad.CompareAndSwap(true, false) {
			panic(panicText)
		}
		return n
	})
	refused, collecting := harness.Collect()
	caller := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), pad, collecting)
	callee := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()), pad, collecting)
	got := events(t, callee, harness.Prefix+"x", nil)
	require.NoError(t, callee.Register(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		bad.Store(true)
		recovering(t, func() { _ = callee.SendProgress(ctx, wamp.List{"lost"}, nil) })
		if err := callee.SendProgress(ctx, wamp.List{"part"}, nil); err != nil {
			return client.InvokeResult{Err: "com.plain.broken"}
		}
		return client.InvokeResult{Args: inv.Arguments}
	}, nil))

	bad.Store(true)
	recovering(t, func() { _ = caller.Publish(harness.Prefix+"x", nil, wamp.List{"lost"}, nil) })
	bad.Store(true)
	recovering(t, func() { _, _ = caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{"lost"}, nil, nil) })
	recovering(t, func() {
		_, _ = caller.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) { panic(panicText) }, nil)
	})

	var progress []any
	res, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{"hi"}, nil, func(part *wamp.Result) { progress = append(progress, part.Arguments...) })
	require.NoError(t, err)
	require.Equal(t, wamp.List{"hi"}, res.Arguments)
	require.Equal(t, []any{"part"}, progress)
	require.NoError(t, caller.Publish(harness.Prefix+"x", nil, wamp.List{"event"}, nil))
	require.Equal(t, wamp.List{"event"}, harness.Receive(t, got).Arguments)
	require.Zero(t, refused.Count())
	require.NoError(t, caller.Close())
	require.NoError(t, callee.Close())
}
