package parity_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// chunks sends the numbers from 1 to n, and counts how often it is asked.
func chunks(n int, asked *atomic.Int32) client.SendProgressiveData {
	return func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		i := int(asked.Add(1))
		return wamp.Dict{wamp.OptProgress: i < n}, wamp.List{i}, wamp.Dict{"chunk": i}, nil
	}
}

// more says that a handler waits for the next chunk.
var more = client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}

// TestProgressiveCall: the handler gets the chunks one after the other.
func TestProgressiveCall(t *testing.T) {
	want := outcome{
		"chunks": "[1 2 3 4 5 6 7 8 9 10]", "of them in progress": 9, "result": "[55]", "asked": int32(10), "handlers at once": int32(1),
		"requests": 1, "keywords": "map[chunk:10]",
	}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		require.True(w, caller.HasFeature(wamp.RoleDealer, wamp.FeatureProgCallInvocations))
		var mu sync.Mutex
		var got []int64
		var running, most atomic.Int32
		inProgress, requests := 0, map[wamp.ID]bool{}
		w.register(callee, procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			if now := running.Add(1); now > most.Load() {
				most.Store(now)
			}
			defer running.Add(-1)
			mu.Lock()
			defer mu.Unlock()
			got = append(got, number(inv.Arguments[0]))
			requests[inv.Request] = true
			if unfinished, _ := inv.Details[wamp.OptProgress].(bool); unfinished {
				inProgress++
				return more
			}
			w.note("keywords", fmt.Sprint(inv.ArgumentsKw))
			var total int64
			for _, n := range got {
				total += n
			}
			return client.InvokeResult{Args: wamp.List{total}}
		}, nil)
		var asked atomic.Int32
		result, err := caller.CallProgressive(w.soon(), procedure, chunks(10, &asked), nil)
		require.NoError(w, err)
		w.note("result", fmt.Sprint(result.Arguments))
		w.note("asked", asked.Load())
		w.note("handlers at once", most.Load())
		mu.Lock()
		defer mu.Unlock()
		w.note("chunks", fmt.Sprint(got))
		w.note("of them in progress", inProgress)
		w.note("requests", len(requests))
	})
}

// echoes answers each chunk with progress, and the last with the result.
func echoes(callee transparency.Client) client.InvocationHandler {
	return func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		if unfinished, _ := inv.Details[wamp.OptProgress].(bool); !unfinished {
			return client.InvokeResult{Args: inv.Arguments}
		}
		if err := callee.SendProgress(ctx, inv.Arguments, nil); err != nil {
			return client.InvokeResult{Err: "com.parity.error.progress", Args: wamp.List{err.Error()}}
		}
		return more
	}
}

// TestProgressBothWays: chunks out and results back, in one call.
func TestProgressBothWays(t *testing.T) {
	both(t, everywhere, outcome{"answers": "[1 2 3 4 5 6 7 8 9]", "result": "[10]", "asked": int32(10)}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		w.register(callee, procedure, echoes(callee), nil)
		var got []int64
		var asked atomic.Int32
		result, err := caller.CallProgressive(w.soon(), procedure, chunks(10, &asked), func(result *wamp.Result) {
			got = append(got, number(result.Arguments[0]))
		})
		require.NoError(w, err)
		w.note("answers", fmt.Sprint(got))
		w.note("result", fmt.Sprint(result.Arguments))
		w.note("asked", asked.Load())
	})
}

// TestProgressiveCallOfOneChunk: a call that is over with its first chunk, by false, by
// options without progress, and by none.
func TestProgressiveCallOfOneChunk(t *testing.T) {
	both(t, everywhere, outcome{"false": "[x] asked 1", "without": "[x] asked 1", "nil": "[x] asked 1"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		w.register(callee, procedure, echo, nil)
		for name, options := range map[string]wamp.Dict{"false": {wamp.OptProgress: false}, "without": {}, "nil": nil} {
			asked := 0
			result, err := caller.CallProgressive(w.soon(), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				asked++
				return options, wamp.List{"x"}, nil, nil
			}, nil)
			require.NoError(w, err)
			w.note(name, fmt.Sprint(result.Arguments, " asked ", asked))
		}
	})
}

