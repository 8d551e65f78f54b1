package transparency_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Of peers that bind nothing, what was delivered once isn't again.

func TestReplayOfAnUnboundEvent(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	refused, option := harness.Collect()
	s, stub := stubbed(t, harness.RingOf(t, k.ResponderKey().AllowUnbound()), option)
	delivered := events(t, s, harness.Prefix+"x", nil)
	exact := stub.onEvent
	byPrefix := events(t, s, harness.Prefix, wamp.Dict{"match": "prefix"})
	wide := stub.onEvent
	event := func() *wamp.Event { return &wamp.Event{Details: wamp.Dict{"topic": harness.Prefix + "x"}} }
	first, replay := event(), event()
	first.ArgumentsKw = forge.Seal(harness.Prefix+"x", nil, "hi")
	replay.ArgumentsKw = first.ArgumentsKw

	// A broker delivers an event once for each subscription that matches.
	exact(first)
	wide(first)
	require.Equal(t, wamp.List{"hi"}, harness.Receive(t, delivered).Arguments)
	require.Equal(t, wamp.List{"hi"}, harness.Receive(t, byPrefix).Arguments)

	again := events(t, s, harness.Prefix+"x", nil) // a new subscription to the same
	for _, deliver := range []client.EventHandler{exact, wide, stub.onEvent} {
		deliver(replay)
		harness.RequireReason(t, refused.Next(t), transparency.Replayed)
	}
	harness.Nothing(t, delivered)
	harness.Nothing(t, byPrefix)
	harness.Nothing(t, again)
}

func TestReplayOfAnUnboundCall(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	v := newVictim(t, harness.RingOf(t, k.ResponderKey().AllowUnbound()), harness.Prefix+"x")
	payload := forge.Seal(harness.Prefix+"x", nil, "hi")
	_, err := v.router.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, payload, nil)
	require.NoError(t, err)
	require.Equal(t, wamp.List{"hi"}, harness.Receive(t, v.served).Arguments)
	v.refusesCall(t, harness.Prefix+"x", nil, payload, transparency.Replayed, transparency.URIDecryptError)
}

func TestReplayOfAnUnboundAnswer(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	for name, answer := range map[string]client.InvokeResult{
		"result": {Kwargs: forge.Seal(harness.Prefix+"x", nil, 5)},
		"error":  {Err: harness.Prefix + "e", Kwargs: forge.Seal(harness.Prefix+"e", nil, 5)},
	} {
		t.Run(name, func(t *testing.T) {
			r := startRouter(t)
			s := local.session(t, r, harness.RingOf(t, k.OriginatorKey().AllowUnbound()))
			require.NoError(t, local.plain(t, r).Register(harness.Prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
				return answer
			}, nil))
			_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
			if answer.Err == "" {
				require.NoError(t, err)
			} else {
				require.Equal(t, wamp.List{int64(5)}, harness.Raised(t, err).Arguments)
			}
			_, err = s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
			harness.RequireReason(t, err, transparency.Replayed)
		})
	}
}
