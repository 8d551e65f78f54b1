package transparency_test

import (
	"context"
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
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestWhoIsNotListed is refused: its events reach no handler, its calls aren't told why, and
// who looks at the refusals finds it.
func TestWhoIsNotListed(t *testing.T) {
	forEachSigned(t, func(t *testing.T, k harness.Keys) {
		c, r := company{k.Parties()}, startRouter(t)
		listed := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
		stranger := c.Originator(cryptobox.GenerateSigningKey())
		unlisted := links[1].session(t, r, holding(t, stranger))
		refused, collecting := harness.Collect()
		out := &harness.Buffer{}
		s := links[2].session(t, r, harness.RingOf(t, k.ResponderKey()), collecting, transparency.WithLogger(slog.New(slog.NewJSONHandler(out, nil))))
		got := events(t, s, keyedURI, nil)
		require.NoError(t, s.Register(keyedURI, answering(client.InvokeResult{}), nil))
		disclosed := wamp.Dict{"disclose_me": true, "acknowledge": true}
		for _, from := range []*transparency.Session{unlisted, listed} {
			require.NoError(t, from.Publish(keyedURI, disclosed, wamp.List{marker}, nil))
			_, err := from.Call(harness.Timeout(t), keyedURI, disclosed, wamp.List{marker}, nil, nil)
			if from == listed {
				require.NoError(t, err)
				continue
			}
			refusal := harness.RequireRefused(t, err, 0)
			require.NotContains(t, refusal.Error(), transparency.WrongSender.Error())
		}
		require.Equal(t, c.sender(harness.Originating), senderOf(t, harness.Receive(t, got).Details))
		harness.Nothing(t, got)

		require.Equal(t, 2, refused.Count())
		require.Equal(t, map[transparency.Reason]uint64{transparency.WrongSender: 2}, s.Stats().Rejected)
		require.Contains(t, s.Stats().String(), `"Rejected":{"not signed by a listed sender":2}`)
		subscription, _ := s.SubscriptionID(keyedURI)
		registration, _ := s.RegistrationID(keyedURI)
		ids := map[string]wamp.ID{"event": subscription, "invocation": registration}
		for range 2 {
			e := refused.Next(t)
			harness.RequireReason(t, e, transparency.WrongSender)
			require.Equal(t, &transparency.Origin{KeyID: k.ResponderKey().ID(), ID: ids[e.Op], Session: unlisted.ID(), AuthID: e.From.AuthID, AuthRole: "anonymous"}, e.From)
			require.ErrorContains(t, e, fmt.Sprintf("by the router's word from session %d", unlisted.ID()))
			delete(ids, e.Op)
		}
		require.Empty(t, ids, "one of each")
		for text := range strings.Lines(out.String()) {
			var line struct{ Error map[string]any }
			require.NoError(t, json.Unmarshal([]byte(text), &line))
			require.Equal(t, k.ResponderKey().ID(), line.Error["key_id"])
			require.EqualValues(t, unlisted.ID(), line.Error["said_session"])
		}
		require.Equal(t, 2, strings.Count(out.String(), "\n"))
		require.NotContains(t, out.String(), marker)
	})
}

// TestARefusalTellsAStrangerNothing: what a router sees is alike for all refusals, and what
// the unlisted caller sees is random.
func TestARefusalTellsAStrangerNothing(t *testing.T) {
	c := newCompany(false)
	s := serve(play(t, ours, handrouter.RawSocket, "cbor", keyring.Signed(c.serving(billing)), keyring.Signed(c.sending(billing))), keyedURI)
	request := 0
	call := func(f *harness.Forger, change func(*harness.Bound)) (cryptobox.Token, []byte) {
		request++
		kwargs, token := f.SealToken(keyedURI, f.Bind(cryptobox.KindCall, change))
		s.Send(wamp.INVOCATION, request, registration, wamp.Dict{}, wamp.List{}, kwargs)
		answer := s.Next()
		require.Len(t, answer, 7)
		s.requireHead([]any{wamp.ERROR, wamp.INVOCATION, request, map[string]any{}, "wampbox.error"}, answer)
		require.Empty(t, answer[5])
		require.Len(t, answer[6], 1)
		return token, s.encOf(answer)
	}
	// Whatever else is wrong with what a stranger sealed, nothing but its signature counts.
	for name, change := range map[string]func(*harness.Bound){
		"nothing": nil, "realm": func(b *harness.Bound) { b.Realm = "realm2" }, "early": early,
		"kind": func(b *harness.Bound) { b.Kind = cryptobox.KindCallProgress }, "seq": func(b *harness.Bound) { b.Seq = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			f := c.forger(t, shop)
			token, enc := call(f, change)
			requireUnreadable(t, f, token, enc)
			harness.RequireReason(t, s.refused.Next(t), transparency.WrongSender)
		})
	}
	token, enc := call(s.Forger, early)
	var opened cryptobox.Opened
	require.NoError(t, s.Version.Key().OpenIn(s.Exchange(token), enc, cryptobox.Answer, &opened), "who is listed is told")
	harness.RequireReason(t, s.refused.Next(t), transparency.Stale)
}

// TestARefusalTellsARemovedCallerNothing: nor does it learn, from a chunk that is wrong in
// another way, that its call is known.
func TestARefusalTellsARemovedCallerNothing(t *testing.T) {
	for name, listed := range map[string]bool{"listed": true, "removed": false} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(false)
			p := play(t, ours, handrouter.RawSocket, "cbor", keyring.Signed(c.serving(shop, billing)), keyring.Signed(c.sending(billing)))
			got := make(chan struct{}, 1)
			p.registered(keyedURI, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
				got <- struct{}{}
				return sink(ctx, inv)
			})
			kwargs, token := p.SealToken(keyedURI, p.Bind(cryptobox.KindCallProgress, nil))
			p.Send(wamp.INVOCATION, 1, registration, wamp.Dict{wamp.OptProgress: true}, wamp.List{}, kwargs)
			harness.Receive(t, got)
			if !listed {
				require.NoError(t, p.ring.RemoveParty(encrypted, keyring.RoleOriginator, c.Party(billing)))
			}
			p.Send(wamp.INVOCATION, 1, registration, wamp.Dict{}, wamp.List{"plain"})
			harness.RequireReason(t, p.refused.Next(t), transparency.Plaintext)
			enc := p.encOf(p.Next())
			if !listed {
				requireUnreadable(t, p.Forger, token, enc)
				return
			}
			record, _ := p.OpenPayload(enc)
			require.Equal(t, cryptobox.KindRefusal, record.Kind)
			require.Equal(t, "Plaintext", record.Args[0])
		})
	}
}

// TestFormsThatAreNotTaken: what is signed once only where the receiver says so, and never an
// event.
func TestFormsThatAreNotTaken(t *testing.T) {
	c := newCompany(true)
	parts := c.serving(billing)
	parts.SignedOnce = false
	refused, collecting := harness.Collect()
	r := startRouter(t)
	s := local.session(t, r, holding(t, parts), collecting)
	got := events(t, s, keyedURI, nil)
	require.NoError(t, s.Register(keyedURI, harness.Echo, nil))
	caller := local.session(t, r, holding(t, c.sending(billing)))
	_, err := caller.Call(harness.Timeout(t), keyedURI, nil, nil, nil, nil)
	harness.RequireRefused(t, err, 0)
	harness.RequireReason(t, refused.Next(t), transparency.WrongSender)
	require.NoError(t, caller.Publish(keyedURI, nil, nil, nil))
	require.Equal(t, c.sender(billing), senderOf(t, harness.Receive(t, got).Details), "each event is signed")
}
