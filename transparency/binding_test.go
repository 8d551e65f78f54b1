package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// These tests seal with the right key, but bind to something else than what
// the router presents.

func TestBindingIsWrittenWhole(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	eye := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	got := events(t, router, harness.Prefix+"x", nil)
	s := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	before := time.Now().UnixMilli()
	records := make([]*harness.Record, 3)
	for i, options := range []wamp.Dict{nil, {"exclude_me": false}, {"retain": true, "exclude_me": true}} {
		require.NoError(t, s.Publish(harness.Prefix+"x", options, nil, nil))
		record, _ := eye.Open(nil, harness.Receive(t, got).ArgumentsKw)
		records[i] = record
		require.Equal(t, harness.Prefix+"x", record.URI)
		require.Equal(t, cryptobox.KindPublish, record.Kind)
		require.Equal(t, harness.Realm, record.Realm)
		require.Equal(t, records[0].From, record.From)
		require.EqualValues(t, i+1, record.N)
		require.GreaterOrEqual(t, record.TS, before)
		require.LessOrEqual(t, record.TS, time.Now().UnixMilli())
		require.True(t, record.Re.IsZero())
		require.Equal(t, i == 1, record.Self)
		require.Equal(t, i == 2, record.Keep)
	}
	other := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	require.NoError(t, other.Publish(harness.Prefix+"x", nil, nil, nil))
	record, _ := eye.Open(nil, harness.Receive(t, got).ArgumentsKw)
	require.NotEqual(t, records[0].From, record.From, "each Session has an id of its own")
}

func TestBindingOfEventsAndInvocations(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	_, token := forge.SealToken(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil))
	for _, c := range []struct {
		name   string
		uri    string
		change func(*harness.Bound)
		reason transparency.Reason
		events bool // concerns events too
	}{
		{"another URI", harness.Prefix + "y", nil, transparency.WrongURI, true},
		{"another realm", harness.Prefix + "x", func(b *harness.Bound) { b.Realm = "realm2" }, transparency.WrongRealm, true},
		{"a result", harness.Prefix + "x", func(b *harness.Bound) { b.Kind = cryptobox.KindResult }, transparency.WrongKind, true},
		{"progress", harness.Prefix + "x", func(b *harness.Bound) { b.Kind = cryptobox.KindProgress }, transparency.WrongKind, true},
		{"an error", harness.Prefix + "x", func(b *harness.Bound) { b.Kind = cryptobox.KindError }, transparency.WrongKind, true},
		{"a chunk with more to come", harness.Prefix + "x", func(b *harness.Bound) { b.Kind = cryptobox.KindCallProgress }, transparency.WrongKind, true},
		{"a later chunk of another call", harness.Prefix + "x", func(b *harness.Bound) { b.Re = token }, transparency.WrongRequest, false},
		{"the second chunk first", harness.Prefix + "x", func(b *harness.Bound) { b.Seq = 1 }, transparency.Gap, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x")
			v.refusesCall(t, harness.Prefix+"x", nil, forge.Seal(c.uri, forge.Bind(cryptobox.KindCall, c.change)), c.reason, harness.OpaqueError)
			if c.events {
				require.NoError(t, v.router.Publish(harness.Prefix+"x", nil, nil, forge.Seal(c.uri, forge.Bind(cryptobox.KindPublish, c.change))))
				harness.RequireReason(t, v.refused.Next(t), c.reason)
				harness.Nothing(t, v.events)
			}
		})
	}
	t.Run("a call as event and an event as call", func(t *testing.T) {
		v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x")
		require.NoError(t, v.router.Publish(harness.Prefix+"x", nil, nil, forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil))))
		harness.RequireReason(t, v.refused.Next(t), transparency.WrongKind)
		v.refusesCall(t, harness.Prefix+"x", nil, forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindPublish, nil)), transparency.WrongKind, harness.OpaqueError)
	})
}

