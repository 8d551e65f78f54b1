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

// An exchange goes on with the version that it began with, whatever its dates say.

// soon is a date that comes within a test: late enough for a call to begin before it.
func soon() time.Time { return time.Now().Add(1500 * time.Millisecond) }

// conversation is a progressive call with progress and an answer, of which a date comes
// in the middle. It tells under which key each part came.
type conversation struct {
	caller, callee *transparency.Session
	middle         func()   // at the caller, between its chunks
	answer         wamp.URI // error to answer with; none for a result
	chunks, back   []string // key ids
	err            error    // that the caller got
	got            []any    // by the caller
}

func (c *conversation) hold(t *testing.T) {
	t.Helper()
	const uri = harness.Prefix + "x"
	id := func(details wamp.Dict) string {
		info, _ := transparency.InfoFrom(details)
		return info.KeyID
	}
	first := make(chan struct{}, 1)
	require.NoError(t, c.callee.Register(uri, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		c.chunks = append(c.chunks, id(inv.Details))
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			first <- struct{}{}
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		if err := c.callee.SendProgress(ctx, wamp.List{"progress"}, nil); err != nil {
			t.Error(err)
		}
		return client.InvokeResult{Err: c.answer, Args: wamp.List{"answer"}}
	}, nil))
	sent := 0
	var res *wamp.Result
	res, c.err = c.caller.CallProgressive(harness.Timeout(t), uri, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		if sent++; sent == 2 {
			harness.Receive(t, first)
			c.middle()
		}
		return wamp.Dict{wamp.OptProgress: sent < 2}, wamp.List{sent}, nil, nil
	}, func(progress *wamp.Result) {
		c.back, c.got = append(c.back, id(progress.Details)), append(c.got, progress.Arguments...)
	})
	if c.answer != "" {
		raised := harness.Raised(t, c.err)
		res = &wamp.Result{Details: raised.Details, Arguments: raised.Arguments}
	} else {
		require.NoError(t, c.err)
	}
	c.back, c.got = append(c.back, id(res.Details)), append(c.got, res.Arguments...)
	require.Equal(t, []any{"progress", "answer"}, c.got)
	require.NoError(t, c.callee.Unregister(uri))
}

// TestExchangeOutlivesNotAfter: it goes on, sealed, and no other begins.
func TestExchangeOutlivesNotAfter(t *testing.T) {
	for answer, k := range map[wamp.URI]harness.Keys{
		"": harness.NewKeys(), "com.myapp.error1": harness.NewKeys(), "com.myapp.error2": harness.SignedKeys(cryptobox.SuiteSigned, true),
	} {
		t.Run("answered with "+string(answer), func(t *testing.T) {
			t.Parallel()
			id := k.OriginatorKey().ID()
			r := startRouter(t)
			callerRing, calleeRing := harness.RingOf(t, k.OriginatorKey()), harness.RingOf(t, k.ResponderKey())
			refused, option := harness.Collect()
			c := &conversation{caller: links[1].session(t, r, callerRing, option), callee: local.session(t, r, calleeRing, option), answer: answer}
			end := soon()
			require.NoError(t, callerRing.SetDates(encrypted, id, keyring.Dates{NotAfter: end}))
			require.NoError(t, calleeRing.SetDates(encrypted, id, keyring.Dates{NotAfter: end}))
			c.middle = func() { time.Sleep(time.Until(end) + 10*time.Millisecond) }
			c.hold(t)
			require.Equal(t, []string{id, id}, c.chunks)
			require.Equal(t, []string{id, id}, c.back)
			require.Zero(t, refused.Count())

			_, err := c.caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
			harness.RequireReason(t, err, transparency.NoKey)
			require.ErrorIs(t, err, keyring.ErrNoActive)
			err = c.callee.Register(harness.Prefix+"x", harness.Echo, nil)
			harness.RequireReason(t, err, transparency.NoKey)
			require.ErrorIs(t, err, keyring.ErrExpired)
		})
	}
}

