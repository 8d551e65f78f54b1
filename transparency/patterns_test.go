package transparency_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const publicPrefix = "com.myapp.public."

// mixedRing has a key for some URIs, and declares others plain.
func mixedRing(t *testing.T, key keyring.Key) *keyring.Ring {
	t.Helper()
	ring := harness.ClosedRing(t, key)
	require.NoError(t, ring.SetPlain(keyring.Prefix(publicPrefix)))
	return ring
}

func matching(p keyring.Pattern) wamp.Dict { return wamp.Dict{wamp.OptMatch: p.Match.String()} }

// askingFor subscribes to a pattern, and registers it.
func askingFor(s *transparency.Session, p keyring.Pattern) map[string]func() error {
	return map[string]func() error{
		"subscribe": func() error { return s.Subscribe(p.URI, func(*wamp.Event) {}, matching(p)) },
		"register":  func() error { return s.Register(p.URI, harness.Echo, matching(p)) },
	}
}

func TestPatternsAskedFor(t *testing.T) {
	k := harness.NewKeys()
	for _, c := range []struct {
		pattern keyring.Pattern
		reason  transparency.Reason
	}{
		{keyring.Prefix("com.myapp."), transparency.Misuse},
		{keyring.Prefix("com.my"), transparency.Misuse},
		{keyring.Prefix(""), transparency.Misuse},
		{keyring.Wildcard("com.myapp.."), transparency.Misuse},
		{keyring.Wildcard("...x"), transparency.Misuse},
		{keyring.Wildcard("com..public."), 0},
		{keyring.Prefix(harness.Prefix + "a"), 0},
		{keyring.Prefix(publicPrefix), 0},
		{keyring.Wildcard("com.myapp.encrypted."), 0},
		{keyring.Prefix("com.other."), transparency.NoKey},
		{keyring.Wildcard("com.other."), transparency.NoKey},
		{keyring.Wildcard("org..encrypted.x"), transparency.NoKey},
		{keyring.Prefix("wampbox.error"), transparency.ReservedOption},
	} {
		t.Run(c.pattern.String(), func(t *testing.T) {
			s, box := stubbed(t, mixedRing(t, k.ResponderKey()))
			for op, ask := range askingFor(s, c.pattern) {
				err := ask()
				if c.reason == 0 {
					require.NoError(t, err)
					continue
				}
				harness.RequireReason(t, err, c.reason)
				require.ErrorContains(t, err, "transparency: "+op+` "`+c.pattern.URI+`": `)
				if c.reason == transparency.Misuse {
					require.ErrorContains(t, err, keyring.Prefix(harness.Prefix).String())
					require.ErrorContains(t, err, keyring.Prefix(publicPrefix).String())
				}
				require.Nil(t, box.onEvent, "the router was asked")
				require.Nil(t, box.onCall, "the router was asked")
			}
		})
	}
}

// heard is a Session with a handler on a pattern, of events and of calls.
type heard struct {
	*transparency.Session
	*harness.Forger // an originator

	t       *testing.T
	box     *scripted
	ring    *keyring.Ring
	refused *harness.Rejections
	log     *harness.Buffer
	got     []any // first arguments that reached a handler
}

func hear(t *testing.T, k harness.Keys, ring *keyring.Ring, p keyring.Pattern) *heard {
	t.Helper()
	refused, collecting := harness.Collect()
	h := &heard{t: t, ring: ring, refused: refused, log: &harness.Buffer{}}
	h.Forger = harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	h.Session, h.box = stubbed(t, ring, collecting, transparency.WithLogger(slog.New(slog.NewTextHandler(h.log, nil))))
	require.NoError(t, h.Subscribe(p.URI, func(ev *wamp.Event) { h.got = append(h.got, ev.Arguments[0]) }, matching(p)))
	require.NoError(t, h.Register(p.URI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		h.got = append(h.got, inv.Arguments[0])
		return client.InvokeResult{Args: inv.Arguments}
	}, matching(p)))
	return h
}

