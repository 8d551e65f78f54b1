package parity_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// tells is a handler that sends these as progress and then sums its arguments.
func tells(callee transparency.Client, chunks ...string) client.InvocationHandler {
	return func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		for _, chunk := range chunks {
			if err := callee.SendProgress(ctx, wamp.List{chunk}, wamp.Dict{"of": len(chunks)}); err != nil {
				return client.InvokeResult{Err: "com.parity.error.progress", Args: wamp.List{err.Error()}}
			}
		}
		return sum(ctx, inv)
	}
}

func TestProgressiveResults(t *testing.T) {
	want := outcome{
		"progress":            "Alpha Bravo Charlie",
		"details of progress": "map[progress:true]",
		"keywords":            "map[of:3]",
		"result":              "[55] map[]",
		"after the result":    0,
	}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		require.True(w, callee.HasFeature(wamp.RoleDealer, wamp.FeatureProgCallResults))
		w.register(callee, procedure, tells(callee, "Alpha", "Bravo", "Charlie"), nil)
		var got []*wamp.Result
		var returned atomic.Bool
		late := 0
		result, err := caller.Call(w.soon(), procedure, nil, wamp.List{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, nil, func(result *wamp.Result) {
			if returned.Load() {
				late++
			}
			got = append(got, result)
		})
		returned.Store(true)
		require.NoError(w, err)
		var chunks []string
		for _, r := range got {
			chunks = append(chunks, text(r.Arguments[0]))
		}
		w.note("progress", strings.Join(chunks, " "))
		w.note("details of progress", fmt.Sprint(got[0].Details))
		w.note("keywords", fmt.Sprint(got[0].ArgumentsKw))
		w.note("result", fmt.Sprint(result.Arguments, result.Details))
		w.note("after the result", late)
	})
}

// TestProgressHandlerIsWaitedFor: Call returns when the handler is through with all.
func TestProgressHandlerIsWaitedFor(t *testing.T) {
	both(t, everywhere, outcome{"handled": int32(5), "at once": int32(1)}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		w.register(callee, procedure, tells(callee, "1", "2", "3", "4", "5"), nil)
		var handled, running, most atomic.Int32
		_, err := caller.Call(w.soon(), procedure, nil, nil, nil, func(*wamp.Result) {
			if now := running.Add(1); now > most.Load() {
				most.Store(now)
			}
			time.Sleep(5 * time.Millisecond)
			handled.Add(1)
			running.Add(-1)
		})
		require.NoError(w, err)
		w.note("handled", handled.Load())
		w.note("at once", most.Load())
	})
}

// aKey is one of a handler's own, for its context.
type aKey struct{}

// TestSendProgressIsRefused: where the caller takes no progress, where the handler has
// answered, and where the context is none of a handler's.
func TestSendProgressIsRefused(t *testing.T) {
	want := outcome{
		"nobody takes it":             "ErrCallerNoProg",
		"the call goes on":            "[0]",
		"after the answer":            "ErrCallerNoProg",
		"no context of a handler":     "ErrCallerNoProg",
		"a child of the handler's":    "no error",
		"another client's invocation": true,
	}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		contexts := make(chan context.Context, 2)
		w.register(callee, procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			if takes, _ := wamp.AsBool(inv.Details[wamp.OptReceiveProgress]); takes {
				child, cancel := context.WithTimeout(context.WithValue(ctx, aKey{}, "value"), patience)
				defer cancel()
				w.noteError("a child of the handler's", callee.SendProgress(child, nil, nil))
				contexts <- ctx
			} else {
				w.noteError("nobody takes it", callee.SendProgress(ctx, wamp.List{"x"}, nil))
			}
			return sum(ctx, inv)
		}, nil)
		result, err := caller.Call(w.soon(), procedure, nil, nil, nil, nil)
		require.NoError(w, err)
		w.note("the call goes on", fmt.Sprint(result.Arguments))
		_, err = caller.Call(w.soon(), procedure, nil, nil, nil, func(*wamp.Result) {})
		require.NoError(w, err)
		ctx := receive(w, contexts)
		ends(w, ctx.Done())
		w.noteError("after the answer", callee.SendProgress(ctx, wamp.List{"x"}, nil))
		w.noteError("no context of a handler", callee.SendProgress(context.Background(), wamp.List{"x"}, nil))
		err = caller.SendProgress(ctx, wamp.List{"x"}, nil)
		w.note("another client's invocation", errors.Is(err, client.ErrCallerNoProg))
	})
}

// TestProgressThenError: what came before an error is the caller's all the same.
func TestProgressThenError(t *testing.T) {
	want := outcome{"progress": 2, "call": "RPCError com.parity.error.failed of com.parity.procedure to CALL [why]"}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		w.register(callee, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			for range 2 {
				if err := callee.SendProgress(ctx, nil, nil); err != nil {
					return client.InvokeResult{Err: "com.parity.error.progress"}
				}
			}
			return client.InvokeResult{Err: "com.parity.error.failed", Args: wamp.List{"why"}}
		}, nil)
		n := 0
		_, err := caller.Call(w.soon(), procedure, nil, nil, nil, func(*wamp.Result) { n++ })
		w.noteError("call", err)
		w.note("progress", n)
	})
}

