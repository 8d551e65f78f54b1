package interop_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// What Autobahn leaves open, as docs/AUTOBAHN.md says it. That it takes plain calls and
// events is TestLivePythonServesPlainCalls.

// unsealable has a datetime in it, which MessagePack and CBOR carry, and JSON doesn't.
var unsealable = []any{"a secret", time.Unix(1767225600, 0).UTC()}

// TestLiveOpenResultInPlain: a result that Autobahn fails to seal goes out in plain, where the
// serializer has a form for it. The Session refuses it.
func TestLiveOpenResultInPlain(t *testing.T) {
	l := startLive(t)
	procedure := keyed("result")
	responder := l.join(interop.CBOR, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, procedure, interop.Return(interop.Payload{Args: unsealable}), nil))
	_, err := l.connect(webSocket("cbor", serialize.CBOR), l.originating()).Call(l.ctx, procedure, nil, nil, nil, nil)
	require.ErrorIs(t, err, transparency.Plaintext)
}

// TestLiveOpenResultInErrorText: where the serializer has none either, its text goes out in a
// plain error. So does that of a result that is too large for the connection.
func TestLiveOpenResultInErrorText(t *testing.T) {
	l := startLive(t)
	procedure := keyed("result")
	responder := l.join(interop.JSON, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, procedure, interop.Return(interop.Payload{Args: unsealable}), nil))
	_, err := l.connect(usual, l.originating()).Call(l.ctx, procedure, nil, nil, nil, nil)
	raised := harness.Raised(t, err)
	cameInPlain(t, raised.Details)
	require.EqualValues(t, "wamp.error.invalid_payload", raised.Error)
	require.Contains(t, raised.Arguments[0], "a secret")
}

// TestLiveOpenException: what a handler raises that is no ApplicationError has the URI
// wamp.error.runtime_error, and goes out in plain unless that has a key.
func TestLiveOpenException(t *testing.T) {
	l := startLive(t)
	raise := interop.Raise("wamp.error.runtime_error", interop.Payload{Args: []any{"a secret"}})
	call := func(keys []interop.Key, ring *keyring.Ring) wamp.Dict {
		procedure := keyed("exception")
		require.NoError(t, l.join(interop.JSON, keys).Register(l.ctx, procedure, raise, nil))
		_, err := l.connectRing(usual, ring).Call(l.ctx, procedure, nil, nil, nil, nil)
		raised := harness.Raised(t, err)
		require.Equal(t, wamp.List{"a secret"}, raised.Arguments)
		return raised.Details
	}
	cameInPlain(t, call(l.pyResponding(), harness.RingOf(t, l.originating())))

	everything := l.pyResponding()[0]
	everything.URI = "wamp.error."
	ring := harness.RingOf(t, l.originating())
	require.NoError(t, ring.Set(keyring.Prefix("wamp.error."), l.originating()))
	fromAutobahn(t, call(append(l.pyResponding(), everything), ring))
}

// TestLiveOpenErrorNeverAnswered: an error whose arguments Autobahn can't seal answers
// nothing. The caller's context ends the wait.
func TestLiveOpenErrorNeverAnswered(t *testing.T) {
	l := startLive(t)
	procedure := keyed("error")
	responder := l.join(interop.JSON, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, procedure, interop.Raise(errorURI, interop.Payload{Args: unsealable}), nil))
	ctx, cancel := context.WithTimeout(l.ctx, 2*time.Second)
	defer cancel()
	_, err := l.connect(usual, l.originating()).Call(ctx, procedure, nil, nil, nil, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	invocation, err := responder.Invocation(l.ctx)
	require.NoError(t, err)
	require.Equal(t, procedure, invocation.URI)
}

// TestLiveOpenOtherHalf: with the other role's half of a key, Autobahn publishes in plain.
func TestLiveOpenOtherHalf(t *testing.T) {
	l := startLive(t)
	topic := keyed("half")
	refused, option := collect()
	subscriber := l.connect(usual, l.responding(), option)
	l.subscribed(subscriber, topic, nil)
	publication, err := l.join(interop.JSON, l.pyResponding()).Publish(l.ctx, topic, []any{"a secret"}, nil, nil)
	require.NoError(t, err)
	require.False(t, publication.Encrypted)
	refused.one(l, subscriber, "event", topic, transparency.Plaintext)
}

