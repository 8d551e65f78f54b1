package transparency_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// payloads are what has to arrive exactly as it was sent.
var payloads = []struct {
	name   string
	args   wamp.List
	kwargs wamp.Dict
}{
	{"nothing", nil, nil},
	{"empty", wamp.List{}, wamp.Dict{}},
	{"empty list alone", wamp.List{}, nil},
	{"empty map alone", nil, wamp.Dict{}},
	{"integers", wamp.List{int64(0), int64(-1), int64(1<<53 + 1), int64(math.MaxInt64), int64(math.MinInt64), uint64(math.MaxUint64)}, nil},
	{"floats", wamp.List{0.1, 3.0, math.Copysign(0, -1), 1e300, 5e-324, -1e-7}, nil},
	{"strings", wamp.List{"", "Grüße, 世界 🌍", "\x01ctl\n\t\"q\"\\", "</script>\u2028"}, wamp.Dict{"ключ": "значение"}},
	{"bytes", wamp.List{[]byte{0, 1, 255}, []byte{}}, wamp.Dict{"blob": []byte("raw")}},
	{"null and bool", wamp.List{nil, true, false}, wamp.Dict{"nothing": nil}},
	{"nested", wamp.List{[]any{[]any{}, map[string]any{"a": []any{int64(1), map[string]any{}}}}}, wamp.Dict{"m": map[string]any{"n": map[string]any{"o": nil}}}},
}

// requireExactly compares also what == overlooks.
func requireExactly(t *testing.T, want, got any) {
	t.Helper()
	require.Equal(t, want, got)
	require.Equal(t, fmt.Sprintf("%#v", want), fmt.Sprintf("%#v", got))
}

func TestPayloadsArriveExactly(t *testing.T) {
	test := func(t *testing.T, r *testrouter.Router, k harness.Keys, from, to link) {
		responder := to.session(t, r, harness.RingOf(t, k.ResponderKey()))
		require.NoError(t, responder.Register(harness.Prefix+"echo", harness.Echo, nil))
		got := events(t, responder, harness.Prefix+"topic", nil)
		originator := from.session(t, r, harness.RingOf(t, k.OriginatorKey()))
		for _, p := range payloads {
			require.NoError(t, originator.Publish(harness.Prefix+"topic", wamp.Dict{"acknowledge": true}, p.args, p.kwargs), p.name)
			ev := harness.Receive(t, got)
			requireExactly(t, p.args, ev.Arguments)
			requireExactly(t, p.kwargs, ev.ArgumentsKw)

			res, err := originator.Call(harness.Timeout(t), harness.Prefix+"echo", nil, p.args, p.kwargs, nil)
			require.NoError(t, err, p.name)
			requireExactly(t, p.args, res.Arguments)
			requireExactly(t, p.kwargs, res.ArgumentsKw)
		}
		require.NoError(t, originator.Close())
		require.NoError(t, responder.Unregister(harness.Prefix+"echo"))
		require.NoError(t, responder.Close())
	}
	forEachPair(t, test)
}

func TestErrorsOfHandlersArrive(t *testing.T) {
	forEachTwo(t, func(t *testing.T, originator, responder *transparency.Session) {
		require.NoError(t, responder.Register(harness.Prefix+"failme", func(context.Context, *wamp.Invocation) client.InvokeResult {
			return client.InvokeResult{Err: harness.Prefix + "error1", Args: wamp.List{"why"}, Kwargs: wamp.Dict{"custom1": 23}}
		}, nil))
		_, err := originator.Call(harness.Timeout(t), harness.Prefix+"failme", nil, nil, nil, nil)
		var raised client.RPCError
		require.ErrorAs(t, err, &raised)
		require.Equal(t, wamp.URI(harness.Prefix+"error1"), raised.Err.Error)
		require.Equal(t, harness.Prefix+"failme", raised.Procedure)
		require.Equal(t, wamp.List{"why"}, raised.Err.Arguments)
		require.Equal(t, wamp.Dict{"custom1": int64(23)}, raised.Err.ArgumentsKw)
		requireProvedAs(t, raised.Err.Details, cryptobox.KindError)
		require.NoError(t, responder.Unregister(harness.Prefix+"failme"))
	})
}

