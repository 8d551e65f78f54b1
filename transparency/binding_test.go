package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// These tests seal with the right key, but bind to something else than what
// the router presents.

func TestBindingIsWrittenWhole(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	eye := newForger(t, ringOf(t, k.responderKey()), keyring.RoleResponder)
	got := events(t, router, prefix+"x", nil)
	s := local.session(t, r, ringOf(t, k.originatorKey()))
	before := time.Now().UnixMilli()
	binds := make([]*cryptobox.Bind, 3)
	for i, options := range []wamp.Dict{nil, {"exclude_me": false}, {"retain": true, "exclude_me": true}} {
		require.NoError(t, s.Publish(prefix+"x", options, nil, nil))
		record, _ := eye.open(nil, receive(t, got).ArgumentsKw)
		binds[i] = record.Bind
		require.Equal(t, prefix+"x", record.URI)
		require.Equal(t, cryptobox.KindPublish, record.Bind.Kind)
		require.Equal(t, realm, record.Bind.Realm)
		require.Equal(t, binds[0].From, record.Bind.From)
		require.EqualValues(t, i+1, record.Bind.N)
		require.GreaterOrEqual(t, record.Bind.TS, before)
		require.LessOrEqual(t, record.Bind.TS, time.Now().UnixMilli())
		require.True(t, record.Bind.Re.IsZero())
		require.Equal(t, i == 1, record.Bind.Self)
		require.Equal(t, i == 2, record.Bind.Keep)
	}
	other := local.session(t, r, ringOf(t, k.originatorKey()))
	require.NoError(t, other.Publish(prefix+"x", nil, nil, nil))
	record, _ := eye.open(nil, receive(t, got).ArgumentsKw)
	require.NotEqual(t, binds[0].From, record.Bind.From, "each Session has an id of its own")
}

func TestBindingOfEventsAndInvocations(t *testing.T) {
	k := newKeys()
	forge := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	_, token := forge.sealToken(prefix+"x", forge.bind(cryptobox.KindCall, nil))
	for _, c := range []struct {
		name   string
		uri    string
		change func(*cryptobox.Bind)
		reason transparency.Reason
		events bool // concerns events too
	}{
		{"another URI", prefix + "y", nil, transparency.WrongURI, true},
		{"no URI", "", nil, transparency.WrongURI, true},
		{"another realm", prefix + "x", func(b *cryptobox.Bind) { b.Realm = "realm2" }, transparency.WrongRealm, true},
		{"a result", prefix + "x", func(b *cryptobox.Bind) { b.Kind = cryptobox.KindResult }, transparency.WrongKind, true},
		{"progress", prefix + "x", func(b *cryptobox.Bind) { b.Kind = cryptobox.KindProgress }, transparency.WrongKind, true},
		{"an error", prefix + "x", func(b *cryptobox.Bind) { b.Kind = cryptobox.KindError }, transparency.WrongKind, true},
		{"a chunk with more to come", prefix + "x", func(b *cryptobox.Bind) { b.Kind = cryptobox.KindCallProgress }, transparency.WrongKind, true},
		{"a later chunk of another call", prefix + "x", func(b *cryptobox.Bind) { b.Re = token }, transparency.WrongRequest, true},
		{"the second chunk first", prefix + "x", func(b *cryptobox.Bind) { b.Seq = 1 }, transparency.Gap, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newVictim(t, ringOf(t, k.responderKey()), prefix+"x")
			v.refusesCall(t, prefix+"x", nil, forge.seal(c.uri, forge.bind(cryptobox.KindCall, c.change)), c.reason, opaqueNoDetail)
			if c.events {
				require.NoError(t, v.router.Publish(prefix+"x", nil, nil, forge.seal(c.uri, forge.bind(cryptobox.KindPublish, c.change))))
				requireReason(t, v.refused.next(t), c.reason)
				nothing(t, v.events)
			}
		})
	}
	t.Run("a call as event and an event as call", func(t *testing.T) {
		v := newVictim(t, ringOf(t, k.responderKey()), prefix+"x")
		require.NoError(t, v.router.Publish(prefix+"x", nil, nil, forge.seal(prefix+"x", forge.bind(cryptobox.KindCall, nil))))
		requireReason(t, v.refused.next(t), transparency.WrongKind)
		v.refusesCall(t, prefix+"x", nil, forge.seal(prefix+"x", forge.bind(cryptobox.KindPublish, nil)), transparency.WrongKind, opaqueNoDetail)
	})
	t.Run("no binding", func(t *testing.T) {
		v := newVictim(t, ringOf(t, k.responderKey()), prefix+"x")
		v.refuses(t, prefix+"x", nil, forge.seal(prefix+"x", nil), transparency.Unbound, opaqueNoDetail)
	})
}