// TestProgressiveCallFailsToBegin: an error with the first chunk is what the caller
// gets, and nothing is sent.
func TestProgressiveCallFailsToBegin(t *testing.T) {
	both(t, everywhere, outcome{"call": true, "invoked": false, "no such procedure": "RPCError wamp.error.no_such_procedure of com.parity.nowhere to CALL"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		invoked := false
		w.register(callee, procedure, func(context.Context, *wamp.Invocation) client.InvokeResult {
			invoked = true
			return client.InvokeResult{}
		}, nil)
		why := errors.New("nothing to send")
		result, err := caller.CallProgressive(w.soon(), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			return nil, nil, nil, why
		}, nil)
		require.Nil(w, result)
		w.note("call", errors.Is(err, why))
		w.settle(caller)
		w.settle(callee)
		w.note("invoked", invoked)
		var asked atomic.Int32
		_, err = caller.CallProgressive(w.soon(), "com.parity.nowhere", chunks(1, &asked), nil)
		w.noteError("no such procedure", err)
	})
}

// TestCalleeFailsBetweenChunks: an error ends the call, chunks that are under way reach
// no handler any more, and everything can be closed.
func TestCalleeFailsBetweenChunks(t *testing.T) {
	want := outcome{"call": "RPCError com.parity.error.failed of com.parity.procedure to CALL", "handled": int32(2), "caller": "no error", "callee": "no error"}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		sent, over := make(chan struct{}), make(chan struct{})
		var handled, asked atomic.Int32
		w.register(callee, procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			handled.Add(1)
			if number(inv.Arguments[0]) == 1 {
				return more
			}
			<-sent
			return client.InvokeResult{Err: "com.parity.error.failed"}
		}, nil)
		result, err := caller.CallProgressive(w.soon(), procedure, func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if asked.Load() < 4 {
				return chunks(10, &asked)(ctx)
			}
			defer asked.Add(1)
			w.settle(caller) // four chunks are beyond the router, two of them behind the handler
			close(sent)
			<-over
			return nil, nil, nil, errors.New("no more")
		}, nil)
		close(over)
		require.Nil(w, result)
		w.noteError("call", err)
		letAsk(w, caller, &asked, 5)
		w.settle(callee)
		w.note("handled", handled.Load())
		within(w, "closing the caller", func() { w.noteError("caller", caller.Close()) })
		within(w, "closing the callee", func() { w.noteError("callee", callee.Close()) })
	})
}

// letAsk waits until nexus's client has sent its chunks: it goes on asking for them
// when the call has ended, and panics where it is closed meanwhile.
func letAsk(w *world, c transparency.Client, asked *atomic.Int32, n int32) {
	w.Helper()
	if _, ok := c.(*client.Client); ok {
		require.Eventually(w, func() bool { return asked.Load() >= n }, patience, time.Millisecond)
		time.Sleep(100 * time.Millisecond)
	}
}

// TestCancelBetweenChunks: a context ends a progressive call as it does any other.
func TestCancelBetweenChunks(t *testing.T) {
	both(t, everywhere, outcome{"call": "context.Canceled", "handler's context": context.Canceled, "context of the chunks ends": true}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		begun, ended := make(chan struct{}), make(chan error, 1)
		w.register(callee, procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			if number(inv.Arguments[0]) == 1 {
				return more
			}
			close(begun)
			<-ctx.Done()
			ended <- ctx.Err()
			return client.InvocationCanceled
		}, nil)
		ctx, cancel := context.WithCancel(w.soon())
		var asked atomic.Int32
		chunksEnded := make(chan bool, 1)
		_, err := caller.CallProgressive(ctx, procedure, func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if asked.Load() == 2 {
				<-begun
				cancel()
				<-ctx.Done()
				chunksEnded <- true
				return nil, nil, nil, ctx.Err()
			}
			return chunks(10, &asked)(ctx)
		}, nil)
		w.noteError("call", err)
		w.note("context of the chunks ends", receive(w, chunksEnded))
		w.note("handler's context", receive(w, ended))
		letAsk(w, caller, &asked, 2)
	})
}
