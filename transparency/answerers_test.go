package transparency_test

import (
	"context"
	"errors"
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

// answers are what a callee can answer with, by the Op of what the caller refuses of them.
// It is to go on when the caller is ready.
func answers(callee *transparency.Session, ready func()) map[string]client.InvocationHandler {
	return map[string]client.InvocationHandler{
		"progress": func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			ready()
			_ = callee.SendProgress(ctx, wamp.List{marker}, nil)
			<-ctx.Done() // the caller ends the call
			return client.InvocationCanceled
		},
		"result": func(context.Context, *wamp.Invocation) client.InvokeResult {
			ready()
			return client.InvokeResult{Args: wamp.List{marker}}
		},
		"error": func(context.Context, *wamp.Invocation) client.InvokeResult {
			ready()
			return client.InvokeResult{Err: "com.myapp.error1", Args: wamp.List{marker}}
		},
	}
}

// TestAnswersOfWhoIsNotListed aren't taken, nor what it says of a call that it refuses.
func TestAnswersOfWhoIsNotListed(t *testing.T) {
	forEachSigned(t, func(t *testing.T, k harness.Keys) {
		c, r := company{k.Parties()}, startRouter(t)
		parts := c.sending(harness.Originating)
		parts.Answerers = c.parties(harness.DoingBoth)
		refused, collecting := harness.Collect()
		caller := links[1].session(t, r, holding(t, parts), collecting)
		callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
		strict := local.session(t, r, harness.RingOf(t, k.ResponderKey()), transparency.WithMaxAge(time.Nanosecond), transparency.WithClockSkew(0))
		require.NoError(t, strict.Register(harness.Prefix+"refusal", harness.Echo, nil))
		for op, handler := range answers(callee, func() {}) {
			require.NoError(t, callee.Register(harness.Prefix+op, handler, nil))
		}
		for procedure, op := range map[string]string{"progress": "progress", "result": "result", "error": "error", "refusal": "error"} {
			_, err := caller.Call(harness.Timeout(t), harness.Prefix+procedure, nil, nil, nil, func(*wamp.Result) { t.Error("delivered") })
			harness.RequireReason(t, err, transparency.WrongSender)
			require.NotErrorAs(t, err, new(client.RPCError))
			e := refused.Next(t)
			require.Equal(t, op, e.Op)
			require.Equal(t, k.OriginatorKey().ID(), e.From.KeyID)
			require.NotEmpty(t, e.Ref)
			require.Nil(t, e.Peer)
			require.NotContains(t, e.Error(), marker)
		}
		require.Equal(t, map[transparency.Reason]uint64{transparency.WrongSender: 4}, caller.Stats().Rejected)
		require.Equal(t, map[transparency.Reason]uint64{transparency.Stale: 1}, strict.Stats().Rejected)
	})
}

// anyAnswerer has a caller take the answers of whoever reads.
func (c *company) anyAnswerer(name string) keyring.Signing {
	parts := c.sending(name)
	parts.Answerers, parts.AnyAnswerer = nil, true
	return parts
}

// answeredBy has a callee answer with each kind of answer, and gives what the caller gets.
func answeredBy(t *testing.T, caller, callee keyring.Signing) (infos []transparency.Info, errs []error) {
	t.Helper()
	r := startRouter(t)
	s, serving := links[1].session(t, r, holding(t, caller)), local.session(t, r, holding(t, callee))
	for procedure, raise := range map[string]wamp.URI{"result": "", "error": "com.myapp.error1"} {
		require.NoError(t, serving.Register(harness.Prefix+procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			_ = serving.SendProgress(ctx, nil, nil)
			return client.InvokeResult{Err: raise, Args: wamp.List{marker}}
		}, nil))
		res, err := s.Call(harness.Timeout(t), harness.Prefix+procedure, nil, nil, nil, func(progress *wamp.Result) { proving(t, &infos, progress.Details) })
		if raised, ok := errors.AsType[client.RPCError](err); ok {
			require.Equal(t, raise, raised.Err.Error)
			proving(t, &infos, raised.Err.Details)
		} else if err == nil {
			proving(t, &infos, res.Details)
		} else {
			errs = append(errs, err)
		}
	}
	return infos, errs
}

