package parity_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// served is a handler's life: begun when it runs, ended when its context has, with why.
type served struct {
	begun   chan struct{}
	ended   chan error
	release chan struct{}
	answer  client.InvokeResult
}

func newServed() *served {
	return &served{begun: make(chan struct{}, 8), ended: make(chan error, 8), release: make(chan struct{}), answer: client.InvocationCanceled}
}

// handle waits until its context ends or it is released.
func (s *served) handle(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
	s.begun <- struct{}{}
	select {
	case <-ctx.Done():
		s.ended <- ctx.Err()
		return s.answer
	case <-s.release:
		return client.InvokeResult{Args: wamp.List{"released"}}
	}
}

// TestCancelCall: the caller's context ends the call, and the handler's too unless the
// mode is skip.
func TestCancelCall(t *testing.T) {
	for mode, interrupts := range map[string]bool{
		"default": true, "": true, wamp.CancelModeKill: true, wamp.CancelModeKillNoWait: true, wamp.CancelModeSkip: false,
	} {
		t.Run("mode "+mode, func(t *testing.T) {
			want := outcome{"before": 0, "call": "context.Canceled", "handler's context ends": interrupts, "later calls": "no error"}
			both(t, everywhere, want, func(w *world) {
				callee, caller := w.connect(), w.connect()
				require.True(w, caller.HasFeature(wamp.RoleDealer, wamp.FeatureCallCanceling))
				if mode != "default" {
					require.NoError(w, caller.SetCallCancelMode(mode))
				}
				s := newServed()
				w.register(callee, procedure, s.handle, nil)
				w.register(callee, "com.parity.other", sum, nil)
				ctx, cancel := context.WithCancel(w.soon())
				call := start(ctx, caller, procedure, nil, wamp.List{73}, nil)
				receive(w, s.begun)
				w.note("before", len(call))
				cancel()
				got := receive(w, call)
				require.Nil(w, got.result)
				w.noteError("call", got.err)
				if interrupts {
					require.ErrorIs(w, receive(w, s.ended), context.Canceled)
				} else {
					w.settle(callee)
				}
				w.note("handler's context ends", interrupts && len(s.ended) == 0)
				close(s.release)
				_, err := caller.Call(w.soon(), "com.parity.other", nil, nil, nil, nil)
				w.noteError("later calls", err)
				require.Empty(w, s.ended)
			})
		})
	}
}

// inTime tries with longer and longer limits, until one was long enough for the handler
// to begin.
func inTime(w *world, try func(limit time.Duration) (begun bool)) {
	w.Helper()
	for limit := 50 * time.Millisecond; limit < patience; limit *= 4 {
		if try(limit) {
			return
		}
	}
	w.Fatal("no handler began in time")
}

// TestDeadline: a context's deadline does as its cancellation does.
func TestDeadline(t *testing.T) {
	both(t, everywhere, outcome{"call": "context.DeadlineExceeded", "handler's context": context.Canceled}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		inTime(w, func(limit time.Duration) bool {
			s := newServed()
			w.register(callee, procedure, s.handle, nil)
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			defer cancel()
			got := receive(w, start(ctx, caller, procedure, nil, nil, nil))
			require.NoError(w, callee.Unregister(procedure))
			if len(s.begun) == 0 {
				return false
			}
			w.noteError("call", got.err)
			w.note("handler's context", receive(w, s.ended))
			return true
		})
	})
}

// TestCallWithAnEndedContext: the call ends with that.
func TestCallWithAnEndedContext(t *testing.T) {
	both(t, everywhere, outcome{"call": "context.Canceled", "later calls": "no error"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		s := newServed()
		w.register(callee, procedure, s.handle, nil)
		w.register(callee, "com.parity.other", sum, nil)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		result, err := caller.Call(ctx, procedure, nil, nil, nil, nil)
		require.Nil(w, result)
		w.noteError("call", err)
		_, err = caller.Call(w.soon(), "com.parity.other", nil, nil, nil, nil)
		w.noteError("later calls", err)
	})
}