func TestUnboundPeers(t *testing.T) {
	k := newKeys()
	forge := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	v := newVictim(t, ringOf(t, k.responderKey().AllowUnbound()), prefix+"x")
	require.NoError(t, v.router.Publish(prefix+"x", nil, nil, forge.seal(prefix+"x", nil, "hi")))
	ev := receive(t, v.events)
	require.Equal(t, wamp.List{"hi"}, ev.Arguments)
	info, ok := transparency.InfoFrom(ev.Details)
	require.True(t, ok)
	require.False(t, info.Bound)
	require.Zero(t, info.Sender)

	v.refuses(t, prefix+"x", nil, forge.seal(prefix+"y", nil), transparency.WrongURI, opaqueNoDetail)
	v.refusesCall(t, prefix+"x", nil, forge.seal(prefix+"x", forge.bind(cryptobox.KindResult, nil)), transparency.WrongKind, opaqueNoDetail)
}

// TestWhoBeginsToBindGoesOn: for a key that allows unbound peers, an answer that
// began bound can't be finished by one without a binding.
func TestWhoBeginsToBindGoesOn(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	forge := newForger(t, ringOf(t, k.responderKey()), keyring.RoleResponder)
	require.NoError(t, router.Register(prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		_, token := forge.open(inv.Arguments, inv.ArgumentsKw)
		bound := forge.bind(cryptobox.KindProgress, func(b *cryptobox.Bind) { b.Re = token })
		_ = router.SendProgress(ctx, nil, forge.seal(prefix+"x", bound))
		return client.InvokeResult{Kwargs: forge.seal(prefix+"x", nil)}
	}, nil))
	s := local.session(t, r, ringOf(t, k.originatorKey().AllowUnbound()))
	_, err := s.Call(timeout(t), prefix+"x", nil, nil, nil, func(*wamp.Result) {})
	requireReason(t, err, transparency.Unbound)
}

func TestSealedUnderAnotherKeyOrChanged(t *testing.T) {
	k, other := newKeys(), newKeys()
	forge := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	enc := func(change func(enc wamp.Dict)) wamp.Dict {
		kwargs := forge.seal(prefix+"x", forge.bind(cryptobox.KindCall, nil), "hi")
		change(kwargs["enc"].(wamp.Dict))
		return kwargs
	}
	payload := func(change func([]byte) []byte) wamp.Dict {
		return enc(func(enc wamp.Dict) {
			b := changedBytes(t, enc["payload"], change)
			enc["payload"] = b
		})
	}
	v := newVictim(t, ringOf(t, k.responderKey()), prefix+"x")
	for name, c := range map[string]struct {
		kwargs wamp.Dict
		reason transparency.Reason
	}{
		"another key": {
			newForger(t, ringOf(t, other.originatorKey()), keyring.RoleOriginator).seal(prefix+"x", forge.bind(cryptobox.KindCall, nil)),
			transparency.NotOpened,
		},
		"another key under this key's id": {
			newForger(t, ringOf(t, other.originatorKey().WithID(k.originatorKey().ID())), keyring.RoleOriginator).seal(prefix+"x", forge.bind(cryptobox.KindCall, nil)),
			transparency.NotOpened,
		},
		"an unknown key id":    {enc(func(enc wamp.Dict) { enc["key"] = "unknown" }), transparency.NotOpened},
		"another algorithm":    {enc(func(enc wamp.Dict) { enc["algo"] = "xsalsa20poly1305" }), transparency.NotOpened},
		"an unknown algorithm": {enc(func(enc wamp.Dict) { enc["algo"] = "rot13" }), transparency.NotOpened},
		"another serializer":   {enc(func(enc wamp.Dict) { enc["serializer"] = "json" }), transparency.Malformed},
		"a bit flipped":        {payload(func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), transparency.NotOpened},
		"cut short":            {payload(func(b []byte) []byte { return b[:len(b)-1] }), transparency.NotOpened},
		"only a nonce":         {payload(func(b []byte) []byte { return b[:24] }), transparency.NotOpened},
		"a byte":               {payload(func(b []byte) []byte { return b[:1] }), transparency.NotOpened},
	} {
		t.Run(name, func(t *testing.T) {
			v.refuses(t, prefix+"x", nil, c.kwargs, c.reason, opaqueNoDetail)
		})
	}
	t.Run("without a key id it is opened", func(t *testing.T) {
		_, err := v.router.Call(timeout(t), prefix+"x", nil, nil, enc(func(enc wamp.Dict) { delete(enc, "key") }), nil)
		require.NoError(t, err)
		receive(t, v.served)
	})
}

