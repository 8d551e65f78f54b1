package interop_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// values arrive as they were sent, in the same Go types.
func values() map[string][]any {
	power := func(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }
	return map[string][]any{
		"text": {
			"", "Hällo", "🔑 non-BMP \U0010ffff", "combining e\u0301 and é", "שלום \u202eabc\u202c مرحبا",
			"\u2028\u2029\ufeff", "a\x00b \x01\x1f\x7f \"\\/\n\t", "\ufffd\ufffe\uffff", "<>&",
		},
		"integers": {
			int64(0), int64(-1), int64(1)<<53 - 1, int64(1)<<53 + 1, -(int64(1)<<53 + 1), int64(math.MaxInt64), int64(math.MinInt64),
			uint64(1) << 63, uint64(math.MaxUint64),
		},
		"beyond 64 bits": {power(64), power(80), new(big.Int).Neg(power(80)), new(big.Int).Sub(big.NewInt(math.MinInt64), big.NewInt(1))},
		"floats": {
			0.0, 3.0, -2.5, 0.1, 1e300, -1e-300, math.MaxFloat64, math.SmallestNonzeroFloat64, float64(1 << 53), math.Copysign(0, -1),
		},
		"nothing": {nil, true, false, []any{}, map[string]any{}, []any{nil}, map[string]any{"": nil}},
		"nested":  {[]any{[]any{[]any{int64(1), []any{}}}, map[string]any{"ä": []any{map[string]any{"🔑": 0.5}}}}},
		"bytes":   {[]byte{}, []byte{0}, []byte{0, 0xff, 0xfe}, []byte("plain text"), []any{[]byte{1}}, map[string]any{"b": []byte{2}}},
	}
}

// kwargsOf returns the values under names.
func kwargsOf(args []any) map[string]any {
	kwargs := map[string]any{}
	for i, arg := range args {
		kwargs["ö"+strings.Repeat("x", i)] = arg
	}
	return kwargs
}

// requireValues also tells the zeros of floats apart.
func requireValues(t *testing.T, want, got []any) {
	t.Helper()
	require.Equal(t, want, got)
	for i := range want {
		if f, ok := want[i].(float64); ok {
			g, _ := got[i].(float64)
			require.Equal(t, math.Signbit(f), math.Signbit(g), "value %d", i)
		}
	}
}

// TestLiveValues sends everything there and back, from each side.
func TestLiveValues(t *testing.T) {
	all := startLive(t)
	for i, serializer := range interop.Serializers() {
		for _, e := range []end{ends[i], ends[3+(i+1)%3]} {
			t.Run(e.name+" and "+string(serializer), func(t *testing.T) {
				l := all.in(t)
				toGo, toPython := keyed("echo"), keyed("echo")
				invocations := l.served(l.connect(e, l.responding()), toGo, nil, harness.Echo)
				responder := l.join(serializer, l.pyResponding())
				require.NoError(t, responder.Register(l.ctx, toPython, interop.Echo(), nil))
				pyOriginator, originator := l.join(serializer, l.pyOriginating()), l.connect(e, l.originating())
				for name, args := range values() {
					kwargs := kwargsOf(args)
					answer, err := pyOriginator.Call(l.ctx, toGo, args, kwargs, nil)
					require.NoError(t, err, name)
					invocation := next(l, invocations)
					requireValues(t, args, invocation.Arguments)
					require.Equal(t, wamp.Dict(kwargs), invocation.ArgumentsKw)
					requireValues(t, args, answer.Args)
					require.Equal(t, kwargs, answer.Kwargs)

					result, err := originator.Call(l.ctx, toPython, nil, args, kwargs, nil)
					require.NoError(t, err, name)
					received, err := responder.Invocation(l.ctx)
					require.NoError(t, err)
					requireValues(t, args, received.Args)
					require.Equal(t, kwargs, received.Kwargs)
					requireValues(t, args, result.Arguments)
					require.Equal(t, wamp.Dict(kwargs), result.ArgumentsKw)
				}
			})
		}
	}
}

