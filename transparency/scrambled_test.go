package transparency_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// scrambledRing has a key for what is below harness.Prefix, scrambled.
func scrambledRing(t testing.TB, key keyring.Key, secret cryptobox.ScrambleSecret) *keyring.Ring {
	t.Helper()
	ring := harness.ClosedRing(t, key)
	require.NoError(t, ring.Scramble(harness.Prefix, secret))
	return ring
}

// TestScrambled: applications see real URIs, in all kinds of messages and by all kinds of
// patterns, and the router knows scrambled ones.
func TestScrambled(t *testing.T) {
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			r, k, secret := testrouter.Start(t), harness.NewKeys(), cryptobox.GenerateScrambleSecret()
			responder := l.session(t, r, scrambledRing(t, k.ResponderKey(), secret))
			originator := l.session(t, r, scrambledRing(t, k.OriginatorKey(), secret))
			for _, p := range []keyring.Pattern{
				keyring.Exact(harness.Prefix + "a.b.c"), keyring.Prefix(harness.Prefix + "a."), keyring.Wildcard(harness.Prefix + "a..c"),
			} {
				t.Run(p.String(), func(t *testing.T) {
					uri := harness.Prefix + "a.b.c"
					events := make(chan *wamp.Event, 1)
					require.NoError(t, responder.SubscribeChan(p.URI, events, matching(p)))
					require.NoError(t, originator.Publish(uri, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{"x"}, nil))
					event := harness.Receive(t, events)
					require.Equal(t, wamp.List{"x"}, event.Arguments)
					if p.Match != keyring.MatchExact {
						topic, _ := wamp.AsURI(event.Details["topic"])
						require.Equal(t, uri, string(topic))
					}
					require.NoError(t, responder.Unsubscribe(p.URI))

					require.NoError(t, responder.Register(p.URI, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
						if len(inv.Arguments) == 0 {
							return client.InvokeResult{Err: wamp.URI(harness.Prefix + "error.none"), Args: wamp.List{"none"}}
						}
						_ = responder.SendProgress(ctx, wamp.List{1}, nil)
						return client.InvokeResult{Args: inv.Arguments}
					}, matching(p)))
					progress := 0
					result, err := originator.Call(context.Background(), uri, nil, wamp.List{"y"}, nil, func(*wamp.Result) { progress++ })
					require.NoError(t, err)
					require.Equal(t, wamp.List{"y"}, result.Arguments)
					require.Equal(t, 1, progress)
					_, err = originator.Call(context.Background(), uri, nil, nil, nil, nil)
					var raised client.RPCError
					require.ErrorAs(t, err, &raised)
					require.Equal(t, harness.Prefix+"error.none", string(raised.Err.Error))
					require.NoError(t, responder.Unregister(p.URI))
				})
			}
		})
	}
}

// TestScrambledRotation: secrets change by their dates without a message lost.
func TestScrambledRotation(t *testing.T) {
	r, k := testrouter.Start(t), harness.NewKeys()
	first, second := cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	responding, originating := scrambledRing(t, k.ResponderKey(), first), scrambledRing(t, k.OriginatorKey(), first)
	responder, originator := links[0].session(t, r, responding), links[0].session(t, r, originating)
	uri := harness.Prefix + "a.b"
	require.NoError(t, responder.Register(uri, harness.Echo, nil))
	at := time.Now().Add(time.Second)
	for _, ring := range []*keyring.Ring{responding, originating} {
		require.NoError(t, ring.AddScramble(harness.Prefix, second, keyring.Dates{ActiveFrom: at}))
		require.NoError(t, ring.SetScrambleDates(harness.Prefix, first.ID().String(), keyring.Dates{NotAfter: at.Add(time.Second)}))
	}
	before, err := originator.RouterURIs(uri, nil)
	require.NoError(t, err)
	require.Len(t, before, 2)
	for time.Since(at) < 2*time.Second {
		_, err := originator.Call(context.Background(), uri, nil, wamp.List{"y"}, nil, nil)
		require.NoError(t, err)
	}
	after, err := originator.RouterURIs(uri, nil)
	require.NoError(t, err)
	require.Equal(t, before[1:], after)
	_, err = links[0].plain(t, r).Call(context.Background(), string(before[0]), nil, nil, nil, nil)
	raised, ok := errors.AsType[client.RPCError](err)
	require.True(t, ok)
	require.Equal(t, wamp.ErrNoSuchProcedure, raised.Err.Error)
	_, err = originator.Call(context.Background(), string(wamp.MetaProcRegLookup), nil, wamp.List{uri}, nil, nil)
	harness.RequireReason(t, err, transparency.Misuse)
	found, err := originator.Call(context.Background(), string(wamp.MetaProcRegLookup), nil, wamp.List{after[0]}, nil, nil)
	require.NoError(t, err)
	require.NotZero(t, found.Arguments[0])
}
