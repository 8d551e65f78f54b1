package interop_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// A default key of Autobahn's is one key pair for both roles, under all URIs: ours is
// keyring.Both for the empty prefix. The difference is the protocol's own URIs, which
// Autobahn's covers, so that it can't call a router's procedures any more. Ours needs
// a pattern that begins with "wamp." for them.

func (l live) defaultPair(more ...string) (*transparency.Session, *interop.Peer) {
	l.Helper()
	key := cryptobox.GenerateKey()
	ring := keyring.New()
	for _, pattern := range append(more, "") {
		require.NoError(l, ring.Set(keyring.Prefix(pattern), keyring.Both(key)))
	}
	return l.connectRing(usual, ring), l.suite.Join(l, interop.Config{DefaultKey: base64Of(key.UnsafeBytes())})
}

func TestLiveDefaultKey(t *testing.T) {
	l := startLive(t)
	s, py := l.defaultPair()
	toGo, toPython, topic := unkeyed("echo"), unkeyed("echo"), unkeyed("hello")
	invocations := l.served(s, toGo, nil, harness.Echo)
	require.NoError(t, py.Register(l.ctx, toPython, interop.Echo(), nil))

	answer := l.pyCalls(py, toGo, []any{1}, nil)
	require.Equal(t, []any{int64(1)}, answer.Args)
	fromSession(t, answer)
	fromAutobahn(t, next(l, invocations).Details)

	result := l.calls(s, toPython, wamp.List{1}, nil)
	require.Equal(t, wamp.List{int64(1)}, result.Arguments)
	fromAutobahn(t, result.Details)

	events := l.subscribed(s, topic, nil)
	require.NoError(t, py.Subscribe(l.ctx, topic, nil))
	_, err := py.Publish(l.ctx, topic, []any{"to Go"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, wamp.List{"to Go"}, next(l, events).Arguments)
	require.NoError(t, s.Publish(topic, nil, wamp.List{"to Python"}, nil))
	event := l.pyEvent(py)
	require.Equal(t, []any{"to Python"}, event.Args)
	fromSession(t, event)

	// Errors of the application's are under it, too.
	failing, pyFailing := unkeyed("failme"), unkeyed("failme")
	l.served(s, failing, nil, answering(client.InvokeResult{Err: plainURI, Args: wamp.List{23}}))
	_, err = py.Call(l.ctx, failing, nil, nil, nil)
	require.Equal(t, []any{int64(23)}, pyRaised(t, err).Args)
	fromSession(t, pyRaised(t, err))
	require.NoError(t, py.Register(l.ctx, pyFailing, interop.Raise(plainURI, interop.Payload{Args: []any{23}}), nil))
	_, err = s.Call(l.ctx, pyFailing, nil, nil, nil, nil)
	require.Equal(t, wamp.List{int64(23)}, harness.Raised(t, err).Arguments)
	fromAutobahn(t, harness.Raised(t, err).Details)
}

// TestLiveDefaultKeyAndTheProtocol: errors that begin with "wamp." go out without
// arguments and, sealed, can't be taken, until a pattern covers them. The router's
// procedures stay in reach.
func TestLiveDefaultKeyAndTheProtocol(t *testing.T) {
	l := startLive(t)
	raise := interop.Raise(string(wamp.ErrInvalidArgument), interop.Payload{Args: []any{23}})
	invalid := answering(client.InvokeResult{Err: wamp.ErrInvalidArgument, Args: wamp.List{23}})

	s, py := l.defaultPair()
	toGo, toPython := unkeyed("failme"), unkeyed("failme")
	l.served(s, toGo, nil, invalid)
	require.NoError(t, py.Register(l.ctx, toPython, raise, nil))
	_, err := py.Call(l.ctx, toGo, nil, nil, nil)
	require.EqualValues(t, wamp.ErrInvalidArgument, pyRaised(t, err).URI)
	require.Empty(t, pyRaised(t, err).EncAlgo)
	require.Empty(t, pyRaised(t, err).Args)
	_, err = s.Call(l.ctx, toPython, nil, nil, nil, nil)
	require.ErrorIs(t, err, transparency.NoKey)
	require.ErrorContains(t, err, string(wamp.ErrInvalidArgument))

	result := l.calls(s, "wamp.session.count", nil, nil)
	cameInPlain(t, result.Details)

	s, py = l.defaultPair("wamp.error.")
	toGo, toPython = unkeyed("failme"), unkeyed("failme")
	l.served(s, toGo, nil, invalid)
	require.NoError(t, py.Register(l.ctx, toPython, raise, nil))
	_, err = py.Call(l.ctx, toGo, nil, nil, nil)
	require.EqualValues(t, wamp.ErrInvalidArgument, pyRaised(t, err).URI)
	require.Equal(t, []any{int64(23)}, pyRaised(t, err).Args)
	fromSession(t, pyRaised(t, err))
	_, err = s.Call(l.ctx, toPython, nil, nil, nil, nil)
	require.Equal(t, wamp.ErrInvalidArgument, harness.Raised(t, err).Error)
	require.Equal(t, wamp.List{int64(23)}, harness.Raised(t, err).Arguments)
	fromAutobahn(t, harness.Raised(t, err).Details)
}
