package guard_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// calling returns a handler that calls com.plain.inner and answers with what that
// gives, or waits for more where there is more to come.
func (h *hostile) calling(t testing.TB) client.InvocationHandler {
	ctx := harness.Timeout(t)
	return func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		result, err := h.s.Call(ctx, "com.plain.inner", nil, inv.Arguments, nil, nil)
		if err != nil {
			return client.InvokeResult{Err: "com.plain.broken"}
		}
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{Args: result.Arguments}
	}
}

// serveInner answers count calls of com.plain.inner with what they were called
// with, in their order, and then expects the handler's answer.
func (h *hostile) serveInner(request, first, count int) {
	h.t.Helper()
	for i := range count {
		call := h.r.Next()
		require.EqualValues(h.t, wamp.CALL, call[0])
		args, ok := call[4].([]any)
		require.True(h.t, ok)
		require.EqualValues(h.t, first+i, args[0], "out of order")
		h.r.Send(wamp.RESULT, call[1], wamp.Dict{}, args)
	}
	yield := h.r.Next()
	require.EqualValues(h.t, wamp.YIELD, yield[0])
	require.EqualValues(h.t, request, yield[1])
}

// TestGuardSecondInvocation: of a request that is being served, by a handler that
// waits for a reply behind it.
func TestGuardSecondInvocation(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		h.register("com.plain.x", 20, h.calling(t))
		h.register("com.plain.y", 21, harness.Echo)
		again := []any{wamp.INVOCATION, 5, 20, wamp.Dict{}, []any{0}}
		other := []any{wamp.INVOCATION, 5, 21, wamp.Dict{}, []any{0}}
		more := []any{wamp.INVOCATION, 5, 20, wamp.Dict{wamp.OptProgress: true}, []any{0}}
		old := []any{wamp.INVOCATION, 4, 20, wamp.Dict{}, []any{0}}
		zero := []any{wamp.INVOCATION, 0, 20, wamp.Dict{}, []any{0}}
		huge := []any{wamp.INVOCATION, uint64(1) << 60, 20, wamp.Dict{}, []any{0}}
		unknown := []any{wamp.INVOCATION, 6, 99, wamp.Dict{}, []any{0}}
		h.r.SendTogether(again, again, again, other, more, again, old, zero, huge, unknown)
		h.serveInner(5, 0, 1)
		for range 9 {
			harness.RequireReason(t, h.refused.Next(t), transparency.WrongRequest)
		}
		h.r.Send(again...) // when it has been answered
		harness.RequireReason(t, h.refused.Next(t), transparency.WrongRequest)
		h.requireAlive()
		h.requireCloses()
	})
}

func TestGuardSecondInvocationNexus(t *testing.T) {
	harness.RequireHangs(t, func(t *testing.T) func() {
		h := rawStage.nexus(t)
		h.register("com.plain.x", 20, h.calling(t))
		again := []any{wamp.INVOCATION, 5, 20, wamp.Dict{}, []any{0}}
		h.r.SendTogether(again, again, again)
		return func() { h.serveInner(5, 0, 1) }
	})
}

// TestGuardChunksInAdvance: more chunks than the client's queue holds, to a handler
// that needs the connection for each.
func TestGuardChunksInAdvance(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		h.register("com.plain.x", 20, h.calling(t))
		for request, count := range []int{1: 3, 2: 500} {
			if count == 0 {
				continue
			}
			sent := make(chan struct{})
			go func() {
				h.r.SendTogether(chunks(request, count)...)
				close(sent)
			}()
			h.serveInner(request, 0, count)
			harness.Receive(t, sent)
		}
		require.Zero(t, h.refused.Count())
		h.requireAlive()
		h.requireCloses()
	})
}

// chunks are those of an invocation of registration 20.
func chunks(request, count int) [][]any {
	var all [][]any
	for i := range count {
		all = append(all, []any{wamp.INVOCATION, request, 20, wamp.Dict{wamp.OptProgress: i < count-1}, []any{i}})
	}
	return all
}

func TestGuardChunksInAdvanceNexus(t *testing.T) {
	harness.RequireHangs(t, func(t *testing.T) func() {
		h := rawStage.nexus(t)
		h.register("com.plain.x", 20, h.calling(t))
		h.r.SendTogether(chunks(1, 3)...)
		return func() { h.serveInner(1, 0, 3) }
	})
}

