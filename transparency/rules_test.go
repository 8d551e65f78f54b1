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
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// One test for each row of the rule tables in docs/RULES.md, with a plain nexus
// client as the peer that sees, or sends, what it shouldn't.

// answering returns a handler that answers with a fixed result.
func answering(result client.InvokeResult) client.InvocationHandler {
	return func(context.Context, *wamp.Invocation) client.InvokeResult { return result }
}

func TestRulePublishAndCall(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	router := links[1].plain(t, r) // sees what the router sees
	seen := events(t, router, harness.Prefix, wamp.Dict{wamp.OptMatch: wamp.MatchPrefix})
	seenPlain := events(t, router, "com.plain.topic", nil)
	calls := make(chan *wamp.Invocation, 10)
	require.NoError(t, router.Register("com.", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		calls <- inv
		return client.InvokeResult{Err: wamp.ErrCanceled}
	}, wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}))
	eye := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)

	t.Run("keyed is sealed", func(t *testing.T) {
		s := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
		require.NoError(t, s.Publish(harness.Prefix+"topic", nil, wamp.List{"secret"}, wamp.Dict{"k": "v"}))
		ev := harness.Receive(t, seen)
		record, _ := eye.Open(ev.Arguments, ev.ArgumentsKw)
		require.Equal(t, []any{"secret"}, record.Args)
		_, err := s.Call(harness.Timeout(t), harness.Prefix+"proc", nil, wamp.List{"secret"}, nil, nil)
		require.Error(t, err)
		inv := harness.Receive(t, calls)
		record, _ = eye.Open(inv.Arguments, inv.ArgumentsKw)
		require.Equal(t, []any{"secret"}, record.Args)
	})
	t.Run("keyed that can't be sealed is an error and nothing is sent", func(t *testing.T) {
		s := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
		harness.RequireReason(t, s.Publish(harness.Prefix+"topic", nil, wamp.List{"x"}, nil), transparency.WrongRole)
		_, err := s.Call(harness.Timeout(t), harness.Prefix+"proc", nil, wamp.List{"x"}, nil, nil)
		harness.RequireReason(t, err, transparency.WrongRole)
		s = local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
		err = s.Publish(harness.Prefix+"topic", nil, wamp.List{make(chan int)}, nil)
		harness.RequireReason(t, err, transparency.Unsealable)
		require.ErrorIs(t, err, cryptobox.ErrValue)
		_, err = s.Call(harness.Timeout(t), harness.Prefix+"proc", nil, nil, wamp.Dict{"k": "\xff"}, nil)
		harness.RequireReason(t, err, transparency.Unsealable)
		err = s.Publish(harness.Prefix+"topic", nil, wamp.List{make([]byte, cryptobox.MaxPayload+1)}, nil)
		harness.RequireReason(t, err, transparency.TooLarge)
		require.NoError(t, s.Publish(harness.Prefix+"topic", wamp.Dict{"acknowledge": true}, wamp.List{"last"}, nil))
		record, _ := eye.Open(nil, harness.Receive(t, seen).ArgumentsKw)
		require.Equal(t, []any{"last"}, record.Args, "something else was sent before")
		harness.Nothing(t, calls)
	})
	t.Run("not keyed is plain", func(t *testing.T) {
		s := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
		require.NoError(t, s.Publish("com.plain.topic", nil, wamp.List{"x"}, nil))
		require.Equal(t, wamp.List{"x"}, harness.Receive(t, seenPlain).Arguments)
		_, err := s.Call(harness.Timeout(t), "com.plain.proc", nil, wamp.List{"x"}, nil, nil)
		require.Error(t, err)
		require.Equal(t, wamp.List{"x"}, harness.Receive(t, calls).Arguments)
	})
	t.Run("what the ring says nothing of is an error", func(t *testing.T) {
		s := local.session(t, r, harness.ClosedRing(t, k.OriginatorKey()))
		harness.RequireReason(t, s.Publish("com.plain.topic", nil, wamp.List{"x"}, nil), transparency.NoKey)
		_, err := s.Call(harness.Timeout(t), "com.plain.proc", nil, wamp.List{"x"}, nil, nil)
		harness.RequireReason(t, err, transparency.NoKey)
		_, err = s.CallProgressive(harness.Timeout(t), "com.plain.proc", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			t.Error("asked for a chunk")
			return nil, nil, nil, nil
		}, nil)
		harness.RequireReason(t, err, transparency.NoKey)
		require.NoError(t, s.Publish(harness.Prefix+"topic", wamp.Dict{"acknowledge": true}, nil, nil))
		harness.Receive(t, seen)
		harness.Nothing(t, seenPlain)
		harness.Nothing(t, calls)
	})
}

