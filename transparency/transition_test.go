package transparency_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// inTransition is a ring with key, in a transition for the time of a test.
func inTransition(t *testing.T, key keyring.Key, plaintext keyring.Plaintext) *keyring.Ring {
	t.Helper()
	ring := harness.ClosedRing(t, key)
	require.NoError(t, ring.Transition(encrypted, plaintext, time.Now().Add(time.Hour)))
	return ring
}

// outside is a plain client that sees what a Session publishes and calls.
func outside(t *testing.T, r *testrouter.Router) (router *client.Client, seen <-chan *wamp.Event) {
	t.Helper()
	router = local.plain(t, r)
	require.NoError(t, router.Register(harness.Prefix+"echo", harness.Echo, nil))
	return router, events(t, router, harness.Prefix+"x", nil)
}

// TestSendPlain: sends plain, for which it needs no key that seals.
func TestSendPlain(t *testing.T) {
	k := harness.NewKeys()
	for name, key := range map[string]keyring.Key{"originator": k.OriginatorKey(), "responder": k.ResponderKey()} {
		t.Run(name, func(t *testing.T) {
			r := startRouter(t)
			_, seen := outside(t, r)
			ring := inTransition(t, key, keyring.SendPlain)
			log := &harness.Buffer{}
			s := links[1].session(t, r, ring, transparency.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
			for range 2 {
				require.NoError(t, s.Publish(harness.Prefix+"x", nil, wamp.List{"plain"}, nil))
				require.Equal(t, wamp.List{"plain"}, harness.Receive(t, seen).Arguments)
				res, err := s.Call(harness.Timeout(t), harness.Prefix+"echo", nil, wamp.List{"plain"}, nil, nil)
				require.NoError(t, err)
				require.Equal(t, wamp.List{"plain"}, res.Arguments)
				_, sealed := transparency.InfoFrom(res.Details)
				require.False(t, sealed)
			}
			none := map[transparency.Reason]uint64{}
			require.Equal(t, transparency.Stats{Plain: 4, Rejected: none, Keys: []transparency.KeyStats{{Pattern: encrypted, Plain: 4, Rejected: none}}}, s.Stats())
			require.Equal(t, 1, strings.Count(log.String(), "a message in plain, as its pattern is in transition"))
			require.Contains(t, log.String(), "plaintext=send")

			// Nothing plain is sent any more, whether or not it can be sealed.
			require.NoError(t, ring.EndTransition(encrypted))
			err := s.Publish(harness.Prefix+"x", wamp.Dict{"acknowledge": true}, wamp.List{"secret"}, nil)
			if name == "responder" {
				harness.RequireReason(t, err, transparency.WrongRole)
				harness.Nothing(t, seen)
				return
			}
			require.NoError(t, err)
			require.Contains(t, harness.Receive(t, seen).ArgumentsKw, "enc")
		})
	}
}

func TestAcceptPlainSeals(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	_, seen := outside(t, r)
	s := links[1].session(t, r, inTransition(t, k.OriginatorKey(), keyring.AcceptPlain))
	require.NoError(t, s.Publish(harness.Prefix+"x", nil, wamp.List{"secret"}, nil))
	ev := harness.Receive(t, seen)
	record, _ := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder).Open(ev.Arguments, ev.ArgumentsKw)
	require.Equal(t, []any{"secret"}, record.Args)
	_, err := s.Call(harness.Timeout(t), harness.Prefix+"nobody", nil, wamp.List{"secret"}, nil, nil)
	require.Equal(t, wamp.ErrNoSuchProcedure, harness.Raised(t, err).Error)
	require.EqualValues(t, 2, s.Stats().Sealed)
	require.Zero(t, s.Stats().Plain)
	res, err := s.Call(harness.Timeout(t), harness.Prefix+"echo", nil, nil, nil, nil)
	require.Nil(t, res)
	require.Error(t, err, "a sealed call that is echoed is no answer")
}