// TestGuardSlowChunks: while nothing is waited for, the router has to wait for a
// handler that takes its time.
func TestGuardSlowChunks(t *testing.T) {
	h := rawStage.session(t, cryptobox.Wampbox)
	gate := make(chan struct{})
	h.register("com.plain.x", 20, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		<-gate
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{}
	})
	const count = 200
	big := make([]byte, 1<<18)
	progress := make(chan int, count)
	go func() {
		for i := range count {
			h.r.Send(wamp.INVOCATION, 1, 20, wamp.Dict{wamp.OptProgress: i < count-1}, []any{big})
			progress <- i
		}
	}()
	last := settled(progress)
	require.Less(t, last, count-1, "all of it was read in advance")
	close(gate)
	require.EqualValues(t, wamp.YIELD, h.r.Next()[0])
	h.requireAlive()
	h.requireCloses()
}

// settled returns the last value once no more come.
func settled(c <-chan int) (last int) {
	for {
		select {
		case last = <-c:
		case <-time.After(500 * time.Millisecond):
			return last
		}
	}
}

// TestGuardFlood: chunks beyond all bounds, while a reply is waited for behind them,
// end their invocation and nothing else.
func TestGuardFlood(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		st.change = func(cfg *client.Config) { cfg.ResponseTimeout = time.Second }
		h := st.session(t, d)
		stopped := make(chan struct{})
		h.register("com.plain.x", 20, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			<-ctx.Done()
			close(stopped)
			return client.InvocationCanceled
		})
		request, done := h.call("com.plain.y", nil)
		go func() {
			h.r.SendTogether(chunks(1, 2000)[:1999]...)
			h.r.Send(wamp.RESULT, request, wamp.Dict{}, []any{"late"})
		}()
		harness.RequireReason(t, h.refused.Next(t), transparency.TooLarge)
		harness.Receive(t, stopped)
		outcome := harness.Receive(t, done)
		require.NoError(t, outcome.Err)
		require.Equal(t, wamp.List{"late"}, outcome.Result.Arguments)
		answer := h.r.Next()
		require.EqualValues(t, wamp.ERROR, answer[0])
		require.EqualValues(t, 1, answer[2])
		require.Equal(t, 1, h.refused.Count(), "once for all chunks")
		h.requireAlive()
		h.requireCloses()
	})
}

// TestGuardInterruptedChunks: chunks and answers that cross an INTERRUPT.
func TestGuardInterruptedChunks(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		h.register("com.plain.x", 20, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			<-ctx.Done()
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		})
		for i := range many {
			request := i + 1
			parts := chunks(request, 5)
			interrupt := []any{wamp.INTERRUPT, request, wamp.Dict{}}
			h.r.SendTogether(parts[0], parts[1], interrupt, interrupt, parts[2], parts[3], parts[4])
			answer := h.r.Next()
			require.EqualValues(t, wamp.ERROR, answer[0])
			require.EqualValues(t, request, answer[2])
			require.EqualValues(t, wamp.ErrCanceled, answer[4])
			h.r.Send(interrupt...)
		}
		h.r.Send(wamp.INTERRUPT, int64(1)<<50, wamp.Dict{}) // nexus's client would ignore every later request
		h.r.Send(wamp.INVOCATION, many+1, 20, wamp.Dict{"timeout": 1}, []any{})
		require.EqualValues(t, wamp.ERROR, h.r.Next()[0])
		h.requireAlive()
		h.requireCloses()
	})
}

// TestGuardProgressAfterTheEnd: what a handler sends when its caller has gone is an
// error to it.
func TestGuardProgressAfterTheEnd(t *testing.T) {
	h := rawStage.session(t, cryptobox.Wampbox)
	begun, answered, outcome := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	h.register("com.plain.x", 20, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		close(begun)
		<-answered
		s, ok := h.s.(*transparency.Session)
		if !ok {
			outcome <- errors.New("no Session")
		}
		outcome <- s.SendProgress(ctx, wamp.List{1}, nil)
		return client.InvokeResult{}
	})
	h.r.Send(wamp.INVOCATION, 1, 20, wamp.Dict{wamp.OptReceiveProgress: true}, []any{})
	harness.Receive(t, begun)
	h.r.Send(wamp.INTERRUPT, 1, wamp.Dict{})
	require.EqualValues(t, wamp.ERROR, h.r.Next()[0])
	close(answered)
	require.ErrorIs(t, harness.Receive(t, outcome), client.ErrCallerNoProg)
	h.requireAlive()
}