// deliver gives the Session an event and an invocation for uri, and tells what it refused
// of both, 0 for nothing.
func (h *heard) deliver(uri string, sealed bool) transparency.Reason {
	h.t.Helper()
	h.got = nil
	var reasons []transparency.Reason
	for _, kind := range []cryptobox.Kind{cryptobox.KindPublish, cryptobox.KindCall} {
		args, kwargs := wamp.List{"payload"}, wamp.Dict(nil)
		if sealed {
			args, kwargs = nil, h.Seal(uri, h.Bind(kind, nil), "payload")
		}
		if before := h.refused.Count(); kind == cryptobox.KindPublish {
			h.box.event(&wamp.Event{Details: wamp.Dict{"topic": uri}, Arguments: args, ArgumentsKw: kwargs})
			reasons = append(reasons, h.reason(before))
			continue
		}
		before := h.refused.Count()
		answer := h.box.invocation(h.t.Context(), &wamp.Invocation{Details: wamp.Dict{"procedure": uri}, Arguments: args, ArgumentsKw: kwargs})
		reasons = append(reasons, h.reason(before))
		switch {
		case reasons[1] != 0:
			require.NotEmpty(h.t, answer.Err)
			require.Empty(h.t, answer.Args)
			require.Empty(h.t, answer.Kwargs)
		case sealed:
			record, _ := h.Open(answer.Args, answer.Kwargs)
			require.Equal(h.t, []any{"payload"}, record.Args)
		default:
			require.Equal(h.t, wamp.List{"payload"}, answer.Args)
		}
	}
	require.Equal(h.t, reasons[0], reasons[1])
	if reasons[0] == 0 {
		require.Equal(h.t, []any{"payload", "payload"}, h.got)
	} else {
		require.Empty(h.t, h.got, "a handler ran")
	}
	return reasons[0]
}

func (h *heard) reason(before int) transparency.Reason {
	if h.refused.Count() == before {
		return 0
	}
	return h.refused.Next(h.t).Reason
}

func TestPatternAskedForWithinATransition(t *testing.T) {
	for _, plaintext := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		t.Run(plaintext.String(), func(t *testing.T) {
			k := harness.NewKeys()
			ring := harness.ClosedRing(t, k.ResponderKey())
			require.NoError(t, ring.Transition(keyring.Prefix(harness.Prefix), plaintext, time.Now().Add(time.Hour)))
			h := hear(t, k, ring, keyring.Prefix("com.my"))
			require.Zero(t, h.deliver(harness.Prefix+"x", false))
			require.Zero(t, h.deliver(harness.Prefix+"x", true))
		})
	}
}

// TestPatternThatBecomesMixed: nothing plain is taken by it while it is.
func TestPatternThatBecomesMixed(t *testing.T) {
	const logged = "nothing plain is taken any more"
	for _, asked := range []keyring.Pattern{keyring.Prefix("com."), keyring.Wildcard("com.myapp..x")} {
		t.Run(asked.String(), func(t *testing.T) {
			const public, secret = publicPrefix + "x", harness.Prefix + "x"
			k := harness.NewKeys()
			ring := keyring.New()
			require.NoError(t, ring.SetPlain(keyring.Prefix(publicPrefix)))
			h := hear(t, k, ring, asked)
			require.Zero(t, h.deliver(public, false))

			require.NoError(t, ring.Set(keyring.Prefix(harness.Prefix), k.ResponderKey()))
			for range 3 {
				require.Equal(t, transparency.Plaintext, h.deliver(public, false))
				require.Equal(t, transparency.Plaintext, h.deliver(secret, false))
				require.Zero(t, h.deliver(secret, true))
			}
			harness.AcceptPlain(t, ring)
			require.Equal(t, transparency.Plaintext, h.deliver(public, false))
			require.Equal(t, transparency.Plaintext, h.deliver(secret, false), "in transition")
			require.Zero(t, h.deliver(secret, true))
			require.EqualValues(t, 0, h.Stats().Plain)
			require.Equal(t, 2, strings.Count(h.log.String(), logged), "once for the subscription, once for the registration")
			require.Contains(t, h.log.String(), harness.Prefix)
			require.Contains(t, h.log.String(), publicPrefix)

			require.NoError(t, ring.Remove(keyring.Prefix(publicPrefix)))
			require.Equal(t, transparency.NoKey, h.deliver(public, false))
			require.Zero(t, h.deliver(secret, false), "in transition, and nothing else is matched")

			require.NoError(t, ring.SetPlain(keyring.Prefix(harness.Prefix)))
			require.NoError(t, ring.SetPlain(keyring.Prefix(publicPrefix)))
			require.Zero(t, h.deliver(public, false))
			require.Zero(t, h.deliver(secret, false))
			require.Equal(t, 2, strings.Count(h.log.String(), logged))
		})
	}
}

