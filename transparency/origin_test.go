package transparency_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestTheOneOfFiftyIsFound: of fifty publishers and callers one has the wrong key. What is
// refused names the key, the subscription or registration, and whom the router says it is
// from.
func TestTheOneOfFiftyIsFound(t *testing.T) {
	const peers, wrong = 50, 31
	k, other := harness.NewKeys(), harness.NewKeys()
	r := startRouter(t)
	refused, option := harness.Collect()
	out := &harness.Buffer{}
	s := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()), option, transparency.WithLogger(slog.New(slog.NewJSONHandler(out, nil))))
	got := events(t, s, keyedURI, nil)
	require.NoError(t, s.Register(keyedURI, answering(client.InvokeResult{}), nil))
	disclosed := wamp.Dict{"disclose_me": true, "acknowledge": true}
	var guilty *transparency.Session
	for i := range peers {
		keys := k
		if i == wrong {
			keys = other
		}
		peer := local.session(t, r, harness.RingOf(t, keys.OriginatorKey()))
		require.NoError(t, peer.Publish(keyedURI, disclosed, wamp.List{marker}, nil))
		_, err := peer.Call(harness.Timeout(t), keyedURI, disclosed, wamp.List{marker}, nil, nil)
		require.Equal(t, i == wrong, err != nil)
		if i == wrong {
			guilty = peer
		}
	}
	for range peers - 1 {
		harness.Receive(t, got)
	}
	require.Equal(t, 2, refused.Count())
	subscription, _ := s.SubscriptionID(keyedURI)
	registration, _ := s.RegistrationID(keyedURI)
	byOp := map[string]*transparency.Error{}
	for range 2 {
		e := refused.Next(t)
		byOp[e.Op] = e
	}
	says := map[string]string{"event": fmt.Sprintf(", subscription %d, ", subscription), "invocation": fmt.Sprintf(", registration %d, ", registration)}
	for op, id := range map[string]wamp.ID{"event": subscription, "invocation": registration} {
		e := byOp[op]
		require.NotNil(t, e, op)
		harness.RequireReason(t, e, transparency.NotOpened)
		require.Equal(t, other.OriginatorKey().ID(), e.From.KeyID)
		require.Equal(t, id, e.From.ID)
		require.Equal(t, guilty.ID(), e.From.Session)
		require.Equal(t, "trusted", e.From.AuthRole)
		require.ErrorContains(t, e, fmt.Sprintf("by the router's word from session %d", guilty.ID()))
		require.ErrorContains(t, e, says[op])
		require.Equal(t, op == "invocation", e.Ref != "")
	}
	for text := range strings.Lines(out.String()) {
		var line struct{ Error map[string]any }
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		require.Equal(t, other.OriginatorKey().ID(), line.Error["key_id"])
		require.EqualValues(t, guilty.ID(), line.Error["said_session"])
		require.Contains(t, line.Error, "id")
	}
	require.NotContains(t, out.String(), marker)
}

// TestWhatARouterSaysOfTheOtherEnd: any text, or none, and what isn't of the right type isn't
// repeated.
func TestWhatARouterSaysOfTheOtherEnd(t *testing.T) {
	k := harness.NewKeys()
	s := serve(play(t, ours, handrouter.WebSocket, "json", k.ResponderKey(), k.OriginatorKey()), keyedURI)
	from := func(details wamp.Dict) *transparency.Error {
		s.sendEvent(tail{details, []any{[]any{"plain"}}})
		return s.refused.Next(t)
	}
	require.Equal(t, &transparency.Origin{ID: subscription}, from(nil).From)
	require.Equal(t, &transparency.Origin{ID: subscription}, from(wamp.Dict{"publisher": "x", "publisher_authid": 5, "publisher_authrole": []any{}}).From)
	forged := forgedLine + strings.Repeat("x", 1000)
	e := from(wamp.Dict{"publisher": 7, "publisher_authid": forged, "publisher_authrole": forged})
	require.Equal(t, &transparency.Origin{ID: subscription, Session: 7, AuthID: forged, AuthRole: forged}, e.From)
	require.NotContains(t, e.Error(), "\n")
	require.NotContains(t, e.Error(), "\x1b")
	require.Less(t, len(e.Error()), 1000)
}

// TestKeyIDsOfEachDialect: as the message has it, which nothing proves.
func TestKeyIDsOfEachDialect(t *testing.T) {
	forEachDialect(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), plainURI) // which has no key
		env, _ := s.Envelope(secretRecord(plainURI, s.Bind(cryptobox.KindCall, nil)))
		s.sendInvocation(s.tail(d, env, nil))
		e := s.refused.Next(t)
		want := s.Version.ID()
		if d.Dialect == cryptobox.Autobahn {
			want = "" // it has none
		}
		require.Equal(t, &transparency.Origin{KeyID: want, ID: registration}, e.From)
		require.Equal(t, !d.Foreign(), e.Ref != "")
	})
}