func TestOwnEvents(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	refused, option := collect()
	s := links[1].session(t, r, ringOf(t, keyring.Both(k.originator)), option)
	router := local.plain(t, r)
	recorded := events(t, router, prefix+"x", nil)
	got := events(t, s, prefix+"x", nil)

	require.NoError(t, s.Publish(prefix+"x", wamp.Dict{"exclude_me": false}, wamp.List{"asked for"}, nil))
	require.Equal(t, wamp.List{"asked for"}, receive(t, got).Arguments)
	receive(t, recorded)

	require.NoError(t, s.Publish(prefix+"x", nil, wamp.List{"not asked for"}, nil))
	mine := receive(t, recorded)
	require.NoError(t, router.Publish(prefix+"x", nil, nil, mine.ArgumentsKw))
	requireReason(t, refused.next(t), transparency.Replayed)
	nothing(t, got)
}

func TestTopicOfAPatternSubscriptionHasToMatch(t *testing.T) {
	k := newKeys()
	refused, option := collect()
	s, c := stubbed(t, ringOf(t, k.responderKey()), option)
	got := events(t, s, prefix+"a", wamp.Dict{wamp.OptMatch: wamp.MatchPrefix})
	require.NoError(t, s.Register(prefix+".b", echo, wamp.Dict{wamp.OptMatch: wamp.MatchWildcard}))
	forge := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	for _, topic := range []any{nil, 5, "", prefix + "b", "com.plain.a", wamp.URI(prefix)} {
		details := wamp.Dict{"topic": topic, "procedure": topic}
		for _, kwargs := range []wamp.Dict{nil, forge.seal(prefix+"a", forge.bind(cryptobox.KindPublish, nil))} {
			c.event(&wamp.Event{Details: details, ArgumentsKw: kwargs})
			requireReason(t, refused.next(t), transparency.WrongURI)
			res := c.invocation(context.Background(), &wamp.Invocation{Details: details, ArgumentsKw: kwargs})
			require.Equal(t, opaqueNoDetail, res.Err, "the same whether the URI is keyed or not")
			requireReason(t, refused.next(t), transparency.WrongURI)
		}
	}
	nothing(t, got)
}

func TestExactSubscriptionIgnoresTheTopicInDetails(t *testing.T) {
	k := newKeys()
	refused, option := collect()
	s, c := stubbed(t, ringOf(t, k.responderKey()), option)
	got := events(t, s, prefix+"x", nil)
	c.event(&wamp.Event{Details: wamp.Dict{"topic": "com.plain.x"}, Arguments: wamp.List{"plain"}})
	requireReason(t, refused.next(t), transparency.Plaintext)
	nothing(t, got)
}

func TestUnknownMatchIsAnError(t *testing.T) {
	s, err := transparency.Wrap(&scripted{}, realm, keyring.New())
	require.NoError(t, err)
	for _, pattern := range []string{"..", "com. .x"} {
		requireReason(t, s.Subscribe(pattern, func(*wamp.Event) {}, wamp.Dict{"match": "wildcard"}), transparency.Malformed)
		requireReason(t, s.Register(pattern, echo, wamp.Dict{"match": "wildcard"}), transparency.Malformed)
	}
	for _, match := range []any{"Prefix", "regex", 5, nil} {
		requireReason(t, s.Subscribe("a.b", func(*wamp.Event) {}, wamp.Dict{"match": match}), transparency.Malformed)
		requireReason(t, s.Register("a.b", echo, wamp.Dict{"match": match}), transparency.Malformed)
	}
}