// layouts are a key, and a pattern asked for, that both match the protocol's own URI by
// WAMP's rules alone.
var layouts = []struct {
	key, asked keyring.Pattern
	uri        string
}{
	{keyring.Wildcard("..update"), keyring.Wildcard("..update"), "wamp.x.update"},
	{keyring.Prefix(""), keyring.Prefix(""), "wamp.x.update"},
	{keyring.Prefix(""), keyring.Wildcard(".x.update"), "wamp.x.update"},
	{keyring.Prefix("wa"), keyring.Prefix("wa"), "wamp.x.update"},
	{keyring.Prefix("wamp"), keyring.Prefix("wamp"), "wamp.x.update"},
	{keyring.Wildcard(".x."), keyring.Prefix("w"), "wamp.x.update"},
	{keyring.Wildcard("..update"), keyring.Prefix(""), "wamp.session.update"},
}

// listening has a Session subscribe to a pattern and register it, on a connection to a
// router that the test plays.
func listening(t *testing.T, ring *keyring.Ring, asked keyring.Pattern) (s *transparency.Session, router *handrouter.Conn, refused *harness.Rejections, got <-chan any) {
	t.Helper()
	refused, collecting := harness.Collect()
	r := handrouter.Start(t, handrouter.RawSocket, "cbor")
	s, router = harness.Welcome(t, r, nil, func() (*transparency.Session, error) {
		return transparency.ConnectNet(context.Background(), r.URL(), harness.Config(r.Serialization()), ring, collecting)
	})
	handled := make(chan any, 10)
	harness.Confirmed(t, router, func() error {
		return s.Subscribe(asked.URI, func(ev *wamp.Event) { handled <- ev.Arguments[0] }, matching(asked))
	}, subscription)
	harness.Confirmed(t, router, func() error {
		return s.Register(asked.URI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			handled <- inv.Arguments[0]
			return client.InvokeResult{Args: wamp.List{marker}}
		}, matching(asked))
	}, registration)
	return s, router, refused, handled
}

// TestProtocolsOwnURIsMatchNoOtherPattern: a router must not get a handler to run, with
// plain arguments that it made up, by naming a URI that is never sealed.
func TestProtocolsOwnURIsMatchNoOtherPattern(t *testing.T) {
	k := harness.NewKeys()
	for _, layout := range layouts {
		t.Run(layout.key.String()+" asked "+layout.asked.String(), func(t *testing.T) {
			ring := keyring.New()
			require.NoError(t, ring.Set(layout.key, k.ResponderKey()))
			_, router, refused, got := listening(t, ring, layout.asked)
			router.Send(wamp.EVENT, subscription, publication, wamp.Dict{"topic": layout.uri}, wamp.List{"made up"})
			harness.RequireReason(t, refused.Next(t), transparency.WrongURI)
			router.Send(wamp.INVOCATION, 7, registration, wamp.Dict{"procedure": layout.uri}, wamp.List{"made up"})
			harness.RequireReason(t, refused.Next(t), transparency.WrongURI)
			answer := router.Next()
			require.Len(t, answer, 5, "nothing but the error leaves")
			require.EqualValues(t, wamp.ERROR, answer[0])
			require.EqualValues(t, 7, answer[2])
			require.EqualValues(t, harness.OpaquePlain, answer[4])
			harness.Nothing(t, got)
		})
	}
}

func TestProtocolsOwnPatternsTakeTheirs(t *testing.T) {
	k := harness.NewKeys()
	for _, asked := range []keyring.Pattern{keyring.Prefix("wamp."), keyring.Wildcard("wamp..update"), keyring.Exact("wamp.x.update")} {
		t.Run(asked.String(), func(t *testing.T) {
			ring := keyring.New()
			require.NoError(t, ring.Set(keyring.Wildcard("..update"), k.ResponderKey()))
			require.NoError(t, ring.Set(keyring.Prefix(""), k.ResponderKey()))
			_, router, refused, got := listening(t, ring, asked)
			router.Send(wamp.EVENT, subscription, publication, wamp.Dict{"topic": "wamp.x.update"}, wamp.List{"event"})
			require.Equal(t, "event", harness.Receive(t, got))
			router.Send(wamp.INVOCATION, 7, registration, wamp.Dict{"procedure": "wamp.x.update"}, wamp.List{"call"})
			require.Equal(t, "call", harness.Receive(t, got))
			answer := router.Next()
			require.EqualValues(t, wamp.YIELD, answer[0])
			require.Equal(t, []any{marker}, answer[3])
			require.Zero(t, refused.Count())
		})
	}
}