func TestRuleTestament(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		r := startRouter(t)
		testament := func(topic any) wamp.List { return wamp.List{topic, wamp.List{"bye"}, wamp.Dict{}} }
		const procedure = "wamp.session.add_testament"
		s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
		for name, topic := range map[string]any{"string": harness.Prefix + "topic", "uri": wamp.URI(harness.Prefix + "topic"), "bytes": []byte(harness.Prefix + "topic")} {
			t.Run("keyed "+name, func(t *testing.T) {
				_, err := s.Call(harness.Timeout(t), procedure, nil, testament(topic), nil, nil)
				harness.RequireReason(t, err, transparency.Plaintext)
				_, err = s.Call(harness.Timeout(t), procedure, nil, nil, wamp.Dict{"topic": topic}, nil)
				harness.RequireReason(t, err, transparency.Plaintext)
			})
		}
		t.Run("topic of another type", func(t *testing.T) {
			type name string
			text := harness.Prefix + "topic"
			for _, topic := range []any{name(text), &text, nil, 5} {
				_, err := s.Call(harness.Timeout(t), procedure, nil, testament(topic), nil, nil)
				harness.RequireReason(t, err, transparency.Misuse)
				_, err = s.Call(harness.Timeout(t), procedure, nil, nil, wamp.Dict{"topic": topic}, nil)
				harness.RequireReason(t, err, transparency.Misuse)
			}
		})
		t.Run("not keyed", func(t *testing.T) {
			got := events(t, local.plain(t, r), "com.plain.will", nil)
			s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
			_, err := s.Call(harness.Timeout(t), procedure, nil, testament("com.plain.will"), nil, nil)
			require.NoError(t, err)
			require.NoError(t, s.Close())
			require.Equal(t, wamp.List{"bye"}, harness.Receive(t, got).Arguments)
		})
		t.Run("closed", func(t *testing.T) {
			s := links[1].session(t, r, harness.ClosedRing(t, k.OriginatorKey()))
			_, err := s.Call(harness.Timeout(t), procedure, nil, testament("com.plain.will"), nil, nil)
			harness.RequireReason(t, err, transparency.NoKey)
		})
	})
}

// target is a Session with a handler on a topic and a procedure, and a plain
// client to attack it from.
type victim struct {
	*transparency.Session
	refused *harness.Rejections
	events  chan *wamp.Event
	served  chan *wamp.Invocation
	router  *client.Client
}

func newVictim(t *testing.T, ring *keyring.Ring, uri string, opts ...transparency.Option) *victim {
	t.Helper()
	r := startRouter(t)
	refused, option := harness.Collect()
	v := &victim{
		Session: links[1].session(t, r, ring, append(opts, option)...),
		refused: refused,
		events:  make(chan *wamp.Event, 100),
		served:  make(chan *wamp.Invocation, 100),
		router:  local.plain(t, r),
	}
	require.NoError(t, v.Subscribe(uri, func(ev *wamp.Event) { v.events <- ev }, nil))
	require.NoError(t, v.Register(uri, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		v.served <- inv
		return client.InvokeResult{Args: inv.Arguments}
	}, nil))
	return v
}

