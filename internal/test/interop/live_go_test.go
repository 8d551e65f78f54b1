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
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// goPair are two Sessions of one dialect.
type goPair struct {
	dialect               cryptobox.Dialect
	originator, responder *transparency.Session
}

// came expects details of a message in the pair's dialect, and in ours that it is of the
// kind.
func (p goPair) came(t testing.TB, details wamp.Dict, kind cryptobox.Kind) transparency.Info {
	t.Helper()
	if p.dialect == cryptobox.Autobahn {
		fromAutobahn(t, details)
	}
	info, ok := transparency.InfoFrom(details)
	require.True(t, ok)
	require.Equal(t, p.dialect, info.Dialect)
	require.Equal(t, cryptobox.AlgorithmBox, details["enc_algo"])
	if p.dialect == cryptobox.Wampbox {
		require.Equal(t, kind, info.Kind)
		require.NotZero(t, info.Session)
	}
	return info
}

// eachDialect runs a test of two Sessions at different ends, in each dialect that
// Crossbar.io carries.
func eachDialect(t *testing.T, test func(l live, p goPair)) {
	all := startLive(t)
	for _, d := range []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn} {
		for i, e := range ends {
			to := ends[(i+1)%len(ends)]
			t.Run(d.String()+" "+e.name+" to "+to.name, func(t *testing.T) {
				l := all.in(t)
				test(l, goPair{d, l.connect(e, l.In(d).OriginatorKey()), l.connect(to, l.In(d).ResponderKey())})
			})
		}
	}
}

func TestLiveGoToGo(t *testing.T) {
	eachDialect(t, func(l live, p goPair) {
		procedure, topic := keyed("echo"), keyed("hello")
		invocations := l.served(p.responder, procedure, nil, harness.Echo)
		result := l.calls(p.originator, procedure, wamp.List{"Hällo", uint64(1) << 63}, wamp.Dict{"b": []byte{0}})
		require.Equal(l, wamp.List{"Hällo", uint64(1) << 63}, result.Arguments)
		require.Equal(l, wamp.Dict{"b": []byte{0}}, result.ArgumentsKw)
		answered := p.came(l, result.Details, cryptobox.KindResult)
		asked := p.came(l, next(l, invocations).Details, cryptobox.KindCall)
		require.Equal(l, p.dialect.Foreign(), answered.Session == asked.Session, "unknown of both, or two")
		require.Equal(l, answered.KeyID, asked.KeyID)

		events := l.subscribed(p.responder, topic, nil)
		require.NoError(l, p.originator.Publish(topic, nil, wamp.List{"Hällo"}, nil))
		event := next(l, events)
		require.Equal(l, wamp.List{"Hällo"}, event.Arguments)
		require.Equal(l, asked.Session, p.came(l, event.Details, cryptobox.KindPublish).Session)
	})
}

// TestLiveGoToGoErrors: in our dialect errors go sealed under the procedure's key, whatever
// their own URI. In Autobahn's they go by that.
func TestLiveGoToGoErrors(t *testing.T) {
	eachDialect(t, func(l live, p goPair) {
		for _, uri := range []wamp.URI{errorURI, plainURI, wamp.ErrInvalidArgument} {
			procedure := keyed("failme")
			l.served(p.responder, procedure, nil, answering(client.InvokeResult{Err: uri, Args: wamp.List{23}, Kwargs: wamp.Dict{"a": nil}}))
			_, err := p.originator.Call(l.ctx, procedure, nil, nil, nil, nil)
			got := harness.Raised(l, err)
			require.Equal(l, uri, got.Error)
			if p.dialect == cryptobox.Autobahn && uri != errorURI {
				cameInPlain(l, got.Details)
				require.Empty(l, got.Arguments)
				continue
			}
			require.Equal(l, wamp.List{int64(23)}, got.Arguments)
			require.Equal(l, wamp.Dict{"a": nil}, got.ArgumentsKw)
			p.came(l, got.Details, cryptobox.KindError)
		}
	})
}

func TestLiveGoToGoProgress(t *testing.T) {
	eachDialect(t, func(l live, p goPair) {
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
			p.came(l, chunk.Details, cryptobox.KindProgress)
		}
		require.Equal(l, wamp.List{"done"}, result.Arguments)
		p.came(l, result.Details, cryptobox.KindResult)
	})
}

// TestLiveOursToAutobahn: an Autobahn that is called in our dialect knows nothing of it.
// What it answers, be it what it was called with, isn't taken.
func TestLiveOursToAutobahn(t *testing.T) {
	l := startLive(t)
	s := l.connect(usual, l.OriginatorKey())
	for reason, behaviour := range map[transparency.Reason]interop.Behaviour{
		transparency.WrongKind: interop.Echo(),
		transparency.Plaintext: interop.Raise(plainURI, interop.Payload{}),
		transparency.WrongURI:  interop.Raise(errorURI, interop.Payload{}), // sealed, in Autobahn's dialect
	} {
		procedure := keyed("echo")
		require.NoError(t, l.join(interop.JSON, l.pyResponding()).Register(l.ctx, procedure, behaviour, nil))
		_, err := s.Call(l.ctx, procedure, nil, nil, nil, nil)
		require.ErrorIs(t, err, reason)
	}
}

// TestLivePassthru: Crossbar.io doesn't carry payload passthru mode, and says so in
// WELCOME. A Session with such a key joins, and says what can't be sent before it is.
func TestLivePassthru(t *testing.T) {
	all := startLive(t)
	for _, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			l := all.in(t)
			s, uri := l.connect(e, l.In(cryptobox.Passthru).PairKey()), keyed("hello")
			_, called := s.Call(l.ctx, uri, nil, nil, nil, nil)
			for _, err := range []error{
				called, s.Publish(uri, nil, nil, nil), s.Subscribe(uri, func(*wamp.Event) {}, nil), s.Register(uri, harness.Echo, nil),
			} {
				require.ErrorIs(t, err, transparency.NotCarried)
				require.ErrorContains(t, err, "payload_passthru_mode")
			}
		})
	}
}