func TestDetailsCantClaimToBeProved(t *testing.T) {
	s, c := stubbed(t, keyring.New())
	k := newKeys()

	// An Info that another session of this process proved, handed on by a
	// local link.
	forge := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	v := newVictim(t, ringOf(t, k.responderKey()), prefix+"x")
	require.NoError(t, v.router.Publish(prefix+"x", nil, nil, forge.seal(prefix+"x", forge.bind(cryptobox.KindPublish, nil))))
	stolen := receive(t, v.events).Details
	_, ok := transparency.InfoFrom(stolen)
	require.True(t, ok)
	delete(stolen, "enc_algo")

	got := events(t, s, "com.plain.x", nil)
	c.event(&wamp.Event{Details: stolen, Arguments: wamp.List{"forged"}})
	ev := receive(t, got)
	_, ok = transparency.InfoFrom(ev.Details)
	require.False(t, ok)
	_, ok = transparency.InfoFrom(stolen)
	require.True(t, ok, "the details given were changed")
}

func TestBindingOfAnswers(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	forge := newForger(t, ringOf(t, k.responderKey()), keyring.RoleResponder)
	stranger := newForger(t, ringOf(t, k.responderKey()), keyring.RoleResponder)
	var last cryptobox.Token // of an earlier call
	refused, option := collect()
	s := links[1].session(t, r, ringOf(t, k.originatorKey()), option)

	// Each script sends progress and returns the result, given a function
	// that seals an answer to the call at hand.
	type sealing func(f *forger, kind cryptobox.Kind, change func(*cryptobox.Bind), args ...any) wamp.Dict
	for _, c := range []struct {
		name   string
		script func(progress func(wamp.Dict), seal sealing, call wamp.Dict) wamp.Dict
		reason transparency.Reason
	}{
		{"right", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			progress(seal(forge, cryptobox.KindProgress, nil))
			return seal(forge, cryptobox.KindResult, func(b *cryptobox.Bind) { b.Seq = 1 })
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
			return seal(forge, cryptobox.KindResult, func(b *cryptobox.Bind) { b.Re = last })
		}, transparency.WrongRequest},
		{"no call's result", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindResult, func(b *cryptobox.Bind) { b.Re = cryptobox.Token{} })
		}, transparency.WrongRequest},
		{"another realm", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindResult, func(b *cryptobox.Bind) { b.Realm = "realm2" })
		}, transparency.WrongRealm},
		{"progress lost", func(_ func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			return seal(forge, cryptobox.KindResult, func(b *cryptobox.Bind) { b.Seq = 1 })
		}, transparency.Gap},
		{"progress twice", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			one := seal(forge, cryptobox.KindProgress, nil)
			progress(one)
			progress(one)
			return nil
		}, transparency.Gap},
		{"progress out of order", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			progress(seal(forge, cryptobox.KindProgress, func(b *cryptobox.Bind) { b.Seq = 1 }))
			return nil
		}, transparency.Gap},
		{"another session goes on", func(progress func(wamp.Dict), seal sealing, _ wamp.Dict) wamp.Dict {
			progress(seal(forge, cryptobox.KindProgress, nil))
			return seal(stranger, cryptobox.KindResult, func(b *cryptobox.Bind) { b.Seq = 1 })
		}, transparency.WrongRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, router.Register(prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
				record, token := forge.open(inv.Arguments, inv.ArgumentsKw)
				require.Equal(t, cryptobox.KindCall, record.Bind.Kind)
				require.Zero(t, record.Bind.Seq)
				seal := func(f *forger, kind cryptobox.Kind, change func(*cryptobox.Bind), args ...any) wamp.Dict {
					bind := f.bind(kind, nil)
					bind.Re = token
					if change != nil {
						change(bind)
					}
					return f.seal(prefix+"x", bind, args...)
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
			res, err := s.Call(timeout(t), prefix+"x", nil, nil, nil, func(*wamp.Result) {})
			require.NoError(t, router.Unregister(prefix+"x"))
			if c.reason == 0 {
				require.NoError(t, err)
				require.NotNil(t, res)
				return
			}
			require.Nil(t, res)
			requireReason(t, err, c.reason)
			requireReason(t, refused.next(t), c.reason)
		})
	}
	require.False(t, last.IsZero())
}