func TestSealedUnderAnotherKeyOrChanged(t *testing.T) {
	k, other := harness.NewKeys(), harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	payload := func(change func([]byte) []byte) wamp.Dict {
		kwargs := forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil), "hi")
		return wamp.Dict{"enc": changedBytes(t, kwargs["enc"], change)}
	}
	of := func(key keyring.Key) wamp.Dict {
		f := harness.NewForger(t, harness.RingOf(t, key), keyring.RoleOriginator)
		return f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindCall, nil))
	}
	id := forge.Version.Key().ID()
	v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x")
	for name, kwargs := range map[string]wamp.Dict{
		"another key": of(other.OriginatorKey()),
		"another key under this key's id": {"enc": changedBytes(t, of(other.OriginatorKey())["enc"], func(b []byte) []byte {
			copy(b[1:], id[:])
			return b
		})},
		"an unknown key id": payload(func(b []byte) []byte { b[1] ^= 1; return b }),
		"another suite":     of(k.OriginatorKey().WithSuite(cryptobox.SuiteXBox)),
		"another suite under this key's id": {"enc": changedBytes(t, of(k.OriginatorKey().WithSuite(cryptobox.SuiteXBox))["enc"], func(b []byte) []byte {
			b[0] = byte(cryptobox.SuiteBox)
			copy(b[1:], id[:])
			return b
		})},
		"said to be of another suite": payload(func(b []byte) []byte { b[0] = byte(cryptobox.SuiteXBox); return b }),
		"said to be of suite 5":       payload(func(b []byte) []byte { b[0] = 5; return b }),
		"another nonce":               payload(func(b []byte) []byte { b[20] ^= 1; return b }),
		"a bit flipped":               payload(func(b []byte) []byte { b[len(b)/2] ^= 1; return b }),
		"cut short":                   payload(func(b []byte) []byte { return b[:len(b)-1] }),
		"a byte more":                 payload(func(b []byte) []byte { return append(b, 0) }),
		"nothing sealed":              payload(func(b []byte) []byte { return b[:cryptobox.MinSealed] }),
	} {
		t.Run(name, func(t *testing.T) {
			v.refuses(t, harness.Prefix+"x", nil, kwargs, transparency.NotOpened, harness.OpaqueError)
		})
	}
}

// TestPayloadBeyondTheLargest: is told from what is malformed.
func TestPayloadBeyondTheLargest(t *testing.T) {
	p := post(t, harness.NewKeys())
	sub, serve := p.subscribe(keyedURI, nil), p.serves(nil)
	for size, reason := range map[int]transparency.Reason{
		cryptobox.MaxSealed: transparency.NotOpened, cryptobox.MaxSealed + 1: transparency.TooLarge,
	} {
		enc := make([]byte, size)
		enc[0] = byte(cryptobox.SuiteBox)
		p.refuses(sub, wamp.Dict{"enc": enc}, reason)
		p.judgesCall(serve, wamp.Dict{"enc": enc}, reason)
	}
}

func TestOwnEvents(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	refused, option := harness.Collect()
	s := links[1].session(t, r, harness.RingOf(t, keyring.Pair(k.Originator, k.Responder)), option)
	router := local.plain(t, r)
	recorded := events(t, router, harness.Prefix+"x", nil)
	got := events(t, s, harness.Prefix+"x", nil)

	require.NoError(t, s.Publish(harness.Prefix+"x", wamp.Dict{"exclude_me": false}, wamp.List{"asked for"}, nil))
	require.Equal(t, wamp.List{"asked for"}, harness.Receive(t, got).Arguments)
	harness.Receive(t, recorded)

	require.NoError(t, s.Publish(harness.Prefix+"x", nil, wamp.List{"not asked for"}, nil))
	mine := harness.Receive(t, recorded)
	require.NoError(t, router.Publish(harness.Prefix+"x", nil, nil, mine.ArgumentsKw))
	harness.RequireReason(t, refused.Next(t), transparency.Replayed)
	harness.Nothing(t, got)
}

