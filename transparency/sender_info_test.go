package transparency_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// proving collects what details prove.
func proving(t testing.TB, list *[]transparency.Info, details wamp.Dict) {
	t.Helper()
	info, sealed := transparency.InfoFrom(details)
	require.True(t, sealed)
	*list = append(*list, info)
}

// requireFrom checks what is proved of messages of these kinds, that one Session of one party
// sent.
func requireFrom(t testing.TB, infos []transparency.Info, sender transparency.Sender, kinds ...cryptobox.Kind) {
	t.Helper()
	require.Len(t, infos, len(kinds))
	for i, info := range infos {
		require.Equal(t, kinds[i], info.Kind)
		require.Equal(t, sender, info.Sender, info.Kind)
		require.Equal(t, encrypted, info.Pattern)
		require.Equal(t, infos[0].Session, info.Session)
		require.NotZero(t, info.Session)
		require.True(t, i == 0 || info.Counter > infos[i-1].Counter)
	}
}

// TestWhoSent: of every kind of message, in both directions.
func TestWhoSent(t *testing.T) {
	forEachSigned(t, func(t *testing.T, k harness.Keys) {
		originator, responder := two(t, k, links[1], local)
		var sent, answered []transparency.Info
		arrived := make(chan *wamp.Event, 1)
		require.NoError(t, responder.SubscribeChan(harness.Prefix+"x", arrived, nil))
		require.NoError(t, responder.Register(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			proving(t, &sent, inv.Details)
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			require.NoError(t, responder.SendProgress(ctx, nil, nil))
			return client.InvokeResult{Err: wamp.URI(inv.Arguments[0].(string))}
		}, nil))
		require.NoError(t, originator.Publish(harness.Prefix+"x", nil, nil, nil))
		proving(t, &sent, harness.Receive(t, arrived).Details)
		for _, raise := range []string{"", "com.myapp.error1"} {
			left := 2
			res, err := originator.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				left--
				return wamp.Dict{wamp.OptProgress: left > 0}, wamp.List{raise}, nil, nil
			}, func(progress *wamp.Result) { proving(t, &answered, progress.Details) })
			if raise == "" {
				require.NoError(t, err)
				proving(t, &answered, res.Details)
			} else {
				proving(t, &answered, harness.Raised(t, err).Details)
			}
		}
		c := company{k.Parties()}
		requireFrom(t, sent, c.sender(harness.Originating), cryptobox.KindPublish,
			cryptobox.KindCallProgress, cryptobox.KindCall, cryptobox.KindCallProgress, cryptobox.KindCall)
		requireFrom(t, answered, c.sender(harness.Responding),
			cryptobox.KindProgress, cryptobox.KindResult, cryptobox.KindProgress, cryptobox.KindError)
		require.NotEqual(t, sent[0].Session, answered[0].Session)
	})
}

// TestWhoSentARetainedEvent: it is proved long after.
func TestWhoSentARetainedEvent(t *testing.T) {
	forEachSigned(t, func(t *testing.T, k harness.Keys) {
		p := post(t, k)
		sub := p.subscribe(harness.Prefix+"x", getRetained)
		p.judges(sub, event(p.publication(keptFor(years)), true), 0)
		c := company{k.Parties()}
		require.Equal(t, c.sender(harness.Originating), senderOf(t, sub.got[0].Details))
	})
}

// TestOwnEventsOfASignedKey: they come to who asked for them, if its own key is one of the
// senders.
func TestOwnEventsOfASignedKey(t *testing.T) {
	for name, listed := range map[string]bool{"listed": true, "not listed": false} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(false)
			parts := c.serving(billing)
			parts.Sign, parts.Seal = c.Sign[harness.DoingBoth], c.Read.Public()
			if listed {
				parts.Senders = c.parties(billing, harness.DoingBoth)
			}
			refused, collecting := harness.Collect()
			s := local.session(t, startRouter(t), holding(t, parts), collecting)
			got := events(t, s, harness.Prefix+"x", nil)
			require.NoError(t, s.Publish(harness.Prefix+"x", wamp.Dict{wamp.OptExcludeMe: false}, nil, nil))
			if listed {
				require.Equal(t, c.sender(harness.DoingBoth), senderOf(t, harness.Receive(t, got).Details))
				require.Zero(t, refused.Count())
				return
			}
			harness.RequireReason(t, refused.Next(t), transparency.WrongSender)
			harness.Nothing(t, got)
		})
	}
}