// refuses sends a payload as event and as invocation and expects both refused.
func (v *victim) refuses(t *testing.T, uri string, args wamp.List, kwargs wamp.Dict, reason transparency.Reason, answer wamp.URI) {
	t.Helper()
	require.NoError(t, v.router.Publish(uri, nil, args, kwargs))
	err := v.refused.Next(t)
	require.Equal(t, "event", err.Op)
	require.Equal(t, uri, err.URI)
	harness.RequireReason(t, err, reason)
	v.refusesCall(t, uri, args, kwargs, reason, answer)
	harness.Nothing(t, v.events)
}

func (v *victim) refusesCall(t *testing.T, uri string, args wamp.List, kwargs wamp.Dict, reason transparency.Reason, answer wamp.URI) {
	t.Helper()
	before := v.Stats().Rejected[reason]
	_, err := v.router.Call(harness.Timeout(t), uri, nil, args, kwargs, nil)
	got := harness.Raised(t, err)
	harness.RequireOpaque(t, answer, got.Error, got.Arguments, got.ArgumentsKw)
	require.Empty(t, got.Details, "the answer has to be opaque")
	refusal := v.refused.Next(t)
	require.Equal(t, "invocation", refusal.Op)
	harness.RequireReason(t, refusal, reason)
	require.Equal(t, before+1, v.Stats().Rejected[reason])
	harness.Nothing(t, v.served)
}

func TestRuleSealedEventAndInvocation(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	t.Run("keyed is opened", func(t *testing.T) {
		v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x")
		require.NoError(t, v.router.Publish(harness.Prefix+"x", nil, nil, forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindPublish, nil), "hi")))
		require.Equal(t, wamp.List{"hi"}, harness.Receive(t, v.events).Arguments)
		_, err := v.router.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil), "hi"), nil)
		require.NoError(t, err)
		require.Equal(t, wamp.List{"hi"}, harness.Receive(t, v.served).Arguments)
	})
	t.Run("not keyed is rejected", func(t *testing.T) {
		v := newVictim(t, harness.RingOf(t, k.ResponderKey()), "com.plain.x")
		v.refuses(t, "com.plain.x", nil, forge.Seal("com.plain.x", forge.Bind(cryptobox.KindCall, nil), "hi"), transparency.NoKey, harness.OpaqueError)
	})
	t.Run("keyed for the other role is rejected", func(t *testing.T) {
		r := startRouter(t)
		refused, option := harness.Collect()
		s := local.session(t, r, harness.ClosedRing(t, k.OriginatorKey()), option)
		got := events(t, s, "com.", wamp.Dict{wamp.OptMatch: wamp.MatchPrefix})
		require.NoError(t, local.plain(t, r).Publish(harness.Prefix+"x", nil, nil, forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindPublish, nil))))
		harness.RequireReason(t, refused.Next(t), transparency.WrongRole)
		harness.Nothing(t, got)
		harness.RequireReason(t, s.Subscribe(harness.Prefix+"x", func(*wamp.Event) {}, nil), transparency.WrongRole)
		harness.RequireReason(t, s.Register(harness.Prefix+"x", harness.Echo, nil), transparency.WrongRole)
	})
}

