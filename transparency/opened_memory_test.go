package transparency_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// swelling is 135 KB in CBOR and 15 MB of memory.
func swelling() wamp.List {
	list := make(wamp.List, 45_000)
	for i := range list {
		list[i] = map[string]any{"": 0}
	}
	return list
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
			before := heap.InUse()
			for i := range calls {
				record := &harness.Record{Bound: *p.Bind(cryptobox.KindCall, nil), URI: keyedURI, Args: args}
				p.deliver(record, wamp.INVOCATION, i+1, registration, wamp.Dict{})
			}
			require.Eventually(t, func() bool { return serving.Load() >= most-2 }, harness.Patience, time.Millisecond)
			time.Sleep(200 * time.Millisecond)
			require.LessOrEqual(t, serving.Load(), int64(most))
			require.Less(t, heap.InUse()-before, int64(200<<20), "those that wait hold values")
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

// TestInvocationsAreShutOutWhileTheyWaitForRoom: what is opened, and waits, is refused once its
// key is revoked or its caller removed.
func TestInvocationsAreShutOutWhileTheyWaitForRoom(t *testing.T) {
	const calls, room = 12, 8
	c := newCompany(false)
	signed := keyring.Signed(c.serving(billing))
	for name, shut := range map[string]struct {
		out  func(*keyring.Ring) error
		want transparency.Reason
	}{
		"removed": {func(r *keyring.Ring) error {
			return r.RemoveParty(encrypted, keyring.RoleOriginator, c.Party(billing))
		}, transparency.WrongSender},
		"revoked": {func(r *keyring.Ring) error { return r.Revoke(encrypted, signed.ID()) }, transparency.NotOpened},
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, ours, handrouter.RawSocket, "cbor", signed, keyring.Signed(c.sending(billing)))
			serving, release := make(chan wamp.ID, calls), make(chan struct{})
			p.registered(keyedURI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
				serving <- inv.Request
				<-release
				return client.InvokeResult{}
			})
			args := swelling()
			for i := range calls {
				record := &harness.Record{Bound: *p.Bind(cryptobox.KindCall, nil), URI: keyedURI, Args: args}
				p.deliver(record, wamp.INVOCATION, i+1, registration, wamp.Dict{})
			}
			for range room {
				harness.Receive(t, serving)
			}
			harness.Nothing(t, serving)
			require.NoError(t, shut.out(p.ring))
			close(release)
			for refused := 0; refused < calls-room; {
				if err := p.refused.Next(t); err.Op == "invocation" {
					harness.RequireReason(t, err, shut.want)
					refused++
				}
			}
			harness.Nothing(t, serving)
		})
	}
}

// TestHandlersThatCallTheirOwnSession: what they hold room for doesn't keep their calls, and
// those of others, waiting. What finds no room is told so.
func TestHandlersThatCallTheirOwnSession(t *testing.T) {
	const calls = 12 // more than there is room for
	outer, inner := keyedURI+".outer", keyedURI+".inner"
	k := harness.NewKeys()
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(keyedURI), k.PairKey()))
	r := startRouter(t)
	service, caller := links[5].session(t, r, ring), links[5].session(t, r, ring)
	require.NoError(t, service.Register(inner, func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{}
	}, nil))
	require.NoError(t, service.Register(outer, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		_, _ = service.Call(ctx, inner, nil, nil, nil, nil)
		return client.InvokeResult{}
	}, nil))
	ctx, cancel := context.WithTimeout(context.Background(), harness.Patience)
	defer cancel()
	args := swelling()
	done := make(chan error, calls)
	for range calls {
		go func() {
			_, err := caller.Call(ctx, outer, nil, args, nil, nil)
			done <- err
		}()
	}
	served := 0
	for range calls {
		err := <-done
		if err == nil {
			served++
			continue
		}
		raised, ok := errors.AsType[client.RPCError](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, wamp.URI("wamp.error.unavailable"), raised.Err.Error)
	}
	require.NotZero(t, served)
}

// TestChunksThatNeverCome: progressive invocations that wait for them hold no room.
func TestChunksThatNeverCome(t *testing.T) {
	const calls = 9 // one more than there is room for
	k := harness.NewKeys()
	p := play(t, ours, handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
	served := make(chan wamp.ID, calls)
	p.registered(keyedURI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		served <- inv.Request
		return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
	})
	args := swelling()
	for i := range calls {
		record := &harness.Record{Bound: *p.Bind(cryptobox.KindCallProgress, nil), URI: keyedURI, Args: args}
		p.deliver(record, wamp.INVOCATION, i+1, registration, wamp.Dict{wamp.OptProgress: true})
	}
	for range calls {
		harness.Receive(t, served)
	}
	require.Zero(t, p.refused.Count())
}

// TestInvocationsThatFindNoRoom: where the Session waits for a reply, they are told so at
// once. If that was with a later chunk, the call is canceled.
func TestInvocationsThatFindNoRoom(t *testing.T) {
	const room = 8
	k := harness.NewKeys()
	p := play(t, ours, handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
	serving, release := make(chan wamp.ID, room), make(chan struct{})
	defer close(release)
	p.registered(keyedURI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		serving <- inv.Request
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		<-release
		return client.InvokeResult{}
	})
	begun := p.deliver(&harness.Record{Bound: *p.Bind(cryptobox.KindCallProgress, nil), URI: keyedURI},
		wamp.INVOCATION, 1, registration, wamp.Dict{wamp.OptProgress: true})
	harness.Receive(t, serving)
	args := swelling()
	for i := range room {
		p.deliver(&harness.Record{Bound: *p.Bind(cryptobox.KindCall, nil), URI: keyedURI, Args: args},
			wamp.INVOCATION, i+2, registration, wamp.Dict{})
		harness.Receive(t, serving)
	}
	go func() { _ = p.Subscribe(keyedURI, func(*wamp.Event) {}, nil) }()
	p.nextMessage()
	p.deliver(&harness.Record{Bound: *p.Bind(cryptobox.KindCall, nil), URI: keyedURI, Args: args},
		wamp.INVOCATION, room+2, registration, wamp.Dict{})
	p.plainMessage(wamp.ERROR, wamp.INVOCATION, room+2, map[string]any{}, "wamp.error.unavailable")
	later := p.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Re, b.Seq = begun, 1 })
	p.deliver(&harness.Record{Bound: *later, URI: keyedURI, Args: args}, wamp.INVOCATION, 1, registration, wamp.Dict{})
	p.plainMessage(wamp.ERROR, wamp.INVOCATION, 1, map[string]any{}, "wamp.error.canceled")
	require.Equal(t, 2, p.refused.Count())
	harness.Nothing(t, serving)
}
