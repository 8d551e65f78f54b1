package transparency_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// What a router can do to peers that write no binding, and what it can't: the column
// of the README that is for them. A test that shows an attack to work keeps the README
// honest.

// TestHostileUnboundStopped: a key that allows unbound peers still proves who sealed,
// and for which URI, and a payload counts once.
func TestHostileUnboundStopped(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(t *testing.T, _ dialect, play playing) {
		s := serve(play(k.ResponderKey().AllowUnbound(), k.OriginatorKey()), keyedURI)
		event, call := s.unboundTail(keyedURI), s.unboundTail(keyedURI)
		s.accepts(event, call)
		s.refuses(event, call, transparency.Replayed, harness.OpaqueNoDetail)

		other := s.unboundTail(harness.Prefix + "other")
		s.refuses(other, other, transparency.WrongURI, harness.OpaqueNoDetail)

		stripped := tail{payload: []any{[]any{"made up"}}}
		s.refuses(stripped, stripped, transparency.Plaintext, harness.OpaqueNoDetail)

		s.Forger = harness.Holding(t, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
		forged := s.unboundTail(keyedURI)
		s.refuses(forged, forged, transparency.NotOpened, harness.OpaqueNoDetail)
	})
}

// TestHostileUnboundServed: what an unbound payload doesn't say can't be checked: not
// whether it was an event or a call, nor whether an earlier Session has had it.
func TestHostileUnboundServed(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(_ *testing.T, _ dialect, play playing) {
		s := serve(play(k.ResponderKey().AllowUnbound(), k.OriginatorKey()), keyedURI)
		eventAndCall := s.unboundTail(keyedURI)
		s.accepts(eventAndCall, eventAndCall)

		later := serve(play(k.ResponderKey().AllowUnbound(), k.OriginatorKey()), keyedURI)
		later.accepts(eventAndCall, eventAndCall)
	})
}

// unboundCalls has the Session make two calls, and returns their request ids, what
// comes of them, and how to send them a RESULT.
func unboundCalls(p *played) (requests [2]any, results [2]<-chan harness.Outcome, send func(i int, tl tail)) {
	p.t.Helper()
	for i := range results {
		results[i] = p.calling(keyedURI, nil, nil, nil)
		got, _, _ := p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, keyedURI)
		requests[i] = got[1]
	}
	return requests, results, func(i int, tl tail) {
		p.t.Helper()
		p.Send(append([]any{wamp.RESULT, requests[i], orEmpty(tl.attributes)}, tl.payload...)...)
	}
}

// answerTail seals a result that binds nothing.
func (p *played) answerTail(args ...any) tail {
	p.t.Helper()
	env, _ := p.envelope(cryptobox.NewRecord(keyedURI, args, nil, nil))
	env.KeyID = ""
	return p.tail(p.dialect, env, nil)
}

// TestHostileUnboundAnswered: an unbound answer says neither which call it is for,
// nor that it is an answer. What was sealed by the Session itself is bound, and no
// answer to it.
func TestHostileUnboundAnswered(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(t *testing.T, _ dialect, play playing) {
		connect := func() *played { return play(k.OriginatorKey().AllowUnbound(), k.ResponderKey()) }
		t.Run("swapped results", func(t *testing.T) {
			p := connect()
			_, results, send := unboundCalls(p)
			send(0, p.answerTail("for the second"))
			send(1, p.answerTail("for the first"))
			for i, want := range []string{"for the second", "for the first"} {
				got := harness.Receive(t, results[i])
				require.NoError(t, got.Err)
				require.Equal(t, wamp.List{want}, got.Result.Arguments)
			}
		})
		t.Run("another's call reflected", func(t *testing.T) {
			p := connect()
			_, results, send := unboundCalls(p)
			p.Forger = harness.Holding(t, harness.RingOf(t, k.OriginatorKey()))
			send(0, p.answerTail("a question"))
			got := harness.Receive(t, results[0])
			require.NoError(t, got.Err)
			require.Equal(t, wamp.List{"a question"}, got.Result.Arguments)
		})
		t.Run("own call reflected", func(t *testing.T) {
			p := connect()
			done := p.calling(keyedURI, wamp.List{"a question"}, nil, nil)
			msg := p.nextMessage()
			attributes, _ := msg[2].(map[string]any)
			p.Send(append([]any{wamp.RESULT, msg[1], attributes}, msg[4:]...)...)
			harness.RequireReason(t, harness.Receive(t, done).Err, transparency.WrongKind)
		})
		t.Run("a made up error", func(t *testing.T) {
			p := connect()
			requests, results, _ := unboundCalls(p)
			p.Send(wamp.ERROR, wamp.CALL, requests[0], wamp.Dict{}, "com.myapp.made.up", []any{"by the router"})
			err := harness.Raised(t, harness.Receive(t, results[0]).Err)
			require.Equal(t, wamp.List{"by the router"}, err.Arguments)
			_, proved := transparency.InfoFrom(err.Details)
			require.False(t, proved)
		})
	})
}
