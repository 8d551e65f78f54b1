package transparency_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Of peers that bind nothing, what was delivered once isn't again.

func TestReplayOfAnUnboundEvent(t *testing.T) {
	k := newKeys()
	forge := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	refused, option := collect()
	s, stub := stubbed(t, ringOf(t, k.responderKey().AllowUnbound()), option)
	delivered := events(t, s, prefix+"x", nil)
	exact := stub.onEvent
	byPrefix := events(t, s, prefix, wamp.Dict{"match": "prefix"})
	wide := stub.onEvent
	event := func() *wamp.Event { return &wamp.Event{Details: wamp.Dict{"topic": prefix + "x"}} }
	first, replay := event(), event()
	first.ArgumentsKw = forge.seal(prefix+"x", nil, "hi")
	replay.ArgumentsKw = first.ArgumentsKw

	// A broker delivers an event once for each subscription that matches.
	exact(first)
	wide(first)
	require.Equal(t, wamp.List{"hi"}, receive(t, delivered).Arguments)
	require.Equal(t, wamp.List{"hi"}, receive(t, byPrefix).Arguments)

	again := events(t, s, prefix+"x", nil) // a new subscription to the same
	for _, deliver := range []client.EventHandler{exact, wide, stub.onEvent} {
		deliver(replay)
		requireReason(t, refused.next(t), transparency.Replayed)
	}
	nothing(t, delivered)
	nothing(t, byPrefix)
	nothing(t, again)
}

func TestReplayOfAnUnboundCall(t *testing.T) {
	k := newKeys()
	forge := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	v := newVictim(t, ringOf(t, k.responderKey().AllowUnbound()), prefix+"x")
	payload := forge.seal(prefix+"x", nil, "hi")
	_, err := v.router.Call(timeout(t), prefix+"x", nil, nil, payload, nil)
	require.NoError(t, err)
	require.Equal(t, wamp.List{"hi"}, receive(t, v.served).Arguments)
	v.refusesCall(t, prefix+"x", nil, payload, transparency.Replayed, transparency.URIDecryptError)
}

func TestReplayOfAnUnboundAnswer(t *testing.T) {
	k := newKeys()
	forge := newForger(t, ringOf(t, k.responderKey()), keyring.RoleResponder)
	for name, answer := range map[string]client.InvokeResult{
		"result": {Kwargs: forge.seal(prefix+"x", nil, 5)},
		"error":  {Err: prefix + "e", Kwargs: forge.seal(prefix+"e", nil, 5)},
	} {
		t.Run(name, func(t *testing.T) {
			r := startRouter(t)
			s := local.session(t, r, ringOf(t, k.originatorKey().AllowUnbound()))
			require.NoError(t, local.plain(t, r).Register(prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
				return answer
			}, nil))
			_, err := s.Call(timeout(t), prefix+"x", nil, nil, nil, nil)
			if answer.Err == "" {
				require.NoError(t, err)
			} else {
				require.Equal(t, wamp.List{int64(5)}, raised(t, err).Arguments)
			}
			_, err = s.Call(timeout(t), prefix+"x", nil, nil, nil, nil)
			requireReason(t, err, transparency.Replayed)
		})
	}
}