// TestExpiredAtTheCalleeAlone: the caller's clock is behind, or its dates are others.
func TestExpiredAtTheCalleeAlone(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	ring := harness.RingOf(t, k.ResponderKey())
	refused, option := harness.Collect()
	callee := local.session(t, r, ring, option)
	require.NoError(t, callee.Register(harness.Prefix+"x", harness.Echo, nil))
	caller := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
	_, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
	require.NoError(t, err)
	require.NoError(t, ring.SetDates(encrypted, k.ResponderKey().ID(), keyring.Dates{NotAfter: time.Now().Add(-time.Second)}))
	_, err = caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
	harness.RequireRefused(t, err, 0)
	refusal := refused.Next(t)
	harness.RequireReason(t, refusal, transparency.NotOpened)
	require.ErrorIs(t, refusal, keyring.ErrExpired)
}

// TestExchangeKeepsItsVersion: what follows is sealed with the version of the first
// message, although a newer one seals by now, which the next exchange has. So it is where the
// older one isn't signed, and opens nothing more that begins.
func TestExchangeKeepsItsVersion(t *testing.T) {
	box := harness.NewKeys
	signed := func() harness.Keys { return harness.SignedKeys(cryptobox.SuiteSigned, true) }
	for name, c := range map[string]struct {
		old, next harness.Keys
		answer    wamp.URI
	}{
		"box, result":        {box(), box(), ""},
		"box, error":         {box(), box(), "com.myapp.error1"},
		"box, keyed error":   {box(), box(), harness.Prefix + "error1"},
		"signed":             {signed(), signed(), harness.Prefix + "error1"},
		"from box to signed": {box(), signed(), harness.Prefix + "error1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, next, answer := c.old, c.next, c.answer
			r := startRouter(t)
			callerRing, calleeRing := harness.RingOf(t, old.OriginatorKey()), harness.RingOf(t, old.ResponderKey())
			c := &conversation{caller: links[1].session(t, r, callerRing), callee: local.session(t, r, calleeRing), answer: answer}
			date := soon()
			if next.Parties() != nil {
				require.NoError(t, callerRing.AllowUnsigned(encrypted, date))
				require.NoError(t, calleeRing.AllowUnsigned(encrypted, date))
			}
			require.NoError(t, callerRing.Add(encrypted, next.OriginatorKey(), keyring.Dates{ActiveFrom: date}))
			require.NoError(t, calleeRing.Add(encrypted, next.ResponderKey(), keyring.Dates{ActiveFrom: date}))
			c.middle = func() { time.Sleep(time.Until(date) + 10*time.Millisecond) }
			c.hold(t)
			id := old.OriginatorKey().ID()
			require.Equal(t, []string{id, id}, c.chunks)
			require.Equal(t, []string{id, id}, c.back)

			c.chunks, c.back, c.got, c.middle = nil, nil, nil, func() {}
			c.hold(t)
			id = next.OriginatorKey().ID()
			require.Equal(t, []string{id, id}, c.chunks)
			require.Equal(t, []string{id, id}, c.back)
		})
	}
}

// otherVersion seals with another version than the exchange's, under its own id and under
// the exchange's; and with the exchange's, under the id of the other one.
func otherVersion(t *testing.T, right, other *harness.Forger) map[string]func(uri string, bind *harness.Bound) wamp.Dict {
	named := func(f *harness.Forger, id cryptobox.KeyID) func(string, *harness.Bound) wamp.Dict {
		return func(uri string, bind *harness.Bound) wamp.Dict {
			return wamp.Dict{"enc": changedBytes(t, f.Seal(uri, bind, "forged")["enc"], func(b []byte) []byte {
				copy(b[1:], id[:])
				return b
			})}
		}
	}
	rights, others := right.Version.Key().ID(), other.Version.Key().ID()
	return map[string]func(string, *harness.Bound) wamp.Dict{
		"its own id":         named(other, others),
		"the exchange's id":  named(other, rights),
		"the exchange's key": named(right, others),
	}
}