// TestProgressUnderLoad: chunks of every size arrive whole, in number and in order,
// from a caller that is slow at times.
func TestProgressUnderLoad(t *testing.T) {
	const total = 8192
	both(t, each, outcome{"right": 6}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		w.register(callee, procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			size := int(number(inv.Arguments[0]))
			sent := 0
			for left := total; left > 0; left -= size {
				chunk := strings.Repeat("x", min(size, left))
				if err := callee.SendProgress(ctx, wamp.List{sent, chunk}, nil); err != nil {
					return client.InvocationCanceled
				}
				sent++
			}
			return client.InvokeResult{Args: wamp.List{sent}}
		}, nil)
		right := 0
		for size := 16; size <= 256; size += 48 {
			received, length, inOrder := 0, 0, true
			result, err := caller.Call(w.soon(), procedure, nil, wamp.List{size}, nil, func(result *wamp.Result) {
				inOrder = inOrder && number(result.Arguments[0]) == int64(received)
				received++
				length += len(text(result.Arguments[1]))
				if received == 13 && size%144 == 16 {
					time.Sleep(100 * time.Millisecond)
				}
			})
			require.NoError(w, err)
			if inOrder && length == total && int(number(result.Arguments[0])) == received {
				right++
			}
		}
		w.note("right", right)
	})
}

// TestCancelDuringProgress: the call ends, and soon the callee can send no more.
func TestCancelDuringProgress(t *testing.T) {
	both(t, everywhere, outcome{"call": "context.Canceled", "progress at last": "ErrCallerNoProg", "handler's context": context.Canceled}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		last, why := make(chan error, 1), make(chan error, 1)
		w.register(callee, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			for {
				if err := callee.SendProgress(ctx, wamp.List{"x"}, nil); err != nil {
					last <- err
					<-ctx.Done()
					why <- ctx.Err()
					return client.InvocationCanceled
				}
				select {
				case <-ctx.Done():
				case <-time.After(time.Millisecond):
				}
			}
		}, nil)
		ctx, cancel := context.WithCancel(w.soon())
		_, err := caller.Call(ctx, procedure, nil, nil, nil, func(*wamp.Result) { cancel() })
		w.noteError("call", err)
		w.noteError("progress at last", receive(w, last))
		w.note("handler's context", receive(w, why))
	})
}

// TestTimeoutDuringProgress: as for calls without.
func TestTimeoutDuringProgress(t *testing.T) {
	want := outcome{"call": "RPCError wamp.error.timeout of com.parity.procedure to CALL [call timeout]", "progress after": "ErrCallerNoProg"}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		inTime(w, func(limit time.Duration) bool {
			after, got := make(chan error, 1), make(chan struct{}, 1)
			w.register(callee, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
				err := callee.SendProgress(ctx, wamp.List{"Alpha"}, nil)
				<-ctx.Done()
				// The gate closes a moment after the context ends.
				for deadline := time.Now().Add(patience); err == nil && time.Now().Before(deadline); {
					err = callee.SendProgress(ctx, wamp.List{"Bravo"}, nil)
					time.Sleep(time.Millisecond)
				}
				after <- err
				return client.InvokeResult{Args: wamp.List{"final"}}
			}, nil)
			_, err := caller.Call(w.soon(), procedure, wamp.Dict{wamp.OptTimeout: limit.Milliseconds()}, nil, nil, func(*wamp.Result) { got <- struct{}{} })
			require.NoError(w, callee.Unregister(procedure))
			if len(got) == 0 {
				return false
			}
			w.noteError("call", err)
			w.noteError("progress after", receive(w, after))
			return true
		})
	})
}

// TestCallerLeavesDuringProgress: a callee whose caller is gone can soon send no more,
// and its answer goes nowhere.
func TestCallerLeavesDuringProgress(t *testing.T) {
	want := outcome{"call": "ErrNotConn", "progress at last": "ErrCallerNoProg", "callee goes on": "[next]"}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		gone := make(chan struct{})
		last := make(chan error, 1)
		w.register(callee, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			err := callee.SendProgress(ctx, wamp.List{"Alpha"}, nil)
			<-gone
			for deadline := time.Now().Add(patience); err == nil && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond) // each is answered with an INTERRUPT
				err = callee.SendProgress(ctx, wamp.List{"Bravo"}, nil)
			}
			last <- err
			return client.InvokeResult{Args: wamp.List{"final"}}
		}, nil)
		w.register(callee, "com.parity.other", answers("next"), nil)
		got := make(chan struct{}, 64)
		call := start(w.soon(), caller, procedure, nil, nil, func(*wamp.Result) { got <- struct{}{} })
		receive(w, got)
		require.NoError(w, caller.Close())
		ends(w, caller.Done())
		close(gone)
		w.noteError("call", receive(w, call).err)
		w.noteError("progress at last", receive(w, last))
		result, err := w.connect().Call(w.soon(), "com.parity.other", nil, nil, nil, nil)
		require.NoError(w, err)
		w.note("callee goes on", fmt.Sprint(result.Arguments))
	})
}