// TestTransitionTakesBoth: and answers each as it came.
func TestTransitionTakesBoth(t *testing.T) {
	for _, plaintext := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		t.Run(plaintext.String(), func(t *testing.T) {
			k := harness.NewKeys()
			h := hear(t, k, inTransition(t, k.ResponderKey(), plaintext), keyring.Exact(harness.Prefix+"x"))
			infos := map[bool]int{}
			require.NoError(t, h.Subscribe(harness.Prefix+"x", func(ev *wamp.Event) {
				h.got = append(h.got, ev.Arguments[0])
				_, sealed := transparency.InfoFrom(ev.Details)
				infos[sealed]++
			}, nil))
			for range 2 {
				require.Zero(t, h.deliver(harness.Prefix+"x", false))
				require.Zero(t, h.deliver(harness.Prefix+"x", true))
			}
			require.Equal(t, map[bool]int{false: 2, true: 2}, infos)
			require.EqualValues(t, 4, h.Stats().Plain)
			require.EqualValues(t, 4, h.Stats().Opened)
			require.Equal(t, 1, strings.Count(h.log.String(), "a message in plain, as its pattern is in transition"))
			require.Contains(t, h.log.String(), harness.Prefix)

			require.NoError(t, h.ring.EndTransition(encrypted))
			require.Equal(t, transparency.Plaintext, h.deliver(harness.Prefix+"x", false))
			require.Zero(t, h.deliver(harness.Prefix+"x", true))
			require.EqualValues(t, 4, h.Stats().Plain)
		})
	}
}

// TestErrorsInATransitionGoAsTheirCall: a caller that isn't in the transition yet has no
// key.
func TestErrorsInATransitionGoAsTheirCall(t *testing.T) {
	for _, plaintext := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		t.Run(plaintext.String(), func(t *testing.T) {
			k := harness.NewKeys()
			r := startRouter(t)
			callee := local.session(t, r, inTransition(t, k.ResponderKey(), plaintext))
			raised := client.InvokeResult{Err: harness.Prefix + "error1", Args: wamp.List{"why"}}
			require.NoError(t, callee.Register(harness.Prefix+"x", answering(raised), nil))
			_, err := local.plain(t, r).Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
			require.Equal(t, wamp.URI(harness.Prefix+"error1"), harness.Raised(t, err).Error)
			require.Equal(t, wamp.List{"why"}, harness.Raised(t, err).Arguments)

			forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
			kwargs := forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil))
			_, err = local.plain(t, r).Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, kwargs, nil)
			record, _ := forge.Open(harness.Raised(t, err).Arguments, harness.Raised(t, err).ArgumentsKw)
			require.Equal(t, []any{"why"}, record.Args)
		})
	}
}

// TestTransitionEndsInTheMiddleOfACall: what began plain finishes, and nothing begins so.
func TestTransitionEndsInTheMiddleOfACall(t *testing.T) {
	for _, byDate := range []bool{true, false} {
		for _, answer := range []wamp.URI{"", "com.myapp.error1"} {
			name := map[bool]string{true: "by date", false: "by EndTransition"}[byDate]
			t.Run(name+" answered with "+string(answer), func(t *testing.T) {
				t.Parallel()
				k := harness.NewKeys()
				id := k.OriginatorKey().ID()
				r := startRouter(t)
				until := time.Now().Add(time.Hour)
				if byDate {
					until = soon()
				}
				callerRing, calleeRing := harness.RingOf(t, k.OriginatorKey()), harness.RingOf(t, k.ResponderKey())
				require.NoError(t, callerRing.Transition(encrypted, keyring.SendPlain, until))
				require.NoError(t, calleeRing.Transition(encrypted, keyring.AcceptPlain, until))
				refused, option := harness.Collect()
				c := &conversation{caller: links[1].session(t, r, callerRing, option), callee: local.session(t, r, calleeRing, option), answer: answer}
				c.middle = func() {
					if byDate {
						time.Sleep(time.Until(until) + 10*time.Millisecond)
						return
					}
					require.NoError(t, callerRing.EndTransition(encrypted))
					require.NoError(t, calleeRing.EndTransition(encrypted))
				}
				c.hold(t)
				require.Equal(t, []string{"", ""}, c.chunks, "plain")
				require.Equal(t, []string{"", ""}, c.back, "plain")
				require.EqualValues(t, 1, c.caller.Stats().Plain)
				require.EqualValues(t, 1, c.callee.Stats().Plain)

				c.chunks, c.back, c.got, c.middle = nil, nil, nil, func() {}
				c.hold(t)
				require.Equal(t, []string{id, id}, c.chunks)
				require.Equal(t, []string{id, id}, c.back)
				require.Zero(t, refused.Count())

				require.NoError(t, c.callee.Register(harness.Prefix+"x", harness.Echo, nil))
				_, err := local.plain(t, r).Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{"plain"}, nil, nil)
				require.Equal(t, harness.OpaquePlain, harness.Raised(t, err).Error)
				harness.RequireReason(t, refused.Next(t), transparency.Plaintext)
			})
		}
	}
}