func TestTopicOfAPatternSubscriptionHasToMatch(t *testing.T) {
	k := harness.NewKeys()
	refused, option := harness.Collect()
	s, c := stubbed(t, harness.RingOf(t, k.ResponderKey()), option)
	got := events(t, s, harness.Prefix+"a", wamp.Dict{wamp.OptMatch: wamp.MatchPrefix})
	require.NoError(t, s.Register(harness.Prefix+".b", harness.Echo, wamp.Dict{wamp.OptMatch: wamp.MatchWildcard}))
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	for _, topic := range []any{nil, 5, "", harness.Prefix + "b", "com.plain.a", wamp.URI(harness.Prefix)} {
		details := wamp.Dict{"topic": topic, "procedure": topic}
		for _, kwargs := range []wamp.Dict{nil, forge.Seal(harness.Prefix+"a", forge.Bind(cryptobox.KindPublish, nil))} {
			c.event(&wamp.Event{Details: details, ArgumentsKw: kwargs})
			harness.RequireReason(t, refused.Next(t), transparency.WrongURI)
			res := c.invocation(context.Background(), &wamp.Invocation{Details: details, ArgumentsKw: kwargs})
			opaque := harness.OpaqueError
			if kwargs == nil {
				opaque = harness.OpaquePlain
			}
			harness.RequireOpaque(t, opaque, res.Err, res.Args, res.Kwargs) // the same whether the URI is keyed or not
			harness.RequireReason(t, refused.Next(t), transparency.WrongURI)
		}
	}
	harness.Nothing(t, got)
}

func TestExactSubscriptionIgnoresTheTopicInDetails(t *testing.T) {
	k := harness.NewKeys()
	refused, option := harness.Collect()
	s, c := stubbed(t, harness.RingOf(t, k.ResponderKey()), option)
	got := events(t, s, harness.Prefix+"x", nil)
	c.event(&wamp.Event{Details: wamp.Dict{"topic": "com.plain.x"}, Arguments: wamp.List{"plain"}})
	harness.RequireReason(t, refused.Next(t), transparency.Plaintext)
	harness.Nothing(t, got)
}

func TestUnknownMatchIsAnError(t *testing.T) {
	s, err := transparency.Wrap(&scripted{}, harness.Realm, keyring.New())
	require.NoError(t, err)
	for _, pattern := range []string{"..", "com. .x"} {
		harness.RequireReason(t, s.Subscribe(pattern, func(*wamp.Event) {}, wamp.Dict{"match": "wildcard"}), transparency.Misuse)
		harness.RequireReason(t, s.Register(pattern, harness.Echo, wamp.Dict{"match": "wildcard"}), transparency.Misuse)
	}
	for _, match := range []any{"Prefix", "regex", 5, nil} {
		harness.RequireReason(t, s.Subscribe("a.b", func(*wamp.Event) {}, wamp.Dict{"match": match}), transparency.Misuse)
		harness.RequireReason(t, s.Register("a.b", harness.Echo, wamp.Dict{"match": match}), transparency.Misuse)
	}
}

func TestDetailsCantClaimToBeProved(t *testing.T) {
	s, c := stubbed(t, harness.PlainRing(t))
	k := harness.NewKeys()

	// An Info that another session of this process proved, handed on by a
	// local link.
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x")
	require.NoError(t, v.router.Publish(harness.Prefix+"x", nil, nil, forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindPublish, nil))))
	stolen := harness.Receive(t, v.events).Details
	_, ok := transparency.InfoFrom(stolen)
	require.True(t, ok)
	delete(stolen, "enc_algo")

	got := events(t, s, "com.plain.x", nil)
	c.event(&wamp.Event{Details: stolen, Arguments: wamp.List{"forged"}})
	ev := harness.Receive(t, got)
	_, ok = transparency.InfoFrom(ev.Details)
	require.False(t, ok)
	_, ok = transparency.InfoFrom(stolen)
	require.True(t, ok, "the details given were changed")
}

