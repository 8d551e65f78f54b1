package guard_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// progressOf is what a router sends of one call at once: progress, and the result.
func progressOf(request any, count int) (messages [][]any) {
	for i := range count {
		messages = append(messages, []any{wamp.RESULT, request, wamp.Dict{"progress": true}, []any{i}})
	}
	return append(messages, []any{wamp.RESULT, request, wamp.Dict{}, []any{"done"}})
}

// callFromProgress calls com.plain.x with a progress handler that calls itself, and
// has the router send all the progress at once. It answers the calls of the handler.
func (h *hostile) callFromProgress(count int) (seen []any, got harness.Outcome) {
	request, done := h.call("com.plain.x", func(result *wamp.Result) {
		seen = append(seen, result.Arguments[0])
		_, err := h.s.Call(context.Background(), "com.plain.inner", nil, nil, nil, nil)
		if err != nil {
			h.t.Error(err)
		}
	})
	h.r.SendTogether(progressOf(request, count)...)
	for range count {
		inner := h.r.Next()
		require.Equal(h.t, "com.plain.inner", inner[3])
		h.r.Send(wamp.RESULT, inner[1], wamp.Dict{}, []any{})
	}
	return seen, harness.Receive(h.t, done)
}

// TestGuardProgressToAHandlerThatCalls: more progress than the client holds, to a
// handler that needs the connection for each.
func TestGuardProgressToAHandlerThatCalls(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		for _, count := range []int{1, 3, 200} {
			seen, got := h.callFromProgress(count)
			require.NoError(t, got.Err)
			require.Equal(t, []any{"done"}, []any(got.Result.Arguments))
			require.Len(t, seen, count)
			for i, v := range seen {
				require.EqualValues(t, i, v)
			}
		}
		require.Zero(t, h.refused.Count())
		h.requireAlive()
		h.requireCloses()
	})
}

func TestGuardProgressToAHandlerThatCallsNexus(t *testing.T) {
	harness.RequireHangs(t, func(t *testing.T) func() {
		h := rawStage.nexus(t)
		return func() { h.callFromProgress(3) }
	})
}

// TestGuardCanceledBehindProgress: a caller that leaves while results wait for its
// progress handler gets its context's error.
func TestGuardCanceledBehindProgress(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		ctx, cancel := context.WithCancel(context.Background())
		entered, leave := make(chan struct{}, 10), make(chan struct{})
		done := h.callIn(ctx, func(*wamp.Result) {
			entered <- struct{}{}
			<-leave
		})
		h.r.SendTogether(progressOf(h.r.Next()[1], 5)...)
		harness.Receive(t, entered)
		cancel()
		close(leave)
		if err := harness.Receive(t, done); err != nil { // else the result was faster
			require.ErrorIs(t, err, context.Canceled)
		}
		h.r.Pending(0) // a CANCEL, perhaps
		h.requireCloses()
	})
}

// TestGuardCanceledWithProgressUntaken: progress that the handler never took doesn't
// hold up the ERROR that ends a canceled call.
func TestGuardCanceledWithProgressUntaken(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		ctx, cancel := context.WithCancel(context.Background())
		done := h.callIn(ctx, func(*wamp.Result) { cancel() })
		call := h.r.Next()[1]
		h.r.SendTogether(progressOf(call, 5)[:5]...)
		request := h.r.Next()
		require.EqualValues(t, wamp.CANCEL, request[0])
		begun := time.Now()
		h.r.Send(wamp.ERROR, wamp.CALL, call, wamp.Dict{}, "wamp.error.canceled")
		require.ErrorIs(t, harness.Receive(t, done), context.Canceled)
		require.Less(t, time.Since(begun), harness.Patience/2)
		h.requireCloses()
	})
}

// TestGuardProgressNobodyTakes: what waits is bounded, and the router waits then.
func TestGuardProgressNobodyTakes(t *testing.T) {
	h := rawStage.session(t, cryptobox.Wampbox)
	leave := make(chan struct{})
	request, done := h.call("com.plain.x", func(*wamp.Result) { <-leave })
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		text := make([]byte, 1<<20)
		for range 64 { // more than the sockets' buffers hold
			h.r.Send(wamp.RESULT, request, wamp.Dict{"progress": true}, []any{text})
		}
		h.r.Send(wamp.RESULT, request, wamp.Dict{}, []any{})
	}()
	select {
	case <-sent:
		t.Error("the router didn't have to wait")
	case <-time.After(300 * time.Millisecond):
	}
	close(leave)
	require.NoError(t, harness.Receive(t, done).Err)
	harness.Receive(t, sent)
}

// TestGuardRefusedProgressInABurst: a call that ends by itself while progress and the
// result are on their way is rid of them in whatever order.
func TestGuardRefusedProgressInABurst(t *testing.T) {
	h := rawStage.session(t, cryptobox.Wampbox)
	for range 300 {
		done := h.callIn(harness.Timeout(t), func(*wamp.Result) {})
		call := h.r.Next()
		for call[0] != int64(wamp.CALL) { // the CANCEL of the one before
			call = h.r.Next()
		}
		messages := progressOf(call[1], 3)
		messages[0] = []any{wamp.RESULT, call[1], wamp.Dict{"progress": true, "enc_algo": 5}, []any{1}}
		h.r.SendTogether(messages...)
		harness.RequireReason(t, harness.Receive(t, done), transparency.Malformed)
		harness.RequireReason(t, h.refused.Next(t), transparency.Malformed)
	}
	h.requireCloses()
}