// TestAnyAnswerer: a caller that takes any answer isn't told who gave it, signed or not.
func TestAnyAnswerer(t *testing.T) {
	for name, once := range map[string]bool{"signed": false, "signed once": true} {
		for callee, change := range map[string]func(*keyring.Signing){
			"unsigned": func(parts *keyring.Signing) { parts.Sign = cryptobox.SigningKey{} },
			name:       func(*keyring.Signing) {},
			"stranger": func(parts *keyring.Signing) { parts.Sign = cryptobox.GenerateSigningKey() },
		} {
			t.Run(name+"/"+callee, func(t *testing.T) {
				c := newCompany(once)
				parts := c.serving(billing)
				change(&parts)
				infos, errs := answeredBy(t, c.anyAnswerer(billing), parts)
				require.Empty(t, errs)
				require.Len(t, infos, 4)
				for _, info := range infos {
					require.Zero(t, info.Sender)
					require.NotZero(t, info.Session)
					require.Equal(t, encrypted, info.Pattern)
				}
			})
		}
	}
}

// TestAnswersThatAreNotTaken: unsigned ones by who lists its answerers, and what is signed
// once by who doesn't say so, even if it takes any.
func TestAnswersThatAreNotTaken(t *testing.T) {
	c := newCompany(false)
	unsigned, once := c.serving(billing), c.serving(billing)
	unsigned.Sign, once.SignedOnce = cryptobox.SigningKey{}, true
	for name, parts := range map[string][2]keyring.Signing{
		"unsigned":         {c.sending(billing), unsigned},
		"once":             {c.sending(billing), once},
		"once, and any is": {c.anyAnswerer(billing), once},
	} {
		t.Run(name, func(t *testing.T) {
			infos, errs := answeredBy(t, parts[0], parts[1])
			require.Empty(t, infos)
			require.Len(t, errs, 2)
			for _, err := range errs {
				harness.RequireReason(t, err, transparency.WrongSender)
			}
		})
	}
}

// TestWhoListsNoAnswererOnlyPublishes: it is told before anything is sent.
func TestWhoListsNoAnswererOnlyPublishes(t *testing.T) {
	c := newCompany(false)
	parts := c.sending(billing)
	parts.Answerers = nil
	s, box := stubbed(t, holding(t, parts)) // which has no Call
	_, err := s.Call(harness.Timeout(t), keyedURI, nil, nil, nil, nil)
	harness.RequireReason(t, err, transparency.WrongRole)
	require.ErrorContains(t, err, "list answerers, or take any")
	_, err = s.CallProgressive(harness.Timeout(t), keyedURI, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		t.Error("asked for a chunk")
		return nil, nil, nil, nil
	}, nil)
	harness.RequireReason(t, err, transparency.WrongRole)
	require.Zero(t, s.Stats().Sealed)
	require.NoError(t, s.Publish(keyedURI, nil, nil, nil))
	require.Len(t, box.take(), 1)
	harness.RequireReason(t, s.Subscribe(keyedURI, func(*wamp.Event) {}, nil), transparency.WrongRole)
	harness.RequireReason(t, s.Register(keyedURI, harness.Echo, nil), transparency.WrongRole)
}

// TestWhoOnlyReadsSendsNothing but answers.
func TestWhoOnlyReadsSendsNothing(t *testing.T) {
	c := newCompany(false)
	parts := c.serving(billing)
	parts.Sign = cryptobox.SigningKey{}
	s, box := stubbed(t, holding(t, parts))
	harness.RequireReason(t, s.Publish(keyedURI, nil, nil, nil), transparency.WrongRole)
	_, err := s.Call(harness.Timeout(t), keyedURI, nil, nil, nil, nil)
	harness.RequireReason(t, err, transparency.WrongRole)
	require.Empty(t, box.take())
	require.NoError(t, s.Subscribe(keyedURI, func(*wamp.Event) {}, nil))
	require.NoError(t, s.Register(keyedURI, harness.Echo, nil))
}

// swapping are two calls that a router has, of one Session or of two, and who answers them.
type swapping struct {
	calls  [2]*played
	done   [2]<-chan harness.Outcome
	ids    [2]any
	tokens [2]cryptobox.Token
	callee *harness.Forger
}