func TestProgressiveResults(t *testing.T) {
	const chunks = 20
	forEachTwo(t, func(t *testing.T, originator, responder *transparency.Session) {
		require.NoError(t, responder.Register(harness.Prefix+"count", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			for i := range chunks {
				if err := responder.SendProgress(ctx, wamp.List{i}, nil); err != nil {
					return client.InvokeResult{Err: "com.myapp.error", Args: wamp.List{err.Error()}}
				}
			}
			return client.InvokeResult{Args: wamp.List{"done"}}
		}, nil))
		options := wamp.Dict{}
		var got []any
		res, err := originator.Call(harness.Timeout(t), harness.Prefix+"count", options, nil, nil, func(result *wamp.Result) {
			requireProvedAs(t, result.Details, cryptobox.KindProgress)
			got = append(got, result.Arguments...)
		})
		require.NoError(t, err)
		require.Equal(t, wamp.List{"done"}, res.Arguments)
		require.Len(t, got, chunks)
		for i := range got {
			require.Equal(t, int64(i), got[i])
		}
		require.Empty(t, options, "the caller's options were changed")
		require.NoError(t, responder.Unregister(harness.Prefix+"count"))
	})
}

// sum adds up the chunks of a progressive call and answers the last one.
func sum(total *int64) client.InvocationHandler {
	return func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		n, _ := wamp.AsInt64(inv.Arguments[0])
		*total += n
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{Args: wamp.List{*total}}
	}
}

func TestProgressiveCalls(t *testing.T) {
	const chunks = 10
	forEachTwo(t, func(t *testing.T, originator, responder *transparency.Session) {
		for _, procedure := range []string{harness.Prefix + "sum", "com.plain.sum"} {
			var total int64
			require.NoError(t, responder.Register(procedure, sum(&total), nil))
			i := 0
			res, err := originator.CallProgressive(harness.Timeout(t), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				i++
				if i == chunks {
					return nil, wamp.List{i}, nil, nil // nil options: the last
				}
				return wamp.Dict{wamp.OptProgress: true}, wamp.List{i}, nil, nil
			}, nil)
			require.NoError(t, err)
			require.Equal(t, int64(chunks*(chunks+1)/2), total)
			n, _ := wamp.AsInt64(res.Arguments[0])
			require.Equal(t, total, n)
			require.NoError(t, responder.Unregister(procedure))
		}
	})
}

func TestPatternBasedSubscriptionsAndRegistrations(t *testing.T) {
	forEachTwo(t, func(t *testing.T, originator, responder *transparency.Session) {
		for _, match := range []struct{ kind, pattern string }{
			{wamp.MatchPrefix, harness.Prefix + "a."},
			{wamp.MatchWildcard, "com.myapp.encrypted..b"},
		} {
			options := wamp.Dict{wamp.OptMatch: match.kind}
			got := events(t, responder, match.pattern, options)
			require.NoError(t, responder.Register(match.pattern, harness.Echo, options))
			require.NoError(t, originator.Publish(harness.Prefix+"a.b", nil, wamp.List{match.kind}, nil))
			ev := harness.Receive(t, got)
			require.Equal(t, wamp.List{match.kind}, ev.Arguments)
			_, ok := transparency.InfoFrom(ev.Details)
			require.True(t, ok)
			res, err := originator.Call(harness.Timeout(t), harness.Prefix+"a.b", nil, wamp.List{match.kind}, nil, nil)
			require.NoError(t, err)
			require.Equal(t, wamp.List{match.kind}, res.Arguments)
			require.NoError(t, responder.Unsubscribe(match.pattern))
			require.NoError(t, responder.Unregister(match.pattern))
		}
	})
}

func TestProgressiveCallOfAPatternRegistration(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		originator, responder := two(t, k, links[0], links[0])
		var total int64
		require.NoError(t, responder.Register(harness.Prefix, sum(&total), wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}))
		i := 0
		_, err := originator.CallProgressive(harness.Timeout(t), harness.Prefix+"sum", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			i++
			return wamp.Dict{wamp.OptProgress: i < 3}, wamp.List{i}, nil, nil
		}, nil)
		require.NoError(t, err)
		require.EqualValues(t, 6, total)
	})
}