func TestRulePlainEventAndInvocation(t *testing.T) {
	k := harness.NewKeys()
	t.Run("keyed is rejected", func(t *testing.T) {
		v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x")
		v.refuses(t, harness.Prefix+"x", wamp.List{"hi"}, nil, transparency.Plaintext, harness.OpaquePlain)
		v.refuses(t, harness.Prefix+"x", nil, nil, transparency.Plaintext, harness.OpaquePlain)
	})
	t.Run("keyed is delivered in a transition", func(t *testing.T) {
		ring := harness.RingOf(t, k.ResponderKey())
		exact := keyring.Exact(harness.Prefix + "x")
		require.NoError(t, ring.Set(exact, k.ResponderKey()))
		require.NoError(t, ring.Transition(exact, keyring.AcceptPlain, time.Now().Add(time.Hour)))
		v := newVictim(t, ring, harness.Prefix+"x")
		require.NoError(t, v.router.Publish(harness.Prefix+"x", nil, wamp.List{"hi"}, nil))
		ev := harness.Receive(t, v.events)
		require.Equal(t, wamp.List{"hi"}, ev.Arguments)
		_, sealed := transparency.InfoFrom(ev.Details)
		require.False(t, sealed)
		res, err := v.router.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{"hi"}, nil, nil)
		require.NoError(t, err)
		require.Equal(t, wamp.List{"hi"}, res.Arguments)

		require.EqualValues(t, 2, v.Stats().Plain)

		other := newVictim(t, ring, harness.Prefix+"xy")
		other.refuses(t, harness.Prefix+"xy", wamp.List{"hi"}, nil, transparency.Plaintext, harness.OpaquePlain)
	})
	t.Run("not keyed is delivered", func(t *testing.T) {
		v := newVictim(t, harness.RingOf(t, k.ResponderKey()), "com.plain.x")
		require.NoError(t, v.router.Publish("com.plain.x", nil, wamp.List{"hi"}, nil))
		require.Equal(t, wamp.List{"hi"}, harness.Receive(t, v.events).Arguments)
	})
	t.Run("what the ring says nothing of any more is rejected", func(t *testing.T) {
		ring := harness.RingOf(t, k.ResponderKey())
		v := newVictim(t, ring, "com.plain.x")
		require.NoError(t, ring.Remove(keyring.Prefix("")))
		v.refuses(t, "com.plain.x", wamp.List{"hi"}, nil, transparency.NoKey, harness.OpaquePlain)
	})
}

// parts are payloads with an enc that is not a whole envelope, alone.
func parts(t *testing.T) map[string]wire.Part {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	whole := func(change func([]byte) []byte) any {
		kwargs := forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindPublish, nil))
		return changedBytes(t, kwargs["enc"], change)
	}
	right := func(b []byte) []byte { return b }
	return map[string]wire.Part{
		"an argument beside it":     {Args: wamp.List{"x"}, Kwargs: wamp.Dict{"enc": whole(right)}},
		"a keyword argument beside": {Kwargs: wamp.Dict{"enc": whole(right), "x": 1}},
		"text":                      {Kwargs: wamp.Dict{"enc": "§"}},
		"null":                      {Kwargs: wamp.Dict{"enc": nil}},
		"a number":                  {Kwargs: wamp.Dict{"enc": 1.5}},
		"an empty map":              {Kwargs: wamp.Dict{"enc": wamp.Dict{}}},
		"format 1":                  {Kwargs: wamp.Dict{"enc": wamp.Dict{"algo": "cryptobox", "serializer": "cbor", "payload": whole(right)}}},
		"no bytes":                  {Kwargs: wamp.Dict{"enc": []byte{}}},
		"cut short":                 {Kwargs: wamp.Dict{"enc": whole(func(b []byte) []byte { return b[:cryptobox.MinSealed-1] })}},
		"suite 0":                   {Kwargs: wamp.Dict{"enc": whole(func(b []byte) []byte { b[0] = 0; return b })}},
		"suite 6":                   {Kwargs: wamp.Dict{"enc": whole(func(b []byte) []byte { b[0] = 6; return b })}},
	}
}

func TestRulePartsOfAnEnvelope(t *testing.T) {
	k := harness.NewKeys()
	all := parts(t)
	for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
		t.Run(uri, func(t *testing.T) {
			v := newVictim(t, harness.AcceptPlain(t, harness.RingOf(t, k.ResponderKey())), uri)
			for name, part := range all {
				t.Run(name, func(t *testing.T) {
					v.refuses(t, uri, part.Args, part.Kwargs, transparency.Malformed, harness.OpaqueError)
				})
			}
		})
	}
	t.Run("answers", func(t *testing.T) {
		r := startRouter(t)
		router := local.plain(t, r)
		refused, option := harness.Collect()
		s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), option)
		var answer client.InvokeResult
		for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
			require.NoError(t, router.Register(uri, func(context.Context, *wamp.Invocation) client.InvokeResult { return answer }, nil))
			for name, part := range all {
				for _, errorURI := range []wamp.URI{"", "com.myapp.error", "wamp.error.runtime_error"} {
					answer = client.InvokeResult{Args: part.Args, Kwargs: part.Kwargs, Err: errorURI}
					_, err := s.Call(harness.Timeout(t), uri, nil, nil, nil, nil)
					harness.RequireReason(t, err, transparency.Malformed)
					harness.RequireReason(t, refused.Next(t), transparency.Malformed)
					require.NotErrorAs(t, err, new(client.RPCError), name)
				}
			}
		}
	})
}