// TestLiveNothing: null, empty and absent payloads. Autobahn always writes a list and
// a map; a Session writes null where there is none, and Autobahn says so.
func TestLiveNothing(t *testing.T) {
	l := startLive(t)
	toPython, toGo, none, topic := keyed("echo"), keyed("echo"), keyed("none"), keyed("hello")
	responder := l.join(interop.JSON, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, toPython, interop.Echo(), nil))
	require.NoError(t, responder.Register(l.ctx, none, interop.Return(interop.Payload{Args: []any{nil}}), nil))
	require.NoError(t, responder.Subscribe(l.ctx, topic, nil))
	originator := l.connect(usual, l.originating())
	for _, p := range []interop.Payload{
		{}, {Args: []any{}, Kwargs: map[string]any{}}, {Args: []any{}}, {Kwargs: map[string]any{}}, {Kwargs: map[string]any{"a": nil}},
	} {
		result := l.calls(originator, toPython, p.Args, p.Kwargs)
		require.Empty(t, result.Arguments)
		require.Len(t, result.ArgumentsKw, len(p.Kwargs))
		invocation, err := responder.Invocation(l.ctx)
		require.NoError(t, err)
		require.Equal(t, p, interop.Payload{Args: invocation.Args, Kwargs: invocation.Kwargs})
		fromSession(t, invocation)

		require.NoError(t, originator.Publish(topic, nil, p.Args, p.Kwargs))
		event := l.pyEvent(responder)
		require.Equal(t, p, interop.Payload{Args: event.Args, Kwargs: event.Kwargs})
		fromSession(t, event)
	}
	result := l.calls(originator, none, nil, nil)
	require.Equal(t, wamp.List{nil}, result.Arguments)
	fromAutobahn(t, result.Details)

	invocations := l.served(l.connect(usual, l.responding()), toGo, nil, harness.Echo)
	answer := l.pyCalls(l.join(interop.JSON, l.pyOriginating()), toGo, nil, nil)
	invocation := next(l, invocations)
	require.Equal(t, wamp.List{}, invocation.Arguments)
	require.Equal(t, wamp.Dict{}, invocation.ArgumentsKw)
	fromAutobahn(t, invocation.Details)
	require.Equal(t, []any{}, answer.Args)
	fromSession(t, answer)
}

// TestLiveValuesRefused: what a record can't carry is an error to who sends it, and
// what Autobahn sends beyond our limits is refused.
func TestLiveValuesRefused(t *testing.T) {
	l := startLive(t)
	toPython, toGo := keyed("echo"), keyed("echo")
	responder := l.join(interop.JSON, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, toPython, interop.Echo(), nil))
	originator := l.connect(usual, l.originating())
	for _, value := range []any{"\x00text", math.NaN(), math.Inf(1), make(chan int), "\xff"} {
		_, err := originator.Call(l.ctx, toPython, nil, wamp.List{value}, nil, nil)
		require.ErrorIs(t, err, transparency.Unsealable)
		require.ErrorIs(t, err, cryptobox.ErrValue)
	}
	require.Zero(t, originator.Stats().Sealed)

	refused, option := collect()
	s := l.connect(usual, l.responding(), option)
	l.served(s, toGo, nil, harness.Echo)
	pyOriginator := l.join(interop.JSON, l.pyOriginating())
	_, err := pyOriginator.Call(l.ctx, toGo, []any{new(big.Int).Lsh(big.NewInt(1), 2000)}, nil, nil)
	require.Equal(t, decryptError, pyRaised(t, err).URI)
	refused.one(l, s, "invocation", toGo, transparency.Malformed)

	// A text of Python's that begins with NUL is what bytes are written as: Autobahn
	// itself would take it for those.
	answer := l.pyCalls(pyOriginator, toGo, []any{"\x00YWJj"}, nil)
	require.Equal(t, []any{[]byte("abc")}, answer.Args)
}

// TestLiveMebibyte sends a mebibyte of text or of bytes there and back, from Go and from
// Python. Autobahn does so over RawSocket: on a WebSocket its default is to send no
// message beyond a mebibyte.
func TestLiveMebibyte(t *testing.T) {
	all := startLive(t)
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i ^ i>>8 ^ i>>16)
	}
	values := []any{strings.Repeat("Ä🔑", 1<<20/6), data}
	join := func(l live, i int, keys []interop.Key) *interop.Peer {
		return l.suite.Join(l, interop.Config{
			URL: l.suite.Node.AutobahnRawSocketURL(), Serializer: interop.Serializers()[(i+1)%3], Keys: keys,
		})
	}
	for i, e := range []end{webSocket("json", serialize.JSON), rawSocket("cbor", serialize.CBOR)} {
		t.Run(e.name, func(t *testing.T) {
			l := all.in(t)
			procedure := keyed("echo")
			require.NoError(t, join(l, i, l.pyResponding()).Register(l.ctx, procedure, interop.Echo(), nil))
			result := l.calls(l.connect(e, l.originating()), procedure, wamp.List{values[i%2]}, nil)
			require.True(t, len(result.Arguments) == 1 && same(values[i%2], result.Arguments[0]))
		})
	}
	t.Run("from Python", func(t *testing.T) {
		l := all.in(t)
		procedure := keyed("echo")
		invocations := l.served(l.connect(usual, l.responding()), procedure, nil, harness.Echo)
		answer := l.pyCalls(join(l, 0, l.pyOriginating()), procedure, []any{data}, nil)
		require.True(t, same(data, next(l, invocations).Arguments[0]))
		require.True(t, len(answer.Args) == 1 && same(data, answer.Args[0]))
	})
}

// same compares without printing a mebibyte.
func same(want, got any) bool {
	if b, ok := want.([]byte); ok {
		g, ok := got.([]byte)
		return ok && string(b) == string(g)
	}
	return want == got
}
