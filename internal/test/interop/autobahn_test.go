package interop_test

import (
	"fmt"
	"math"
	"math/big"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

const (
	prefix   = "com.myapp.encrypted."
	errorURI = "com.myapp.encrypted.error1"
	plainURI = "com.myapp.error1"
)

// pair returns the keys of the two ends for URIs below prefix.
func pair() (originator, responder []interop.Key) {
	keys := newSecrets()
	return keys.pyOriginating(), keys.pyResponding()
}

// sessions are an originator and a responder of Autobahn's, over two encodings.
type sessions struct{ originator, responder *interop.Peer }

func join(t *testing.T, suite *interop.Suite, from, to interop.Serializer, edit func(o, r *interop.Config)) sessions {
	t.Helper()
	originator, responder := pair()
	o := interop.Config{Serializer: from, Keys: originator}
	r := interop.Config{Serializer: to, Keys: responder}
	if edit != nil {
		edit(&o, &r)
	}
	return sessions{originator: suite.Join(t, o), responder: suite.Join(t, r)}
}

// eachPair runs a test over each two of the serializers.
func eachPair(t *testing.T, test func(t *testing.T, s sessions)) {
	suite := interop.Start(t)
	for _, from := range interop.Serializers() {
		for _, to := range interop.Serializers() {
			t.Run(fmt.Sprintf("%s to %s", from, to), func(t *testing.T) {
				test(t, join(t, suite, from, to, nil))
			})
		}
	}
}

func encrypted(t *testing.T, got interop.Received) {
	t.Helper()
	require.Equal(t, "cryptobox", got.EncAlgo)
	require.Equal(t, "json", got.EncSerializer)
	require.Empty(t, got.EncKey, "Autobahn's key ring names no keys")
}

func TestAutobahnCall(t *testing.T) {
	eachPair(t, func(t *testing.T, s sessions) {
		ctx := within(t)
		require.NoError(t, s.responder.Register(ctx, prefix+"add2", interop.Add2(), nil))
		result, err := s.originator.Call(ctx, prefix+"add2", []any{23, 1}, nil, nil)
		require.NoError(t, err)
		require.Equal(t, []any{int64(24)}, result.Args)
		encrypted(t, result)

		invocation, err := s.responder.Invocation(ctx)
		require.NoError(t, err)
		require.Equal(t, prefix+"add2", invocation.URI)
		require.Equal(t, []any{int64(23), int64(1)}, invocation.Args)
		require.Equal(t, s.originator.Welcome().SessionID, invocation.Caller)
		encrypted(t, invocation)
	})
}

func TestAutobahnEvent(t *testing.T) {
	eachPair(t, func(t *testing.T, s sessions) {
		ctx := within(t)
		require.NoError(t, s.responder.Subscribe(ctx, prefix+"hello", nil))
		publication, err := s.originator.Publish(ctx, prefix+"hello", []any{"Hällo", 23}, map[string]any{"a": nil}, nil)
		require.NoError(t, err)
		require.True(t, publication.Encrypted)

		event, err := s.responder.Event(ctx)
		require.NoError(t, err)
		require.Equal(t, prefix+"hello", event.URI)
		require.Equal(t, []any{"Hällo", int64(23)}, event.Args)
		require.Equal(t, map[string]any{"a": nil}, event.Kwargs)
		require.Equal(t, publication.ID, event.Publication)
		require.Equal(t, s.originator.Welcome().SessionID, event.Publisher)
		encrypted(t, event)
	})
}

func TestAutobahnError(t *testing.T) {
	eachPair(t, func(t *testing.T, s sessions) {
		ctx := within(t)
		custom := interop.Payload{Args: []any{"args"}, Kwargs: map[string]any{"custom1": 23, "custom2": "Hello"}}
		for _, uri := range []string{errorURI, plainURI} {
			procedure := prefix + "failme_" + uri
			require.NoError(t, s.responder.Register(ctx, procedure, interop.Raise(uri, custom), nil))
			_, err := s.originator.Call(ctx, procedure, nil, nil, nil)
			var wampError *interop.Error
			require.ErrorAs(t, err, &wampError)
			require.Equal(t, uri, wampError.URI)
			require.Equal(t, []any{"args"}, wampError.Args)
			require.Equal(t, map[string]any{"custom1": int64(23), "custom2": "Hello"}, wampError.Kwargs)
			if uri == errorURI {
				encrypted(t, wampError.Received)
			} else { // the error's own URI decides
				require.Empty(t, wampError.EncAlgo)
			}
		}
	})
}

func TestAutobahnProgress(t *testing.T) {
	eachPair(t, func(t *testing.T, s sessions) {
		ctx := within(t)
		chunks := []interop.Payload{{Args: []any{1}}, {Args: []any{2}, Kwargs: map[string]any{"half": 0.5}}}
		require.NoError(t, s.responder.Register(ctx, prefix+"count",
			interop.Progress(0, chunks, interop.Payload{Args: []any{"done"}}), nil))
		var mu sync.Mutex
		var got []interop.Received
		result, err := s.originator.Call(ctx, prefix+"count", nil, nil, func(chunk interop.Received) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, chunk)
		})
		require.NoError(t, err)
		require.Equal(t, []any{"done"}, result.Args)
		encrypted(t, result)

		mu.Lock()
		defer mu.Unlock()
		require.Len(t, got, 2)
		require.Equal(t, []any{int64(1)}, got[0].Args)
		require.Equal(t, []any{int64(2)}, got[1].Args)
		require.Equal(t, map[string]any{"half": 0.5}, got[1].Kwargs)
		for _, chunk := range got {
			encrypted(t, chunk)
		}
	})
}