func TestRuleReservedOptionsAndArguments(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	s := links[1].session(t, r, harness.RingOf(t, keyring.Pair(k.Originator, k.Responder)))
	refused, option := harness.Collect()
	callee := links[1].session(t, r, harness.RingOf(t, keyring.Pair(k.Originator, k.Responder)), option)
	for _, name := range []string{"enc_algo", "enc_anything", "ppt_scheme", "ppt_keyid"} {
		options := wamp.Dict{name: "x"}
		for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
			harness.RequireReason(t, s.Publish(uri, options, nil, nil), transparency.ReservedOption)
			harness.RequireReason(t, s.Subscribe(uri, func(*wamp.Event) {}, options), transparency.ReservedOption)
			harness.RequireReason(t, s.Register(uri, harness.Echo, options), transparency.ReservedOption)
			_, err := s.Call(harness.Timeout(t), uri, options, nil, nil, nil)
			harness.RequireReason(t, err, transparency.ReservedOption)
			_, err = s.CallProgressive(harness.Timeout(t), uri, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				return options, nil, nil, nil
			}, nil)
			harness.RequireReason(t, err, transparency.ReservedOption)

			require.NoError(t, callee.Register(uri, answering(client.InvokeResult{Options: options, Args: wamp.List{"secret"}}), nil))
			_, err = s.Call(harness.Timeout(t), uri, nil, nil, nil, nil)
			require.Equal(t, wamp.URI("wamp.error.runtime_error"), harness.Raised(t, err).Error)
			require.Empty(t, harness.Raised(t, err).Arguments)
			harness.RequireReason(t, refused.Next(t), transparency.ReservedOption)
			require.NoError(t, callee.Unregister(uri))
		}
	}
	enc := wamp.Dict{"enc": "x"}
	harness.RequireReason(t, s.Publish("com.plain.x", nil, nil, enc), transparency.ReservedOption)
	_, err := s.Call(harness.Timeout(t), "com.plain.x", nil, nil, enc, nil)
	harness.RequireReason(t, err, transparency.ReservedOption)
	require.NoError(t, s.Publish(harness.Prefix+"x", nil, nil, enc), "sealed, the name is free")

	require.NoError(t, callee.Register("com.plain.x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		harness.RequireReason(t, callee.SendProgress(ctx, nil, enc), transparency.ReservedOption)
		return client.InvokeResult{Kwargs: enc}
	}, nil))
	_, err = s.Call(harness.Timeout(t), "com.plain.x", nil, nil, nil, func(*wamp.Result) { t.Error("delivered") })
	require.Equal(t, wamp.URI("wamp.error.runtime_error"), harness.Raised(t, err).Error)
	harness.RequireReason(t, refused.Next(t), transparency.ReservedOption)
}