// TestPatternsOverSignedAndUnsignedEntries: one subscription or registration, whose messages
// prove a sender where their own entry is signed.
func TestPatternsOverSignedAndUnsignedEntries(t *testing.T) {
	c, k := newCompany(false), harness.NewKeys()
	boxed, wild := keyring.Prefix("com.myapp.box."), keyring.Wildcard("com.myapp..special")
	ring := func(signed, special keyring.Signing, box keyring.Key) *keyring.Ring {
		ring := keyring.New()
		require.NoError(t, ring.Set(encrypted, keyring.Signed(signed)))
		require.NoError(t, ring.Set(wild, keyring.Signed(special)))
		require.NoError(t, ring.Set(boxed, box))
		return ring
	}
	special := newCompany(false)
	r := startRouter(t)
	s := local.session(t, r, ring(c.serving(billing), special.serving(shop), k.ResponderKey()))
	peer := links[1].session(t, r, ring(c.sending(billing), special.sending(shop), k.OriginatorKey()))
	for _, asked := range []keyring.Pattern{keyring.Prefix("com.myapp."), keyring.Wildcard("com..."), keyring.Wildcard("com.myapp..")} {
		got := events(t, s, asked.URI, matching(asked))
		infos := make(chan transparency.Info, 1)
		require.NoError(t, s.Register(asked.URI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			info, _ := transparency.InfoFrom(inv.Details)
			infos <- info
			return client.InvokeResult{}
		}, matching(asked)))
		for uri, want := range map[string]transparency.Info{
			harness.Prefix + "x":  {Pattern: encrypted, Sender: c.sender(billing)},
			boxed.URI + "x":       {Pattern: boxed},
			"com.myapp.a.special": {Pattern: wild, Sender: special.sender(shop)},
			boxed.URI + "special": {Pattern: boxed}, // a prefix counts before a wildcard
		} {
			if asked == keyring.Wildcard("com...") && !asked.Matches(uri) {
				continue
			}
			require.NoError(t, peer.Publish(uri, nil, nil, nil))
			ev, _ := transparency.InfoFrom(harness.Receive(t, got).Details)
			_, err := peer.Call(harness.Timeout(t), uri, nil, nil, nil, nil)
			require.NoError(t, err)
			for _, info := range []transparency.Info{ev, harness.Receive(t, infos)} {
				require.Equal(t, want, transparency.Info{Pattern: info.Pattern, Sender: info.Sender}, "%s by %v", uri, asked)
			}
		}
		require.NoError(t, s.Unsubscribe(asked.URI))
		require.NoError(t, s.Unregister(asked.URI))
	}
}

// TestSendersAreOfTheirPattern: two patterns of one reading key have lists of their own.
func TestSendersAreOfTheirPattern(t *testing.T) {
	c := newCompany(false)
	orders, bills := harness.Prefix+"orders", harness.Prefix+"bills"
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Exact(orders), keyring.Signed(c.serving(shop))))
	require.NoError(t, ring.Set(keyring.Exact(bills), keyring.Signed(c.serving(billing))))
	refused, collecting := harness.Collect()
	s, box := stubbed(t, ring, collecting)
	var got []transparency.Sender
	require.NoError(t, s.Subscribe(harness.Prefix, func(ev *wamp.Event) { got = append(got, senderOf(t, ev.Details)) }, matching(encrypted)))
	deliver := func(from, sealedFor, topic string) {
		f := c.forger(t, from)
		box.event(&wamp.Event{Details: wamp.Dict{"topic": topic}, ArgumentsKw: f.Seal(sealedFor, f.Bind(cryptobox.KindPublish, nil))})
	}
	deliver(shop, orders, orders)
	deliver(billing, bills, bills)
	require.Equal(t, []transparency.Sender{c.sender(shop), c.sender(billing)}, got)
	deliver(shop, bills, bills)
	harness.RequireReason(t, refused.Next(t), transparency.WrongSender)
	deliver(shop, orders, bills)
	harness.RequireReason(t, refused.Next(t), transparency.WrongSender)
	deliver(shop, bills, orders)
	harness.RequireReason(t, refused.Next(t), transparency.WrongURI)
	require.Len(t, got, 2)
}
