package interop_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// add2 takes what a sealed payload delivers: int64, over every serializer.
func add2(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	if len(inv.Arguments) != 2 {
		return client.InvokeResult{Err: wamp.ErrInvalidArgument}
	}
	a, aOK := inv.Arguments[0].(int64)
	b, bOK := inv.Arguments[1].(int64)
	if !aOK || !bOK {
		return client.InvokeResult{Err: wamp.ErrInvalidArgument}
	}
	return client.InvokeResult{Args: wamp.List{a + b}, Kwargs: wamp.Dict{"über": inv.ArgumentsKw["über"]}}
}

// TestLiveCallFromPython calls Go over every two serializers, and both transports.
func TestLiveCallFromPython(t *testing.T) {
	all := startLive(t)
	for _, e := range ends {
		responder := all.connect(e, all.responding())
		for _, serializer := range interop.Serializers() {
			t.Run(string(serializer)+" to "+e.name, func(t *testing.T) {
				l := all.in(t)
				procedure := keyed("add2")
				invocations := l.served(responder, procedure, nil, add2)
				originator := l.join(serializer, l.pyOriginating())
				result := l.pyCalls(originator, procedure, []any{23, 1}, map[string]any{"über": "mut 🔑"})
				require.Equal(t, []any{int64(24)}, result.Args)
				require.Equal(t, map[string]any{"über": "mut 🔑"}, result.Kwargs)
				fromSession(t, result)

				invocation := next(l, invocations)
				require.Equal(t, wamp.List{int64(23), int64(1)}, invocation.Arguments)
				require.Equal(t, wamp.Dict{"über": "mut 🔑"}, invocation.ArgumentsKw)
				fromAutobahn(t, invocation.Details)
				caller, _ := wamp.AsID(invocation.Details["caller"])
				require.EqualValues(t, originator.Welcome().SessionID, caller)
			})
		}
	}
}

// TestLiveCallFromGo is the other direction.
func TestLiveCallFromGo(t *testing.T) {
	all := startLive(t)
	for _, serializer := range interop.Serializers() {
		responder := all.join(serializer, all.pyResponding())
		add2, echo := keyed("add2"), keyed("echo")
		require.NoError(t, responder.Register(all.ctx, add2, interop.Add2(), nil))
		require.NoError(t, responder.Register(all.ctx, echo, interop.Echo(), nil))
		for _, e := range ends {
			t.Run(e.name+" to "+string(serializer), func(t *testing.T) {
				l := all.in(t)
				originator := l.connect(e, l.originating())
				result := l.calls(originator, add2, wamp.List{23, 1}, nil)
				require.Equal(t, wamp.List{int64(24)}, result.Arguments)
				fromAutobahn(t, result.Details)
				require.Equal(t, uint64(1), originator.Stats().Sealed)
				require.Equal(t, uint64(1), originator.Stats().Opened)

				invocation, err := responder.Invocation(l.ctx)
				require.NoError(t, err)
				require.Equal(t, add2, invocation.URI)
				require.Equal(t, []any{int64(23), int64(1)}, invocation.Args)
				require.EqualValues(t, originator.ID(), invocation.Caller)
				fromSession(t, invocation)

				result = l.calls(originator, echo, nil, wamp.Dict{"über": "mut 🔑"})
				require.Equal(t, wamp.Dict{"über": "mut 🔑"}, result.ArgumentsKw)
				fromAutobahn(t, result.Details)
				_, err = responder.Invocation(l.ctx)
				require.NoError(t, err)
			})
		}
	}
}

// TestLivePatternRegistrations serves all procedures below a prefix at either end.
// What counts is the procedure that was called.
func TestLivePatternRegistrations(t *testing.T) {
	l := startLive(t)
	pyPattern, goPattern := keyed("python")+".", keyed("go")+"."
	options := map[string]any{"match": "prefix"}
	require.NoError(t, l.join(interop.JSON, l.pyResponding()).Register(l.ctx, pyPattern, interop.Echo(), options))
	invocations := l.served(l.connect(usual, l.responding()), goPattern, options, harness.Echo)

	result := l.calls(l.connect(usual, l.originating()), pyPattern+"one", wamp.List{1}, nil)
	require.Equal(t, wamp.List{int64(1)}, result.Arguments)
	fromAutobahn(t, result.Details)

	answer := l.pyCalls(l.join(interop.CBOR, l.pyOriginating()), goPattern+"two", []any{2}, nil)
	require.Equal(t, []any{int64(2)}, answer.Args)
	fromSession(t, answer)
	invocation := next(l, invocations)
	fromAutobahn(t, invocation.Details)
	procedure, _ := wamp.AsURI(invocation.Details["procedure"])
	require.EqualValues(t, goPattern+"two", procedure)
}

// TestLivePlain shows that URIs without a key stay plain, beside those with one.
func TestLivePlain(t *testing.T) {
	l := startLive(t)
	fromPython, fromGo := unkeyed("frompython"), unkeyed("fromgo")
	responder := l.join(interop.CBOR, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, fromGo, interop.Echo(), nil))
	originator := l.connect(usual, l.originating())
	result := l.calls(originator, fromGo, wamp.List{"plain"}, nil)
	require.Equal(t, wamp.List{"plain"}, result.Arguments)
	cameInPlain(t, result.Details)
	require.Zero(t, originator.Stats().Sealed)

	invocations := l.served(l.connect(usual, l.responding()), fromPython, nil, harness.Echo)
	answer := l.pyCalls(l.join(interop.JSON, l.pyOriginating()), fromPython, []any{"plain"}, nil)
	require.Equal(t, []any{"plain"}, answer.Args)
	require.Empty(t, answer.EncAlgo)
	cameInPlain(t, next(l, invocations).Details)
}

// TestLiveNamedKey: enc_key, which Autobahn's own ring never sends, chooses nothing here.
func TestLiveNamedKey(t *testing.T) {
	l := startLive(t)
	procedure := keyed("echo")
	invocations := l.served(l.connect(usual, l.responding()), procedure, nil, harness.Echo)
	for _, id := range []string{"key 1", l.responding().ID()} {
		py := l.suite.Join(t, interop.Config{Keys: l.pyOriginating(), EncKey: id})
		fromSession(t, l.pyCalls(py, procedure, []any{1}, nil))
		fromAutobahn(t, next(l, invocations).Details)
	}
}
