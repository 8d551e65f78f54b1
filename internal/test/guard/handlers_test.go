package guard_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestGuardRightBehindSubscribed: an event or invocation in the same write as the
// confirmation reaches the handler.
func TestGuardRightBehindSubscribed(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		for i := range many {
			got := make(chan *wamp.Event, 1)
			done := make(chan error, 2)
			go func() { done <- h.s.Subscribe("com.plain.x", func(ev *wamp.Event) { got <- ev }, nil) }()
			h.r.SendTogether(
				[]any{wamp.SUBSCRIBED, h.r.Next()[1], 1000 + i},
				[]any{wamp.EVENT, 1000 + i, i, wamp.Dict{}, []any{"now"}})
			require.Equal(t, wamp.List{"now"}, harness.Receive(t, got).Arguments)
			require.NoError(t, harness.Receive(t, done))

			go func() { done <- h.s.Register("com.plain.x", harness.Echo, nil) }()
			h.r.SendTogether(
				[]any{wamp.REGISTERED, h.r.Next()[1], 1000 + i},
				[]any{wamp.INVOCATION, i + 1, 1000 + i, wamp.Dict{}, []any{"now"}})
			require.EqualValues(t, wamp.YIELD, h.r.Next()[0])
			require.NoError(t, harness.Receive(t, done))
		}
		h.requireCloses()
	})
}

// eventRightBehind reports whether an event right behind SUBSCRIBED is lost.
func (h *hostile) eventRightBehind(id int) (lost bool) {
	got := make(chan *wamp.Event, 2)
	done := harness.Go(func() error { return h.s.Subscribe("com.plain.x", func(ev *wamp.Event) { got <- ev }, nil) })
	h.r.SendTogether(
		[]any{wamp.SUBSCRIBED, h.r.Next()[1], id},
		[]any{wamp.EVENT, id, 1, wamp.Dict{}, []any{"first"}})
	<-done
	h.r.Send(wamp.EVENT, id, 2, wamp.Dict{}, []any{"second"})
	return (<-got).Arguments[0] == "second"
}

func TestGuardRightBehindSubscribedNexus(t *testing.T) {
	const lost = 43
	_, code := harness.InVictim(t, func(t *testing.T) {
		h := rawStage.nexus(t)
		for i := range 100 * many {
			if h.eventRightBehind(i + 1) {
				os.Exit(lost)
			}
		}
	})
	require.Equal(t, lost, code)
}

// TestGuardUnknownSubscriptions: events and invocations that nobody has a handler
// for.
func TestGuardUnknownSubscriptions(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		events := h.subscribe("com.plain.x", 10)
		h.register("com.plain.x", 20, harness.Echo)
		h.r.Send(wamp.EVENT, 99, 1, wamp.Dict{}, []any{"x"})
		harness.RequireReason(t, h.refused.Next(t), transparency.WrongRequest)

		done := harness.Go(func() error { return h.s.(*transparency.Session).Unsubscribe("com.plain.x") })
		request := h.r.Next()[1]
		event := []any{wamp.EVENT, 10, 1, wamp.Dict{}, []any{"x"}}
		h.r.SendTogether(event, event, []any{wamp.UNSUBSCRIBED, request}, event)
		require.NoError(t, harness.Receive(t, done))

		done = harness.Go(func() error { return h.s.(*transparency.Session).Unregister("com.plain.x") })
		request = h.r.Next()[1]
		h.r.SendTogether([]any{wamp.INVOCATION, 1, 20, wamp.Dict{}}, []any{wamp.UNREGISTERED, request}, []any{wamp.INVOCATION, 2, 20, wamp.Dict{}})
		require.NoError(t, harness.Receive(t, done))
		for range 2 {
			require.EqualValues(t, wamp.ERROR, h.r.Next()[0], "the caller is told")
		}
		h.requireAlive()
		harness.Nothing(t, events)
		require.Equal(t, 1, h.refused.Count(), "what was on its way is nobody's fault")
		h.requireCloses()
	})
}

// TestGuardLateConfirmation: a SUBSCRIBED or REGISTERED that comes when the client
// has given up brings no handler. What comes for it doesn't hold the rest up.
func TestGuardLateConfirmation(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		st.change = func(cfg *client.Config) { cfg.ResponseTimeout = 200 * time.Millisecond }
		h := st.session(t, d)
		require.ErrorIs(t, h.s.Subscribe("com.plain.x", func(*wamp.Event) {}, nil), client.ErrReplyTimeout)
		require.ErrorIs(t, h.s.Register("com.plain.x", harness.Echo, nil), client.ErrReplyTimeout)
		h.r.Send(wamp.SUBSCRIBED, h.r.Next()[1], 10)
		h.r.Send(wamp.EVENT, 10, 1, wamp.Dict{}, []any{"x"})
		h.r.Send(wamp.REGISTERED, h.r.Next()[1], 20)
		h.r.Send(wamp.INVOCATION, 1, 20, wamp.Dict{}, []any{"x"})
		harness.RequireReason(t, h.refused.Next(t), transparency.WrongRequest)
		h.requireAlive()
		h.requireCloses()
	})
}

// TestGuardBusyEventHandler: replies and cancelling go on once a handler returns
// that has held them up.
func TestGuardBusyEventHandler(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		gate := make(chan struct{})
		harness.Confirmed(t, h.r, func() error { return h.s.Subscribe("com.plain.x", func(*wamp.Event) { <-gate }, nil) }, 10)

		ctx, cancel := context.WithCancel(t.Context())
		done := h.callIn(ctx, nil)
		request := h.r.Next()[1]
		h.r.SendTogether([]any{wamp.EVENT, 10, 1, wamp.Dict{}}, []any{wamp.RESULT, request, wamp.Dict{}})
		time.Sleep(50 * time.Millisecond) // the RESULT waits for the client
		cancel()
		time.Sleep(50 * time.Millisecond)
		begun := time.Now()
		close(gate)
		<-done // with the result or without
		require.Less(t, time.Since(begun), time.Second)
		h.requireCloses()
	})
}

// TestGuardResultCrossesCancel: the client waits for an ERROR that won't come.
func TestGuardResultCrossesCancel(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		for range many {
			ctx, cancel := context.WithCancel(t.Context())
			done := h.callIn(ctx, nil)
			request := h.r.Next()[1]
			cancel()
			require.EqualValues(t, wamp.CANCEL, h.r.Next()[0])
			begun := time.Now()
			h.r.SendTogether(
				[]any{wamp.RESULT, request, wamp.Dict{wamp.OptProgress: true}},
				[]any{wamp.RESULT, request, wamp.Dict{}})
			require.Error(t, harness.Receive(t, done))
			require.Less(t, time.Since(begun), harness.Patience/2, "the response timeout")
		}
		h.requireAlive()
		h.requireCloses()
	})
}

func TestGuardResultCrossesCancelNexus(t *testing.T) {
	harness.RequireHangs(t, func(t *testing.T) func() {
		h := rawStage.nexus(t)
		ctx, cancel := context.WithCancel(context.Background())
		return func() {
			done := make(chan struct{})
			go func() {
				_, _ = h.s.Call(ctx, "com.plain.x", nil, nil, nil, nil)
				close(done)
			}()
			request := h.r.Next()[1]
			cancel()
			h.r.Next()
			h.r.Send(wamp.RESULT, request, wamp.Dict{})
			<-done
		}
	})
}