// TestAutobahnRawSocket shows that the RawSocket endpoint serves all encodings.
func TestAutobahnRawSocket(t *testing.T) {
	suite := interop.Start(t)
	for _, serializer := range interop.Serializers() {
		t.Run(string(serializer), func(t *testing.T) {
			ctx := within(t)
			s := join(t, suite, serializer, interop.JSON, func(o, _ *interop.Config) {
				o.URL = suite.Node.AutobahnRawSocketURL()
			})
			require.Equal(t, serializer, s.originator.Welcome().Serializer)
			require.NoError(t, s.responder.Register(ctx, prefix+"echo", interop.Echo(), nil))
			result, err := s.originator.Call(ctx, prefix+"echo", []any{1}, nil, nil)
			require.NoError(t, err)
			encrypted(t, result)
		})
	}
}

// TestValues shows that values come back from Python as they went, plain over
// CBOR, where all of them can travel.
func TestValues(t *testing.T) {
	suite, ctx := interop.Start(t), within(t)
	s := sessions{
		originator: suite.Join(t, interop.Config{Serializer: interop.CBOR}),
		responder:  suite.Join(t, interop.Config{Serializer: interop.CBOR}),
	}
	require.NoError(t, s.responder.Register(ctx, "com.myapp.echo", interop.Echo(), nil))
	args := []any{
		nil, true, "Hällo \U0001f511\x00", []byte{}, []byte{0, 0xff},
		int64(math.MinInt64), int64(1)<<53 + 1, uint64(math.MaxUint64), new(big.Int).Lsh(big.NewInt(1), 80),
		3.0, math.Copysign(0, -1), 1e300, 0.1,
		[]any{}, []any{[]any{nil}}, map[string]any{}, map[string]any{"a": map[string]any{"b": []byte("c")}},
	}
	kwargs := map[string]any{"k": []any{1.5}}
	result, err := s.originator.Call(ctx, "com.myapp.echo", args, kwargs, nil)
	require.NoError(t, err)
	require.Equal(t, args, result.Args)
	require.Equal(t, kwargs, result.Kwargs)
	require.True(t, math.Signbit(result.Args[10].(float64)))

	result, err = s.originator.Call(ctx, "com.myapp.echo", []any{map[string]any{"$bytes_hex": "00"}}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []any{interop.Pairs{{"$bytes_hex", "00"}}}, result.Args)
}