// swap begins two calls.
func swap(t *testing.T, c *company, sameSession bool) *swapping {
	t.Helper()
	s := &swapping{callee: harness.NewForger(t, holding(t, c.serving(billing)), keyring.RoleResponder)}
	s.calls[0] = play(t, ours, handrouter.RawSocket, "cbor", keyring.Signed(c.sending(billing)), keyring.Signed(c.serving(billing)))
	s.calls[1] = s.calls[0]
	if !sameSession {
		s.calls[1] = play(t, ours, handrouter.RawSocket, "cbor", keyring.Signed(c.sending(billing)), keyring.Signed(c.serving(billing)))
	}
	for i, p := range s.calls {
		s.done[i] = p.calling(keyedURI, nil, nil, func(*wamp.Result) { t.Error("delivered") })
		call := p.Next()
		s.ids[i] = call[1]
		_, s.tokens[i] = s.callee.OpenPayload(p.encOf(call))
	}
	return s
}

// TestAnswersAreForTheirCallerAlone: a router that hands one caller the answer to another is
// found out, and so is one that swaps those of one caller.
func TestAnswersAreForTheirCallerAlone(t *testing.T) {
	for _, once := range []bool{false, true} {
		c := newCompany(once)
		for name, same := range map[string]bool{"two callers": false, "one caller": true} {
			for _, kind := range []cryptobox.Kind{cryptobox.KindResult, cryptobox.KindProgress, cryptobox.KindError, cryptobox.KindRefusal} {
				t.Run(name+"/"+kind.String(), func(t *testing.T) {
					s := swap(t, c, same)
					for i, p := range s.calls {
						record := &harness.Record{Bound: *s.callee.Bind(kind, func(b *harness.Bound) { b.Re = s.tokens[1-i] }), URI: keyedURI}
						head := []any{wamp.RESULT, s.ids[i], wamp.Dict{}}
						switch kind {
						case cryptobox.KindProgress:
							head[2] = wamp.Dict{wamp.OptProgress: true}
						case cryptobox.KindError, cryptobox.KindRefusal:
							head = []any{wamp.ERROR, wamp.CALL, s.ids[i], wamp.Dict{}, "wampbox.error"}
						}
						if kind == cryptobox.KindRefusal {
							record.Realm, record.URI, record.Args = "", "", []any{"Stale", time.Now().UnixMilli()}
						}
						env, _ := s.callee.Envelope(record)
						p.Send(ours.message(head, nil, env.Payload)...)
						if kind == cryptobox.KindProgress {
							require.EqualValues(t, wamp.CANCEL, p.Next()[0])
							p.Send(wamp.ERROR, wamp.CALL, s.ids[i], wamp.Dict{}, wamp.ErrCanceled)
						}
						reason := transparency.NotOpened
						if same {
							reason = transparency.WrongRequest
						}
						harness.RequireReason(t, harness.Receive(t, s.done[i]).Err, reason)
					}
				})
			}
		}
	}
}

// TestTheFirstWhoAnswersGoesOn: another listed answerer doesn't, though it speaks as the same
// Session.
func TestTheFirstWhoAnswersGoesOn(t *testing.T) {
	c := newCompany(false)
	p := play(t, ours, handrouter.RawSocket, "cbor", keyring.Signed(c.sending(billing)), keyring.Signed(c.serving(billing)))
	other := c.serving(billing)
	other.Sign = c.Sign[harness.DoingBoth]
	second := harness.NewForger(t, holding(t, other), keyring.RoleResponder)
	second.From = p.From
	got := make(chan transparency.Sender, 1)
	done := p.calling(keyedURI, nil, nil, func(progress *wamp.Result) { got <- senderOf(t, progress.Details) })
	call := p.Next()
	enc := p.encOf(call)
	_, token := p.OpenPayload(enc)
	_, same := second.OpenPayload(enc)
	require.Equal(t, token, same)
	p.deliver(&harness.Record{Bound: *p.Bind(cryptobox.KindProgress, func(b *harness.Bound) { b.Re = token }), URI: keyedURI},
		wamp.RESULT, call[1], wamp.Dict{wamp.OptProgress: true})
	require.Equal(t, c.sender(harness.Responding), harness.Receive(t, got))
	env, _ := second.Envelope(&harness.Record{Bound: *second.Bind(cryptobox.KindResult, func(b *harness.Bound) { b.Re, b.Seq = token, 1 }), URI: keyedURI})
	p.Send(ours.message([]any{wamp.RESULT, call[1], wamp.Dict{}}, nil, env.Payload)...)
	harness.RequireReason(t, harness.Receive(t, done).Err, transparency.WrongRequest)
}
