package transparency_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// swelling is 135 KB in CBOR and 15 MB of memory.
func swelling() wamp.List {
	list := make(wamp.List, 45_000)
	for i := range list {
		list[i] = map[string]any{"": 0}
	}
	return list
}

// heap is how many bytes are in use.
func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// TestOpenedInvocationsAreBounded: what is served takes no more memory opened than what
// is plain, though it came small. What finds no room waits for it, and is served.
func TestOpenedInvocationsAreBounded(t *testing.T) {
	const calls, most = 24, 9 // 128 MiB, and one more
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			k := harness.NewKeys().In(d.Dialect)
			p := play(t, d, handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
			var serving, served atomic.Int64
			release := make(chan struct{})
			p.registered(keyedURI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
				serving.Add(1)
				<-release
				serving.Add(-1)
				served.Add(1)
				return client.InvokeResult{Args: wamp.List{len(inv.Arguments)}}
			})
			args := swelling()
			before := heap()
			for i := range calls {
				record := &harness.Record{Bound: *p.Bind(cryptobox.KindCall, nil), URI: keyedURI, Args: args}
				p.deliver(record, wamp.INVOCATION, i+1, registration, wamp.Dict{})
			}
			require.Eventually(t, func() bool { return serving.Load() >= most-2 }, harness.Patience, time.Millisecond)
			time.Sleep(200 * time.Millisecond)
			require.LessOrEqual(t, serving.Load(), int64(most))
			require.Less(t, heap()-before, int64(200<<20), "those that wait hold values")
			close(release)
			for range calls {
				p.nextMessage()
			}
			require.EqualValues(t, calls, served.Load())
			require.Zero(t, p.refused.Count())
		})
	}
}

// TestInvocationsEndWhileTheyWaitForRoom: the router may interrupt them. They never reach
// the handler, and what they would have taken is there for others.
func TestInvocationsEndWhileTheyWaitForRoom(t *testing.T) {
	const calls = 12
	k := harness.NewKeys()
	p := play(t, ours, handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
	serving, release := make(chan wamp.ID, calls), make(chan struct{})
	p.registered(keyedURI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		serving <- inv.Request
		<-release
		return client.InvokeResult{}
	})
	args := swelling()
	for round := range 2 {
		first := round*calls + 1
		waiting := map[wamp.ID]bool{}
		for i := range calls {
			record := &harness.Record{Bound: *p.Bind(cryptobox.KindCall, nil), URI: keyedURI, Args: args}
			p.deliver(record, wamp.INVOCATION, first+i, registration, wamp.Dict{})
			waiting[wamp.ID(first+i)] = true
		}
		for range 8 {
			delete(waiting, harness.Receive(t, serving))
		}
		harness.Nothing(t, serving)
		for id := range waiting {
			p.Send(wamp.INTERRUPT, id, wamp.Dict{})
			p.plainMessage(wamp.ERROR, wamp.INVOCATION, id, map[string]any{}, "wamp.error.canceled")
		}
		for range 8 {
			release <- struct{}{}
			p.nextMessage()
		}
		harness.Nothing(t, serving)
	}
	require.Zero(t, p.refused.Count())
}