// TestLiveOpenExactKey: Autobahn takes every key as a prefix, so the keys differ of what
// begins with a URI that has an exact one here.
func TestLiveOpenExactKey(t *testing.T) {
	l := startLive(t)
	exact, wide := newSecrets(), l.secrets
	uri := keyed("exact")
	ring := harness.RingOf(t, wide.responding())
	require.NoError(t, ring.Set(keyring.Exact(uri), exact.responding()))
	s := l.connectRing(usual, ring)
	l.served(s, uri, nil, harness.Echo)
	l.served(s, uri+"also", nil, harness.Echo)

	narrow := exact.pyOriginating()[0]
	narrow.URI = uri
	py := l.join(interop.JSON, append(wide.pyOriginating(), narrow))
	fromSession(t, l.pyCalls(py, uri, []any{1}, nil))
	_, err := py.Call(l.ctx, uri+"also", []any{1}, nil, nil)
	require.Equal(t, decryptError, pyRaised(t, err).URI)
}

// Autobahn's WebSocket client takes and sends messages of 1 MiB, and base64 in JSON makes
// bytes a third longer.
const (
	fitsAutobahn = 765 << 10
	tooLarge     = 770 << 10
)

// TestLiveOpenLargeMessages: up to that it works, both ways. Beyond, Autobahn tells its own
// caller, and ends its connection where such a message arrives. RawSocket carries more.
func TestLiveOpenLargeMessages(t *testing.T) {
	l := startLive(t)
	toPython, toGo := keyed("large"), keyed("large")
	l.served(l.connect(usual, l.responding()), toGo, nil, harness.Echo)
	s := l.connect(usual, l.originating())

	py, responder := l.join(interop.CBOR, l.pyOriginating()), l.join(interop.CBOR, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, toPython, interop.Echo(), nil))
	require.Equal(t, []any{make([]byte, fitsAutobahn)}, l.pyCalls(py, toGo, []any{make([]byte, fitsAutobahn)}, nil).Args)
	require.Equal(t, wamp.List{make([]byte, fitsAutobahn)}, l.calls(s, toPython, wamp.List{make([]byte, fitsAutobahn)}, nil).Arguments)

	_, err := py.Call(l.ctx, toGo, []any{make([]byte, tooLarge)}, nil, nil)
	require.Error(t, err)
	require.ErrorContains(t, err, "exceed")

	_, err = s.Call(l.ctx, toPython, nil, wamp.List{make([]byte, tooLarge)}, nil, nil)
	require.EqualValues(t, "wamp.error.canceled", harness.Raised(t, err).Error)
	left, err := responder.Left(l.ctx)
	require.NoError(t, err)
	require.Equal(t, "wamp.close.transport_lost", left.Reason)

	raw := l.suite.Join(l, interop.Config{URL: l.suite.Node.AutobahnRawSocketURL(), Serializer: interop.CBOR, Keys: l.pyResponding()})
	again := keyed("large")
	require.NoError(t, raw.Register(l.ctx, again, interop.Echo(), nil))
	require.Equal(t, wamp.List{make([]byte, 4<<20)}, l.calls(s, again, wamp.List{make([]byte, 4<<20)}, nil).Arguments)
}

// TestLiveOpenNaN: Autobahn writes NaN and infinities, which aren't JSON. A Session refuses
// them, and seals none.
func TestLiveOpenNaN(t *testing.T) {
	l := startLive(t)
	s, responder := l.connect(usual, l.originating()), l.join(interop.CBOR, l.pyResponding())
	for _, value := range []any{math.NaN(), math.Inf(-1)} {
		procedure := keyed("values")
		require.NoError(t, responder.Register(l.ctx, procedure, interop.Return(interop.Payload{Args: []any{value}}), nil))
		_, err := s.Call(l.ctx, procedure, nil, nil, nil, nil)
		require.ErrorIs(t, err, transparency.Malformed)
	}
}
