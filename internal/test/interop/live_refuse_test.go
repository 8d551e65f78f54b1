package interop_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	decryptError   = string(transparency.URIDecryptError)
	noPayloadCodec = string(transparency.URINoPayloadCodec)
	sealedOnly     = string(transparency.URISealedOnly)
)

// TestLivePythonRefuses: what a Session's caller gets from an Autobahn that can't open
// the call. The answer is plain, and its arguments are Autobahn's log message.
func TestLivePythonRefuses(t *testing.T) {
	all := startLive(t)
	for _, tt := range []struct {
		name string
		keys []interop.Key
		uri  string
		says string
	}{
		{"another key", newSecrets().pyResponding(), decryptError, "failed to decrypt INVOCATION payload"},
		{"key for another URI", []interop.Key{{URI: "com.myapp.other.", ResponderPriv: all.pyResponding()[0].ResponderPriv, OriginatorPub: all.pyResponding()[0].OriginatorPub}}, decryptError, "can't find key"},
		{"no codec", nil, noPayloadCodec, "no keyring active"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := all.in(t)
			procedure := keyed("echo")
			responder := l.join(interop.CBOR, tt.keys)
			require.NoError(t, responder.Register(l.ctx, procedure, interop.Echo(), nil))
			_, err := l.connect(usual, l.originating()).Call(l.ctx, procedure, nil, wamp.List{1}, nil, nil)
			got := harness.Raised(t, err)
			require.EqualValues(t, tt.uri, got.Error)
			require.Len(t, got.Arguments, 1)
			require.Contains(t, got.Arguments[0], tt.says)
			cameInPlain(t, got.Details)
		})
	}
}

// TestLiveGoRefuses: what an Autobahn caller gets from a Session that can't open the
// call: an opaque URI, and nothing of the reason. The handler never runs.
func TestLiveGoRefuses(t *testing.T) {
	all := startLive(t)
	other := newSecrets()
	for _, tt := range []struct {
		name   string
		ring   *keyring.Ring
		keys   []interop.Key
		uri    string
		reason transparency.Reason
	}{
		{"another key", harness.RingOf(t, other.responding()), all.pyOriginating(), decryptError, transparency.NotOpened},
		{"no key", harness.PlainRing(t), all.pyOriginating(), noPayloadCodec, transparency.NoKey},
		{"a key for our dialect", harness.RingOf(t, all.ResponderKey()), all.pyOriginating(), decryptError, transparency.NotOpened},
		{"plain call", harness.RingOf(t, all.responding()), nil, sealedOnly, transparency.Plaintext},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := all.in(t)
			procedure := keyed("echo")
			refused, option := collect()
			responder := l.connectRing(usual, tt.ring, option)
			invocations := l.served(responder, procedure, nil, harness.Echo)
			originator := l.join(interop.JSON, tt.keys)
			_, err := originator.Call(l.ctx, procedure, []any{"secret"}, map[string]any{"a": "secret"}, nil)
			require.Equal(t, interop.Received{URI: tt.uri, Args: []any{}, Kwargs: map[string]any{}}, pyRaised(t, err))
			refused.one(l, responder, "invocation", procedure, tt.reason)
			require.Empty(t, invocations)
		})
	}
}

// TestLiveGoRefusesEvents: each is dropped, counted and reported, and never reaches
// the handler, which gets the one after it.
func TestLiveGoRefusesEvents(t *testing.T) {
	all := startLive(t)
	other := newSecrets()
	for _, tt := range []struct {
		name   string
		keys   []interop.Key
		reason transparency.Reason
	}{
		{"another key", other.pyOriginating(), transparency.NotOpened},
		{"plain event", nil, transparency.Plaintext},
	} {
		for _, e := range ends {
			t.Run(tt.name+" "+e.name, func(t *testing.T) {
				l := all.in(t)
				topic := keyed("hello")
				refused, option := collect()
				subscriber := l.connect(e, l.responding(), option)
				events := l.subscribed(subscriber, topic, nil)
				_, err := l.join(interop.JSON, tt.keys).Publish(l.ctx, topic, []any{"forged"}, nil, nil)
				require.NoError(t, err)
				_, err = l.join(interop.JSON, l.pyOriginating()).Publish(l.ctx, topic, []any{"true"}, nil, nil)
				require.NoError(t, err)
				require.Equal(t, wamp.List{"true"}, next(l, events).Arguments)
				require.Empty(t, events)
				refused.one(l, subscriber, "event", topic, tt.reason)
			})
		}
	}
}

