package interop_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// Autobahn seals an error if, and only if, the error's own URI has a key. So does a
// Session with peers that may be Autobahn, but it never raises in plain what answers
// a sealed call: of such an error only the URI goes out.

func TestLiveErrorsFromPython(t *testing.T) {
	all := startLive(t)
	custom := interop.Payload{Args: []any{"Hällo", 23}, Kwargs: map[string]any{"custom1": 23, "custom2": nil}}
	for _, serializer := range interop.Serializers() {
		t.Run(string(serializer), func(t *testing.T) {
			l := all.in(t)
			responder, originator := l.join(serializer, l.pyResponding()), l.connect(usual, l.originating())
			for _, uri := range []string{errorURI, plainURI} {
				procedure := keyed("failme")
				require.NoError(t, responder.Register(l.ctx, procedure, interop.Raise(uri, custom), nil))
				_, err := originator.Call(l.ctx, procedure, nil, nil, nil, nil)
				got := harness.Raised(t, err)
				require.EqualValues(t, uri, got.Error)
				if uri == errorURI {
					fromAutobahn(t, got.Details)
					require.Equal(t, wamp.List{"Hällo", int64(23)}, got.Arguments)
					require.Equal(t, wamp.Dict{"custom1": int64(23), "custom2": nil}, got.ArgumentsKw)
					continue
				}
				cameInPlain(t, got.Details) // the router could read and write it
				require.Len(t, got.Arguments, 2)
				require.Equal(t, "Hällo", got.Arguments[0])
				require.Contains(t, got.ArgumentsKw, "custom1")
			}
			require.Empty(t, originator.Stats().Rejected)
		})
	}
}

func TestLiveErrorsFromGo(t *testing.T) {
	all := startLive(t)
	for _, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			l := all.in(t)
			responder, originator := l.connect(e, l.responding()), l.join(interop.JSON, l.pyOriginating())
			for _, uri := range []wamp.URI{errorURI, plainURI} {
				procedure := keyed("failme")
				l.served(responder, procedure, nil, answering(client.InvokeResult{
					Err: uri, Args: wamp.List{"Hällo", 23}, Kwargs: wamp.Dict{"custom1": 23, "custom2": nil},
				}))
				_, err := originator.Call(l.ctx, procedure, nil, nil, nil)
				got := pyRaised(t, err)
				require.EqualValues(t, uri, got.URI)
				if uri == errorURI {
					fromSession(t, got)
					require.Equal(t, []any{"Hällo", int64(23)}, got.Args)
					require.Equal(t, map[string]any{"custom1": int64(23), "custom2": nil}, got.Kwargs)
					continue
				}
				require.Empty(t, got.EncAlgo)
				require.Empty(t, got.Args)
				require.Empty(t, got.Kwargs)
			}
		})
	}
}

// TestLiveErrorsWithoutArguments: sealed, nothing is still something.
func TestLiveErrorsWithoutArguments(t *testing.T) {
	l := startLive(t)
	fromGo, fromPython := keyed("failme"), keyed("failme")
	l.served(l.connect(usual, l.responding()), fromGo, nil, answering(client.InvokeResult{Err: errorURI}))
	_, err := l.join(interop.MessagePack, l.pyOriginating()).Call(l.ctx, fromGo, nil, nil, nil)
	got := pyRaised(t, err)
	require.Equal(t, errorURI, got.URI)
	fromSession(t, got)
	require.Empty(t, got.Args)
	require.Empty(t, got.Kwargs)

	responder := l.join(interop.MessagePack, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, fromPython, interop.Raise(errorURI, interop.Payload{}), nil))
	_, err = l.connect(usual, l.originating()).Call(l.ctx, fromPython, nil, nil, nil, nil)
	require.EqualValues(t, errorURI, harness.Raised(t, err).Error)
	fromAutobahn(t, harness.Raised(t, err).Details)
	require.Empty(t, harness.Raised(t, err).Arguments)
	require.Empty(t, harness.Raised(t, err).ArgumentsKw)
}

// TestLiveErrorsOfPlainCalls: an error with a key is sealed even so, at either end,
// and opened by Autobahn. A Session takes what answers a plain call as it comes.
func TestLiveErrorsOfPlainCalls(t *testing.T) {
	l := startLive(t)
	procedure := unkeyed("failme")
	l.served(l.connect(usual, l.responding()), procedure, nil, answering(client.InvokeResult{Err: errorURI, Args: wamp.List{23}}))
	_, err := l.join(interop.JSON, l.pyOriginating()).Call(l.ctx, procedure, nil, nil, nil)
	got := pyRaised(t, err)
	require.Equal(t, errorURI, got.URI)
	fromSession(t, got)
	require.Equal(t, []any{int64(23)}, got.Args)

	other := unkeyed("failme")
	responder := l.join(interop.JSON, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, other, interop.Raise(errorURI, interop.Payload{Args: []any{23}}), nil))
	_, err = l.connect(usual, l.originating()).Call(l.ctx, other, nil, nil, nil, nil)
	require.EqualValues(t, errorURI, harness.Raised(t, err).Error)
	require.Equal(t, wamp.List{int64(23)}, harness.Raised(t, err).Arguments)
	fromAutobahn(t, harness.Raised(t, err).Details)
}