func TestLaterChunkUnderAnotherVersion(t *testing.T) {
	old, next := harness.NewKeys(), harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, old.OriginatorKey()), keyring.RoleOriginator)
	other := harness.NewForger(t, harness.RingOf(t, next.OriginatorKey()), keyring.RoleOriginator)
	other.From = forge.From
	for name, seal := range otherVersion(t, forge, other) {
		t.Run(name, func(t *testing.T) {
			ring := harness.RingOf(t, old.ResponderKey())
			require.NoError(t, ring.Add(encrypted, next.ResponderKey(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)}))
			refused, option := harness.Collect()
			s, stub := stubbed(t, ring, option)
			var got []any
			require.NoError(t, s.Register(harness.Prefix+"x", collecting(&got), nil))
			ctx := t.Context()
			send := func(kwargs wamp.Dict, more bool) client.InvokeResult {
				return stub.invocation(ctx, &wamp.Invocation{Request: 7, ArgumentsKw: kwargs, Details: wamp.Dict{wamp.OptProgress: more}})
			}
			first, token := forge.SealToken(harness.Prefix+"x", forge.Bind(cryptobox.KindCallProgress, nil), "first")
			send(first, true)
			later := forge.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Re, b.Seq = token, 1 })
			answer := send(seal(harness.Prefix+"x", later), false)
			harness.RequireOpaque(t, harness.OpaqueError, answer.Err, answer.Args, answer.Kwargs)
			harness.RequireReason(t, refused.Next(t), transparency.NotOpened)
			require.Equal(t, []any{"first"}, got)
		})
	}
}

func TestAnswerUnderAnotherVersion(t *testing.T) {
	old, next := harness.NewKeys(), harness.NewKeys()
	right := harness.NewForger(t, harness.RingOf(t, old.ResponderKey()), keyring.RoleResponder)
	other := harness.NewForger(t, harness.RingOf(t, next.ResponderKey()), keyring.RoleResponder)
	r := startRouter(t)
	router := local.plain(t, r)
	ring := harness.RingOf(t, old.OriginatorKey())
	require.NoError(t, ring.Add(encrypted, next.OriginatorKey(), keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	s := links[1].session(t, r, ring)
	for name, seal := range otherVersion(t, right, other) {
		for _, kind := range []cryptobox.Kind{cryptobox.KindResult, cryptobox.KindProgress, cryptobox.KindError} {
			t.Run(name+" "+kind.String(), func(t *testing.T) {
				require.NoError(t, router.Register(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
					_, token := right.Open(inv.Arguments, inv.ArgumentsKw)
					bind := other.Bind(kind, func(b *harness.Bound) { b.Re = token })
					switch kind {
					case cryptobox.KindError:
						return client.InvokeResult{Err: harness.OpaqueError, Kwargs: seal("com.myapp.error1", bind)}
					case cryptobox.KindProgress:
						_ = router.SendProgress(ctx, nil, seal(harness.Prefix+"x", bind))
						<-ctx.Done()
						return client.InvocationCanceled
					}
					return client.InvokeResult{Kwargs: seal(harness.Prefix+"x", bind)}
				}, nil))
				_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, func(*wamp.Result) { t.Error("delivered") })
				harness.RequireReason(t, err, transparency.NotOpened)
				require.NoError(t, router.Unregister(harness.Prefix+"x"))
			})
		}
	}
}

// TestSecretInAnotherSuite: a counter that was accepted in one suite isn't accepted again
// in another one of the same pair.
func TestSecretInAnotherSuite(t *testing.T) {
	k := harness.NewKeys()
	p := post(t, k)
	sub, serve := p.subscribe(harness.Prefix+"x", nil), p.serves(nil)
	publish, call := p.Bind(cryptobox.KindPublish, nil), p.Bind(cryptobox.KindCall, nil)
	p.takes(sub, p.Seal(harness.Prefix+"x", publish))
	p.judgesCall(serve, p.Seal(harness.Prefix+"x", call), 0)

	k.Suite = cryptobox.SuiteXBox
	require.NoError(t, p.ring.Set(encrypted, k.ResponderKey()))
	other := harness.Holding(t, harness.RingOf(t, k.OriginatorKey()))
	require.NotEqual(t, p.Version.ID(), other.Version.ID())
	p.refuses(sub, other.Seal(harness.Prefix+"x", publish), transparency.Replayed)
	p.judgesCall(serve, other.Seal(harness.Prefix+"x", call), transparency.Replayed)
}