// TestLiveEventsWithoutKey: a sealed event on a topic that isn't keyed here.
func TestLiveEventsWithoutKey(t *testing.T) {
	l := startLive(t)
	topic := keyed("hello")
	refused, option := collect()
	subscriber := l.connectRing(usual, harness.PlainRing(t), option)
	events := l.subscribed(subscriber, topic, nil)
	_, err := l.join(interop.JSON, l.pyOriginating()).Publish(l.ctx, topic, []any{"sealed"}, nil, nil)
	require.NoError(t, err)
	_, err = l.join(interop.JSON, nil).Publish(l.ctx, topic, []any{"plain"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, wamp.List{"plain"}, next(l, events).Arguments)
	refused.one(l, subscriber, "event", topic, transparency.NoKey)
}

// TestLivePythonDropsEvents: Autobahn drops what it can't open, and logs that.
func TestLivePythonDropsEvents(t *testing.T) {
	all := startLive(t)
	other := newSecrets()
	for _, tt := range []struct {
		name string
		keys []interop.Key
		says string
	}{
		{"another key", other.pyResponding(), "failed to decode application payload"},
		{"no codec", nil, "no payload codec active"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := all.in(t)
			topic, plain := keyed("hello"), unkeyed("hello")
			subscriber := l.join(interop.JSON, tt.keys)
			require.NoError(t, subscriber.Subscribe(l.ctx, topic, nil))
			require.NoError(t, subscriber.Subscribe(l.ctx, plain, nil))
			publisher := l.connect(usual, l.originating())
			for _, to := range []string{topic, plain} {
				require.NoError(t, publisher.Publish(to, wamp.Dict{"acknowledge": true}, wamp.List{to}, nil))
			}
			event := l.pyEvent(subscriber)
			require.Equal(t, []any{plain}, event.Args)
			warning, err := subscriber.Warning(l.ctx)
			require.NoError(t, err)
			require.Contains(t, warning, tt.says)
		})
	}
}

// TestLivePythonServesPlainCalls: Autobahn answers a plain call of a procedure that it
// has a key for, in plain, and a plain event reaches its handler. A Session does neither.
func TestLivePythonServesPlainCalls(t *testing.T) {
	l := startLive(t)
	procedure, topic := keyed("echo"), keyed("hello")
	responder := l.join(interop.JSON, l.pyResponding())
	require.NoError(t, responder.Register(l.ctx, procedure, interop.Echo(), nil))
	require.NoError(t, responder.Subscribe(l.ctx, topic, nil))
	keyless := l.connectRing(usual, harness.PlainRing(t))
	result := l.calls(keyless, procedure, wamp.List{"plain"}, nil)
	require.Equal(t, wamp.List{"plain"}, result.Arguments)
	cameInPlain(t, result.Details)
	require.NoError(t, keyless.Publish(topic, nil, wamp.List{"plain"}, nil))
	event := l.pyEvent(responder)
	require.Equal(t, []any{"plain"}, event.Args)
	require.Empty(t, event.EncAlgo)
}

// TestLiveWrongRole: nothing is sent where the key holds the other role's half.
func TestLiveWrongRole(t *testing.T) {
	l := startLive(t)
	responder, originator := l.connect(usual, l.responding()), l.connect(usual, l.originating())
	_, err := responder.Call(l.ctx, keyed("echo"), nil, nil, nil, nil)
	require.ErrorIs(t, err, transparency.WrongRole)
	require.ErrorIs(t, responder.Publish(keyed("hello"), nil, nil, nil), transparency.WrongRole)
	require.ErrorIs(t, originator.Register(keyed("echo"), harness.Echo, nil), transparency.WrongRole)
	require.ErrorIs(t, originator.Subscribe(keyed("hello"), func(*wamp.Event) {}, nil), transparency.WrongRole)
}
