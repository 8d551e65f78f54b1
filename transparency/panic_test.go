package transparency_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// panicText is what the handlers of these tests panic with.
const panicText = "the application's own"

// panicking are the handlers of an application, each made to panic.
var panicking = map[string]func(h *hostile){
	"event": func(h *hostile) {
		done := make(chan error, 1)
		go func() { done <- h.s.Subscribe("com.plain.x", func(*wamp.Event) { panic(panicText) }, nil) }()
		h.r.Send(wamp.SUBSCRIBED, h.r.Next()[1], 10)
		require.NoError(h.t, receive(h.t, done))
		h.r.Send(wamp.EVENT, 10, 1, wamp.Dict{}, []any{})
	},
	"invocation": func(h *hostile) {
		h.register("com.plain.x", 20, func(context.Context, *wamp.Invocation) client.InvokeResult { panic(panicText) })
		h.r.Send(wamp.INVOCATION, 1, 20, wamp.Dict{}, []any{})
	},
	"progress": func(h *hostile) {
		request, _ := h.call("com.plain.x", func(*wamp.Result) { panic(panicText) })
		h.r.Send(wamp.RESULT, request, wamp.Dict{wamp.OptProgress: true}, []any{})
	},
}

// TestPanicInAHandler: a panic that the application doesn't recover ends the process,
// under nexus alone and under a Session alike.
func TestPanicInAHandler(t *testing.T) {
	for name, provoke := range panicking {
		t.Run(name+"/nexus", func(t *testing.T) {
			requireDies(t, panicText, func(t *testing.T) { provoke(rawStage.nexus(t)) })
		})
		t.Run(name+"/session", func(t *testing.T) {
			requireDies(t, panicText, func(t *testing.T) { provoke(rawStage.session(t, transparency.EncArgument)) })
		})
	}
}

// recovering runs fn, which has to panic.
func recovering(t *testing.T, fn func()) {
	t.Helper()
	require.PanicsWithValue(t, panicText, fn)
}

// TestRecoveredPanic: what the application recovers, where its function runs in its own
// goroutine or handler, takes nothing else with it: no lock is held, no call hangs, and
// other handlers go on.
func TestRecoveredPanic(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	var bad atomic.Bool
	pad := transparency.WithPadding(func(n int) int {
		if bad.CompareAndSwap(true, false) {
			panic(panicText)
		}
		return n
	})
	refused, collecting := collect()
	caller := links[1].session(t, r, ringOf(t, k.originatorKey()), pad, collecting)
	callee := links[1].session(t, r, ringOf(t, k.responderKey()), pad, collecting)
	got := events(t, callee, prefix+"x", nil)
	require.NoError(t, callee.Register(prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		bad.Store(true)
		recovering(t, func() { _ = callee.SendProgress(ctx, wamp.List{"lost"}, nil) })
		if err := callee.SendProgress(ctx, wamp.List{"part"}, nil); err != nil {
			return client.InvokeResult{Err: "com.plain.broken"}
		}
		return client.InvokeResult{Args: inv.Arguments}
	}, nil))

	bad.Store(true)
	recovering(t, func() { _ = caller.Publish(prefix+"x", nil, wamp.List{"lost"}, nil) })
	bad.Store(true)
	recovering(t, func() { _, _ = caller.Call(timeout(t), prefix+"x", nil, wamp.List{"lost"}, nil, nil) })
	recovering(t, func() {
		_, _ = caller.CallProgressive(timeout(t), prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) { panic(panicText) }, nil)
	})

	var progress []any
	res, err := caller.Call(timeout(t), prefix+"x", nil, wamp.List{"hi"}, nil, func(part *wamp.Result) { progress = append(progress, part.Arguments...) })
	require.NoError(t, err)
	require.Equal(t, wamp.List{"hi"}, res.Arguments)
	require.Equal(t, []any{"part"}, progress)
	require.NoError(t, caller.Publish(prefix+"x", nil, wamp.List{"event"}, nil))
	require.Equal(t, wamp.List{"event"}, receive(t, got).Arguments)
	require.Zero(t, refused.count())
	require.NoError(t, caller.Close())
	require.NoError(t, callee.Close())
}