func TestRuleResultAndProgressOfASealedCall(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	router := local.plain(t, r)
	refused, option := harness.Collect()
	s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), option)
	t.Run("plain result", func(t *testing.T) {
		require.NoError(t, router.Register(harness.Prefix+"result", answering(client.InvokeResult{Args: wamp.List{"x"}}), nil))
		res, err := s.Call(harness.Timeout(t), harness.Prefix+"result", nil, nil, nil, nil)
		require.Nil(t, res)
		harness.RequireReason(t, err, transparency.Plaintext)
		harness.RequireReason(t, refused.Next(t), transparency.Plaintext)
	})
	t.Run("plain progress", func(t *testing.T) {
		ended := make(chan struct{})
		require.NoError(t, router.Register(harness.Prefix+"progress", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			_ = router.SendProgress(ctx, wamp.List{"x"}, nil)
			<-ctx.Done() // the call has to end on the caller's side
			close(ended)
			return client.InvocationCanceled
		}, nil))
		res, err := s.Call(harness.Timeout(t), harness.Prefix+"progress", nil, nil, nil, func(*wamp.Result) { t.Error("delivered") })
		require.Nil(t, res)
		harness.RequireReason(t, err, transparency.Plaintext)
		harness.RequireReason(t, refused.Next(t), transparency.Plaintext)
		harness.Receive(t, ended)
	})
	t.Run("sealed result of a plain call", func(t *testing.T) {
		forge := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
		kwargs := forge.Seal("com.plain.result", forge.Bind(cryptobox.KindResult, nil))
		require.NoError(t, router.Register("com.plain.result", answering(client.InvokeResult{Kwargs: kwargs}), nil))
		_, err := s.Call(harness.Timeout(t), "com.plain.result", nil, nil, nil, nil)
		harness.RequireReason(t, err, transparency.WrongRequest)
	})
}

func TestRuleYieldAndProgressOfASealedInvocation(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	refused, option := harness.Collect()
	s := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()), option)
	router := local.plain(t, r)
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	call := func(progress client.ProgressHandler) (*wamp.Result, error) {
		kwargs := forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil))
		return router.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, kwargs, progress)
	}
	t.Run("sealed", func(t *testing.T) {
		require.NoError(t, s.Register(harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			require.NoError(t, s.SendProgress(ctx, wamp.List{"half"}, nil))
			return client.InvokeResult{Args: wamp.List{"whole"}}
		}, nil))
		res, err := call(func(half *wamp.Result) {
			record, _ := forge.Open(half.Arguments, half.ArgumentsKw)
			require.Equal(t, []any{"half"}, record.Args)
		})
		require.NoError(t, err)
		record, _ := forge.Open(res.Arguments, res.ArgumentsKw)
		require.Equal(t, []any{"whole"}, record.Args)
		require.NoError(t, s.Unregister(harness.Prefix+"x"))
	})
	t.Run("or an error without payload", func(t *testing.T) {
		require.NoError(t, s.Register(harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			err := s.SendProgress(ctx, wamp.List{"secret", make(chan int)}, nil)
			harness.RequireReason(t, err, transparency.Unsealable)
			return client.InvokeResult{Args: wamp.List{"secret", make(chan int)}}
		}, nil))
		_, err := call(func(*wamp.Result) { t.Error("progress was sent") })
		got := harness.Raised(t, err)
		require.Equal(t, harness.OpaqueError, got.Error)
		record, _ := forge.Open(got.Arguments, got.ArgumentsKw)
		require.Equal(t, "wamp.error.runtime_error", record.URI)
		require.Nil(t, record.Args)
		require.Nil(t, record.Kwargs)
		harness.RequireReason(t, refused.Next(t), transparency.Unsealable)
	})
}

// TestRuleErrorByAHandlerAnsweringASealedCall: of the foreign dialects see
// TestErrorsOfHandlersInEachDialect.
func TestRuleErrorByAHandlerAnsweringASealedCall(t *testing.T) {
	for _, errorURI := range []string{"com.myapp.error1", harness.Prefix + "error1"} {
		t.Run(errorURI, func(t *testing.T) {
			k := harness.NewKeys()
			r := startRouter(t)
			callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
			require.NoError(t, callee.Register(harness.Prefix+"x", answering(client.InvokeResult{
				Err: wamp.URI(errorURI), Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"},
			}), nil))
			forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
			kwargs, token := forge.SealToken(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil))
			_, err := local.plain(t, r).Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, kwargs, nil)
			got := harness.Raised(t, err)
			require.Equal(t, harness.OpaqueError, got.Error, "the error URI is sealed")
			record, _ := forge.Open(got.Arguments, got.ArgumentsKw)
			require.Equal(t, errorURI, record.URI)
			require.Equal(t, []any{"secret"}, record.Args)
			require.Equal(t, token, record.Re)

			originator := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
			_, err = originator.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
			got = harness.Raised(t, err)
			require.Equal(t, wamp.URI(errorURI), got.Error)
			require.Equal(t, wamp.List{"secret"}, got.Arguments)
			require.Equal(t, wamp.Dict{"k": "secret"}, got.ArgumentsKw)
		})
	}
}