// TestSetCallCancelMode: an unknown mode is an error that names the known ones.
func TestSetCallCancelMode(t *testing.T) {
	want := outcome{"bad": `error "kill" "killnowait" "skip"`}
	both(t, each, want, func(w *world) {
		c := w.connect()
		w.noteError("bad", c.SetCallCancelMode("maybe"), "kill", "killnowait", "skip")
		for _, mode := range []string{"", wamp.CancelModeKill, wamp.CancelModeKillNoWait, wamp.CancelModeSkip} {
			require.NoError(w, c.SetCallCancelMode(mode))
		}
	})
}

// timesOut calls with the option timeout, and notes what came of it.
func timesOut(w *world, registration wamp.Dict) {
	w.Helper()
	callee, caller := w.connect(), w.connect()
	require.True(w, callee.HasFeature(wamp.RoleDealer, wamp.FeatureCallTimeout))
	inTime(w, func(limit time.Duration) bool {
		s := newServed()
		w.register(callee, procedure, s.handle, registration)
		got := receive(w, start(w.soon(), caller, procedure, wamp.Dict{wamp.OptTimeout: limit.Milliseconds()}, wamp.List{73}, nil))
		require.NoError(w, callee.Unregister(procedure))
		if len(s.begun) == 0 {
			return false
		}
		require.Nil(w, got.result)
		w.noteError("call", got.err)
		w.note("handler's context", receive(w, s.ended))
		return true
	})
}

// TestTimeoutOption: the router ends the call in time, and interrupts the callee.
func TestTimeoutOption(t *testing.T) {
	want := outcome{"call": "RPCError wamp.error.timeout of com.parity.procedure to CALL [call timeout]", "handler's context": context.Canceled}
	both(t, everywhere, want, func(w *world) { timesOut(w, nil) })
}

// TestForwardedTimeout: a callee that registers with forward_timeout keeps the time
// itself: the handler's context has a deadline, and at its end the call is cancelled.
func TestForwardedTimeout(t *testing.T) {
	want := outcome{"call": "RPCError wamp.error.canceled of com.parity.procedure to CALL", "handler's context": context.DeadlineExceeded}
	both(t, everywhere, want, func(w *world) { timesOut(w, wamp.Dict{wamp.OptForwardTimeout: true}) })
}

// TestHandlersContextEndsWithIt: when a handler has answered, its context ends.
func TestHandlersContextEndsWithIt(t *testing.T) {
	both(t, everywhere, outcome{"while it runs": nil, "after": context.Canceled}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		contexts := make(chan context.Context, 1)
		w.register(callee, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			w.note("while it runs", ctx.Err())
			contexts <- ctx
			return client.InvokeResult{}
		}, nil)
		_, err := caller.Call(w.soon(), procedure, nil, nil, nil, nil)
		require.NoError(w, err)
		ctx := receive(w, contexts)
		ends(w, ctx.Done())
		w.note("after", ctx.Err())
	})
}

// TestHandlerIgnoresTheInterrupt: the call ends, the handler's answer goes nowhere, and
// the callee lives on.
func TestHandlerIgnoresTheInterrupt(t *testing.T) {
	both(t, everywhere, outcome{"call": "context.Canceled", "next": "[next]"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		begun, release := make(chan struct{}, 1), make(chan struct{})
		w.register(callee, procedure, func(context.Context, *wamp.Invocation) client.InvokeResult {
			begun <- struct{}{}
			<-release
			return client.InvokeResult{Args: wamp.List{"too late"}}
		}, nil)
		w.register(callee, "com.parity.other", answers("next"), nil)
		ctx, cancel := context.WithCancel(w.soon())
		call := start(ctx, caller, procedure, nil, nil, nil)
		receive(w, begun)
		cancel()
		w.noteError("call", receive(w, call).err)
		close(release)
		result, err := caller.Call(w.soon(), "com.parity.other", nil, nil, nil, nil)
		require.NoError(w, err)
		require.Equal(w, wamp.List{"next"}, result.Arguments)
		w.note("next", "["+text(result.Arguments[0])+"]")
	})
}
