package interop_test

import (
	"context"
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

// boundPair are two Sessions that take nothing unbound.
type boundPair struct{ originator, responder *transparency.Session }

func (l live) boundPair(from, to end, opts ...transparency.Option) boundPair {
	l.Helper()
	return boundPair{
		originator: l.connect(from, l.OriginatorKey(), opts...),
		responder:  l.connect(to, l.ResponderKey(), opts...),
	}
}

func bound(t testing.TB, details wamp.Dict, kind cryptobox.Kind) transparency.Info {
	t.Helper()
	info, ok := transparency.InfoFrom(details)
	require.True(t, ok)
	require.True(t, info.Bound)
	require.Equal(t, kind, info.Kind)
	require.Equal(t, cryptobox.AlgorithmBox, details["enc_algo"])
	require.NotZero(t, info.Sender)
	return info
}

// eachFraming runs a test of two Sessions at different ends, in each framing that
// Crossbar.io carries.
func eachFraming(t *testing.T, test func(l live, p boundPair)) {
	all := startLive(t)
	for _, framing := range []transparency.Framing{transparency.Native, transparency.EncArgument} {
		for i, e := range ends {
			to := ends[(i+1)%len(ends)]
			t.Run(framing.String()+" "+e.name+" to "+to.name, func(t *testing.T) {
				l := all.in(t)
				test(l, l.boundPair(e, to, transparency.WithFraming(framing)))
			})
		}
	}
}

func TestLiveGoToGo(t *testing.T) {
	eachFraming(t, func(l live, p boundPair) {
		procedure, topic := keyed("echo"), keyed("hello")
		invocations := l.served(p.responder, procedure, nil, harness.Echo)
		result := l.calls(p.originator, procedure, wamp.List{"Hällo", uint64(1) << 63}, wamp.Dict{"b": []byte{0}})
		require.Equal(l, wamp.List{"Hällo", uint64(1) << 63}, result.Arguments)
		require.Equal(l, wamp.Dict{"b": []byte{0}}, result.ArgumentsKw)
		answered := bound(l, result.Details, cryptobox.KindResult)
		asked := bound(l, next(l, invocations).Details, cryptobox.KindCall)
		require.NotEqual(l, answered.Sender, asked.Sender)
		require.Equal(l, answered.KeyID, asked.KeyID)

		events := l.subscribed(p.responder, topic, nil)
		require.NoError(l, p.originator.Publish(topic, nil, wamp.List{"Hällo"}, nil))
		event := next(l, events)
		require.Equal(l, wamp.List{"Hällo"}, event.Arguments)
		require.Equal(l, asked.Sender, bound(l, event.Details, cryptobox.KindPublish).Sender)
	})
}

// TestLiveGoToGoErrors: to a peer that binds, errors go sealed under the procedure's
// key, whatever their own URI.
func TestLiveGoToGoErrors(t *testing.T) {
	eachFraming(t, func(l live, p boundPair) {
		for _, uri := range []wamp.URI{errorURI, plainURI, wamp.ErrInvalidArgument} {
			procedure := keyed("failme")
			l.served(p.responder, procedure, nil, answering(client.InvokeResult{Err: uri, Args: wamp.List{23}, Kwargs: wamp.Dict{"a": nil}}))
			_, err := p.originator.Call(l.ctx, procedure, nil, nil, nil, nil)
			got := harness.Raised(l, err)
			require.Equal(l, uri, got.Error)
			require.Equal(l, wamp.List{int64(23)}, got.Arguments)
			require.Equal(l, wamp.Dict{"a": nil}, got.ArgumentsKw)
			bound(l, got.Details, cryptobox.KindError)
		}
	})
}

func TestLiveGoToGoProgress(t *testing.T) {
	eachFraming(t, func(l live, p boundPair) {
		procedure := keyed("count")
		l.served(p.responder, procedure, nil, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			for n := range 20 {
				if err := p.responder.SendProgress(ctx, wamp.List{n}, nil); err != nil {
					return client.InvokeResult{Err: wamp.ErrInvalidArgument}
				}
			}
			return client.InvokeResult{Args: wamp.List{"done"}}
		})
		chunks, result, err := progress(l, p.originator, procedure)
		require.NoError(l, err)
		require.Len(l, chunks, 20)
		for n, chunk := range chunks {
			require.Equal(l, wamp.List{int64(n)}, chunk.Arguments)
			bound(l, chunk.Details, cryptobox.KindProgress)
		}
		require.Equal(l, wamp.List{"done"}, result.Arguments)
		bound(l, result.Details, cryptobox.KindResult)
	})
}

// TestLiveBoundRefusesAutobahn: an answer of Autobahn's isn't taken where peers have
// to bind.
func TestLiveBoundRefusesAutobahn(t *testing.T) {
	l := startLive(t)
	procedure := keyed("echo")
	require.NoError(t, l.join(interop.JSON, l.pyResponding()).Register(l.ctx, procedure, interop.Echo(), nil))
	_, err := l.boundPair(usual, usual).originator.Call(l.ctx, procedure, nil, nil, nil, nil)
	require.ErrorIs(t, err, transparency.Unbound)
}

// TestLivePPT: Crossbar.io doesn't carry payload passthru mode, and says so in WELCOME.
func TestLivePPT(t *testing.T) {
	l := startLive(t)
	for _, e := range ends {
		cfg := client.Config{Realm: interop.Realm, Serialization: e.serializer, ResponseTimeout: patience}
		s, err := transparency.ConnectNet(l.ctx, e.url(l.suite.Node), cfg, keyring.New(), transparency.WithFraming(transparency.PPT))
		require.ErrorIs(t, err, transparency.ErrFraming, e.name)
		require.Nil(t, s)
	}
}
