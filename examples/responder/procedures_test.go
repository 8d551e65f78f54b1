package main

import (
	"context"
	"math"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// each runs test for both URIs of a procedure and every serializer of the
// caller's session.
func each(t *testing.T, name string, test func(t *testing.T, procedure string, encrypted bool, call func(args ...any) (*wamp.Result, error))) {
	router := startRouter(t)
	startResponder(t, router.WebSocketURL())
	for _, serializer := range []struct {
		name string
		id   serialize.Serialization
	}{{"json", client.JSON}, {"msgpack", client.MSGPACK}, {"cbor", client.CBOR}} {
		session := connectOriginator(t, router, serializer.id)
		for prefix, encrypted := range map[string]bool{"com.myapp.": false, prefix: true} {
			procedure := prefix + name
			t.Run(serializer.name+"/"+procedure, func(t *testing.T) {
				test(t, procedure, encrypted, func(args ...any) (*wamp.Result, error) {
					return session.Call(context.Background(), procedure, nil, args, nil, nil)
				})
			})
		}
	}
}

// requireRaised checks that err is the error, and how it came.
func requireRaised(t *testing.T, err error, uri wamp.URI, encrypted bool) *wamp.Error {
	t.Helper()
	var raised client.RPCError
	require.ErrorAs(t, err, &raised)
	require.Equal(t, uri, raised.Err.Error)
	require.Equal(t, encrypted, way(raised.Err.Details) == "encrypted")
	return raised.Err
}

func TestAdd2(t *testing.T) {
	each(t, "add2", func(t *testing.T, _ string, encrypted bool, call func(...any) (*wamp.Result, error)) {
		for _, sum := range []struct{ a, b, want int64 }{
			{23, 1, 24},
			{0, 0, 0},
			{5, 0, 5},
			{-7, 3, -4},
			{math.MaxInt64, math.MinInt64, -1},
			{math.MaxInt64 - 1, 1, math.MaxInt64},
			{math.MinInt64 + 1, -1, math.MinInt64},
		} {
			result, err := call(sum.a, sum.b)
			require.NoError(t, err)
			require.Len(t, result.Arguments, 1)
			got, ok := integer(result.Arguments[0])
			require.True(t, ok)
			require.Equal(t, sum.want, got)
			require.Equal(t, encrypted, way(result.Details) == "encrypted")
		}
	})
}

func TestAdd2RefusesBadArguments(t *testing.T) {
	each(t, "add2", func(t *testing.T, _ string, encrypted bool, call func(...any) (*wamp.Result, error)) {
		for _, args := range [][]any{
			{},
			{1},
			{1, 2, 3},
			{1, "2"},
			{1.5, 2},
			{1, true},
			{nil, 2},
			{[]any{1}, 2},
			{1, uint64(math.MaxUint64)},
			{int64(math.MaxInt64), 1},
			{-1, int64(math.MinInt64)},
		} {
			_, err := call(args...)
			raised := requireRaised(t, err, "wamp.error.invalid_argument", encrypted)
			require.Len(t, raised.Arguments, 1, "says why")
		}
	})
}

func TestFailMe(t *testing.T) {
	each(t, "failme", func(t *testing.T, _ string, encrypted bool, call func(...any) (*wamp.Result, error)) {
		for argument, want := range map[bool]struct {
			uri   wamp.URI
			keyed bool
		}{
			true:  {"com.myapp.encrypted.error1", true},
			false: {"com.myapp.error1", false},
		} {
			_, err := call(argument)
			raised := requireRaised(t, err, want.uri, encrypted)
			require.Empty(t, raised.Arguments)
			if want.keyed && !encrypted { // there is no call to tie it to
				require.Empty(t, raised.ArgumentsKw)
				continue
			}
			require.Len(t, raised.ArgumentsKw, 2)
			custom1, ok := integer(raised.ArgumentsKw["custom1"])
			require.True(t, ok)
			require.EqualValues(t, 23, custom1)
			require.Equal(t, "Hello", raised.ArgumentsKw["custom2"])
		}
	})
}

func TestFailMeRefusesBadArguments(t *testing.T) {
	each(t, "failme", func(t *testing.T, _ string, encrypted bool, call func(...any) (*wamp.Result, error)) {
		for _, args := range [][]any{{}, {1}, {"true"}, {nil}, {true, false}} {
			_, err := call(args...)
			requireRaised(t, err, "wamp.error.invalid_argument", encrypted)
		}
	})
}

// A caller without the key gets no further than the session.
func TestPlainCallsOfEncryptedProcedures(t *testing.T) {
	router := startRouter(t)
	responder := startResponder(t, router.RawSocketURL())
	plain := connectPlain(t, router)
	for _, procedure := range []string{"com.myapp.encrypted.add2", "com.myapp.encrypted.failme"} {
		_, err := plain.Call(context.Background(), procedure, nil, wamp.List{1, 2}, nil, nil)
		raised := requireRaised(t, err, transparency.URISealedOnly, false)
		require.Empty(t, raised.Arguments)
	}
	require.Equal(t, "session ready\n", responder.Stdout())
	responder.AwaitStderr(`invocation "com.myapp.encrypted.add2": payload is not sealed`)
}