func TestBindingOfAnswers(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	forge := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	stranger := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	var last cryptobox.Token // of an earlier call
	refused, option := harness.Collect()
	s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), option)

	// Each script sends progress and returns the result, given a function
	// that seals an answer to the call at hand.
	type sealing func(f *harness.Forger, kind cryptobox.Kind, change func(*harness.Bound), args ...any) wamp.Dict
	for _, c := range []struct {
		name   string
		script func(progress func(wamp.Dict), seal sealing, call wamp.Dict) wamp.Dict
		reason transparency.Reason
	}{
		{"right", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			progress(seal(forge, cryptobox.KindProgress, nil))
			return seal(forge, cryptobox.KindResult, func(b *harness.Bound) { b.Seq = 1 })
		}, 0},
		{"the call itself comes back", func(_ func(wamp.Dict), _ sealing, call wamp.Dict) wamp.Dict {
			return call
		}, transparency.WrongKind},
		{"progress as result", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindProgress, nil)
		}, transparency.WrongKind},
		{"result as progress", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			progress(seal(forge, cryptobox.KindResult, nil))
			return nil
		}, transparency.WrongKind},
		{"error as result", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindError, nil)
		}, transparency.WrongKind},
		{"another call's result", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindResult, func(b *harness.Bound) { b.Re = last })
		}, transparency.WrongRequest},
		{"no call's result", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindResult, func(b *harness.Bound) { b.Re = cryptobox.Token{} })
		}, transparency.WrongRequest},
		{"another realm", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindResult, func(b *harness.Bound) { b.Realm = "realm2" })
		}, transparency.WrongRealm},
		{"progress lost", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindResult, func(b *harness.Bound) { b.Seq = 1 })
		}, transparency.Gap},
		{"progress twice", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			one := seal(forge, cryptobox.KindProgress, nil)
			progress(one)
			progress(one)
			return nil
		}, transparency.Gap},
		{"progress out of order", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			progress(seal(forge, cryptobox.KindProgress, func(b *harness.Bound) { b.Seq = 1 }))
			return nil
		}, transparency.Gap},
		{"another session goes on", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			progress(seal(forge, cryptobox.KindProgress, nil))
			return seal(stranger, cryptobox.KindResult, func(b *harness.Bound) { b.Seq = 1 })
		}, transparency.WrongRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			served := make(chan struct{})
			require.NoError(t, router.Register(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
				defer close(served)
				record, token := forge.Open(inv.Arguments, inv.ArgumentsKw)
				require.Equal(t, cryptobox.KindCall, record.Kind)
				require.Zero(t, record.Seq)
				seal := func(f *harness.Forger, kind cryptobox.Kind, change func(*harness.Bound), args ...any) wamp.Dict {
					bind := f.Bind(kind, nil)
					bind.Re = token
					if change != nil {
						change(bind)
					}
					return f.Seal(harness.Prefix+"x", bind, args...)
				}
				progress := func(kwargs wamp.Dict) { _ = router.SendProgress(ctx, nil, kwargs) }
				kwargs := c.script(progress, seal, inv.ArgumentsKw)
				last = token
				if kwargs == nil {
					<-ctx.Done() // the caller has to cancel
					return client.InvocationCanceled
				}
				return client.InvokeResult{Kwargs: kwargs}
			}, nil))
			res, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, func(*wamp.Result) {})
			harness.Receive(t, served) // a call that is refused in its progress ends before its handler
			require.NoError(t, router.Unregister(harness.Prefix+"x"))
			if c.reason == 0 {
				require.NoError(t, err)
				require.NotNil(t, res)
				return
			}
			require.Nil(t, res)
			harness.RequireReason(t, err, c.reason)
			harness.RequireReason(t, refused.Next(t), c.reason)
		})
	}
	require.False(t, last.IsZero())
}