func TestSharedRegistration(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		r := startRouter(t)
		originator := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
		var served [2]atomic.Int64
		for i := range served {
			responder := links[2+i].session(t, r, harness.RingOf(t, k.ResponderKey()))
			require.NoError(t, responder.Register(harness.Prefix+"echo", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
				served[i].Add(1)
				return harness.Echo(ctx, inv)
			}, wamp.Dict{wamp.OptInvoke: wamp.InvokeRoundRobin}))
		}
		for i := range 10 {
			res, err := originator.Call(harness.Timeout(t), harness.Prefix+"echo", nil, wamp.List{i}, nil, nil)
			require.NoError(t, err)
			require.Equal(t, wamp.List{int64(i)}, res.Arguments)
		}
		require.EqualValues(t, 5, served[0].Load())
		require.EqualValues(t, 5, served[1].Load())
	})
}

func TestManyCallsAtOnce(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		originator, responder := two(t, k, links[3], links[1])
		require.NoError(t, responder.Register(harness.Prefix+"echo", harness.Echo, nil))
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				res, err := originator.Call(harness.Timeout(t), harness.Prefix+"echo", nil, wamp.List{i}, nil, nil)
				if err != nil {
					t.Errorf("call %d: %v", i, err)
					return
				}
				if len(res.Arguments) != 1 || res.Arguments[0] != int64(i) {
					t.Errorf("call %d got another call's result", i)
				}
			})
		}
		wg.Wait()
	})
}

func TestSharedKeysServeBothRoles(t *testing.T) {
	r := startRouter(t)
	for name, key := range map[string]keyring.Key{
		"shared":    keyring.Shared(cryptobox.GenerateSymmetricKey()),
		"both ends": keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey()),
	} {
		t.Run(name, func(t *testing.T) {
			one := links[1].session(t, r, harness.RingOf(t, key))
			two := links[2].session(t, r, harness.RingOf(t, key))
			require.NoError(t, one.Register(harness.Prefix+"one", harness.Echo, nil))
			require.NoError(t, two.Register(harness.Prefix+"two", harness.Echo, nil))
			for caller, procedure := range map[*transparency.Session]string{one: "two", two: "one"} {
				res, err := caller.Call(harness.Timeout(t), harness.Prefix+procedure, nil, wamp.List{"x"}, nil, nil)
				require.NoError(t, err)
				require.Equal(t, wamp.List{"x"}, res.Arguments)
			}
			require.NoError(t, one.Unregister(harness.Prefix+"one"))
			require.NoError(t, two.Unregister(harness.Prefix+"two"))
		})
	}
}

func TestPlainURIsAreUntouched(t *testing.T) {
	forEachPair(t, func(t *testing.T, r *testrouter.Router, k harness.Keys, from, to link) {
		responder := to.session(t, r, harness.RingOf(t, k.ResponderKey()))
		plain := from.plain(t, r)
		got := events(t, responder, "com.plain.topic", nil)
		require.NoError(t, plain.Publish("com.plain.topic", nil, wamp.List{"x"}, nil))
		ev := harness.Receive(t, got)
		require.Equal(t, wamp.List{"x"}, ev.Arguments)
		_, ok := transparency.InfoFrom(ev.Details)
		require.False(t, ok)

		require.NoError(t, responder.Register("com.plain.echo", harness.Echo, nil))
		res, err := plain.Call(harness.Timeout(t), "com.plain.echo", nil, wamp.List{"y"}, nil, nil)
		require.NoError(t, err)
		require.Equal(t, wamp.List{"y"}, res.Arguments)

		_, err = responder.Call(harness.Timeout(t), string(wamp.MetaProcSessionCount), nil, nil, nil, nil)
		require.NoError(t, err, "meta procedures are plain")
		require.NoError(t, responder.Unregister("com.plain.echo"))
		require.NoError(t, plain.Close())
		require.NoError(t, responder.Close())
	})
}