func TestRuleErrorByAHandlerAnsweringAPlainCall(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
	require.NoError(t, callee.Register("com.plain.x", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		uri, _ := wamp.AsURI(inv.Arguments[0])
		return client.InvokeResult{Err: uri, Args: wamp.List{"secret"}}
	}, nil))
	raised := func(uri string) *wamp.Error {
		_, err := local.plain(t, r).Call(harness.Timeout(t), "com.plain.x", nil, wamp.List{uri}, nil, nil)
		require.Equal(t, wamp.URI(uri), harness.Raised(t, err).Error)
		return harness.Raised(t, err)
	}
	t.Run("error URI keyed", func(t *testing.T) {
		got := raised(harness.Prefix + "error1")
		require.Empty(t, got.Arguments, "there is no call to bind it to")
		require.Empty(t, got.ArgumentsKw)
	})
	t.Run("error URI not keyed", func(t *testing.T) {
		require.Equal(t, wamp.List{"secret"}, raised("com.plain.error").Arguments)
	})
	t.Run("error URI that is our own", func(t *testing.T) {
		refused, option := harness.Collect()
		for uri, key := range map[string]keyring.Key{"com.plain.y": k.ResponderKey(), harness.Prefix + "y": k.ResponderKey()} {
			callee := local.session(t, r, harness.RingOf(t, key), option)
			require.NoError(t, callee.Register(uri, answering(client.InvokeResult{Err: "wampbox.error.sealed_only", Args: wamp.List{"secret"}}), nil))
			_, err := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey())).Call(harness.Timeout(t), uri, nil, nil, nil, nil)
			require.Equal(t, wamp.URI("wamp.error.runtime_error"), harness.Raised(t, err).Error)
			require.Empty(t, harness.Raised(t, err).Arguments)
			harness.RequireReason(t, refused.Next(t), transparency.ReservedOption)
		}
	})
}

func TestRulePlainErrorAnsweringASealedCall(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	var answer client.InvokeResult
	require.NoError(t, router.Register(harness.Prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult { return answer }, nil))
	refused, option := harness.Collect()
	s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), option)
	t.Run("of the protocol", func(t *testing.T) {
		answer = client.InvokeResult{Err: "wamp.error.invalid_argument", Args: wamp.List{"lie"}, Kwargs: wamp.Dict{"k": "lie"}}
		_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
		got := harness.Raised(t, err)
		require.Equal(t, wamp.ErrInvalidArgument, got.Error)
		require.Empty(t, got.Arguments)
		require.Empty(t, got.ArgumentsKw)
		_, err = s.Call(harness.Timeout(t), harness.Prefix+"nobody", nil, nil, nil, nil)
		require.Equal(t, wamp.ErrNoSuchProcedure, harness.Raised(t, err).Error)
	})
	t.Run("of an application", func(t *testing.T) {
		for _, uri := range []wamp.URI{"com.myapp.error1", harness.Prefix + "error1"} {
			answer = client.InvokeResult{Err: uri, Args: wamp.List{"lie"}}
			_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
			harness.RequireReason(t, err, transparency.Plaintext)
			require.NotErrorAs(t, err, new(client.RPCError))
			require.ErrorContains(t, err, string(uri))
			require.ErrorContains(t, err, harness.Prefix+"x", "the procedure")
			require.NotContains(t, err.Error(), "lie")
			harness.RequireReason(t, refused.Next(t), transparency.Plaintext)
		}
	})
	t.Run("to a plain call", func(t *testing.T) {
		answer = client.InvokeResult{Err: harness.Prefix + "error1", Args: wamp.List{"as given"}}
		require.NoError(t, router.Register("com.plain.x", func(context.Context, *wamp.Invocation) client.InvokeResult { return answer }, nil))
		_, err := s.Call(harness.Timeout(t), "com.plain.x", nil, nil, nil, nil)
		require.Equal(t, wamp.List{"as given"}, harness.Raised(t, err).Arguments)
	})
}

func TestRuleSealedError(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	forge := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	// change edits an otherwise right error that answers a sealed call.
	var change func(uri *string, bind *harness.Bound)
	var errorURI wamp.URI
	handler := func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		bind := forge.Bind(cryptobox.KindError, nil)
		if len(inv.ArgumentsKw) > 0 {
			_, bind.Re = forge.Open(inv.Arguments, inv.ArgumentsKw)
		}
		uri := "com.myapp.error1"
		change(&uri, bind)
		return client.InvokeResult{Err: errorURI, Kwargs: forge.Seal(uri, bind, "why")}
	}
	require.NoError(t, router.Register(harness.Prefix+"x", handler, nil))
	require.NoError(t, router.Register("com.plain.x", handler, nil))
	right := func(*string, *harness.Bound) {}
	for _, c := range []struct {
		name      string
		procedure string
		errorURI  wamp.URI
		change    func(*string, *harness.Bound)
		reason    transparency.Reason // none where it is accepted
	}{
		{"right", harness.Prefix + "x", harness.OpaqueError, right, 0},
		{"its URI outside", harness.Prefix + "x", "com.myapp.error1", right, transparency.WrongURI},
		{"another one's outside", harness.Prefix + "x", "wamp.error.runtime_error", right, transparency.WrongURI},
		{"longer outside", harness.Prefix + "x", "wampbox.error.sealed_only", right, transparency.WrongURI},
		{"of another realm", harness.Prefix + "x", harness.OpaqueError, func(_ *string, bind *harness.Bound) { bind.Realm = "realm2" }, transparency.WrongRealm},
		{"of no call", harness.Prefix + "x", harness.OpaqueError, func(_ *string, bind *harness.Bound) { bind.Re = cryptobox.Token{} }, transparency.WrongRequest},
		{"after progress that is lost", harness.Prefix + "x", harness.OpaqueError, func(_ *string, bind *harness.Bound) { bind.Seq = 1 }, transparency.Gap},
		{"a result", harness.Prefix + "x", harness.OpaqueError, func(_ *string, bind *harness.Bound) { bind.Kind = cryptobox.KindResult }, transparency.WrongKind},
		{"to a plain call", "com.plain.x", harness.OpaqueError, right, transparency.WrongRequest},
		{"to a plain call, error URI keyed", "com.plain.x", harness.Prefix + "error1", func(uri *string, _ *harness.Bound) { *uri = harness.Prefix + "error1" }, transparency.WrongRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused, option := harness.Collect()
			s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), option)
			change, errorURI = c.change, c.errorURI
			_, err := s.Call(harness.Timeout(t), c.procedure, nil, nil, nil, nil)
			if c.reason == 0 {
				require.Equal(t, wamp.URI("com.myapp.error1"), harness.Raised(t, err).Error)
				require.Equal(t, wamp.List{"why"}, harness.Raised(t, err).Arguments)
				require.Zero(t, refused.Count())
				return
			}
			harness.RequireReason(t, err, c.reason)
			require.NotErrorAs(t, err, new(client.RPCError))
			refusal := refused.Next(t)
			harness.RequireReason(t, refusal, c.reason)
			require.EqualValues(t, c.errorURI, refusal.URI, "what was sealed in a refused error isn't told")
		})
	}
}
