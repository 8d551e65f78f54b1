package transparency_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// What a router can do to peers of the foreign dialects, and what it can't: the column
// of SECURITY.md that is for them. A test that shows an attack to work keeps that table
// honest.

// TestHostileForeignStopped: a payload still proves who sealed it, and in which dialect,
// for which URI, and counts once.
func TestHostileForeignStopped(t *testing.T) {
	forEachForeign(t, func(t *testing.T, _ dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		event, call := s.foreignTail(keyedURI), s.foreignTail(keyedURI)
		s.accepts(event, call)
		s.refuses(event, call, transparency.Replayed)

		other := s.foreignTail(harness.Prefix + "other")
		s.refuses(other, other, transparency.WrongURI)

		stripped := tail{payload: []any{[]any{"made up"}}}
		s.refuses(stripped, stripped, transparency.Plaintext)

		s.Forger = harness.Holding(t, harness.RingOf(t, harness.NewKeys().In(k.Dialect).OriginatorKey()))
		forged := s.foreignTail(keyedURI)
		s.refuses(forged, forged, transparency.NotOpened)
	})
}

// TestHostileForeignServed: what a payload doesn't say can't be checked: not
// whether it was an event or a call, nor whether an earlier Session has had it.
func TestHostileForeignServed(t *testing.T) {
	forEachForeign(t, func(_ *testing.T, _ dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		eventAndCall := s.foreignTail(keyedURI)
		s.accepts(eventAndCall, eventAndCall)

		later := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		later.accepts(eventAndCall, eventAndCall)
	})
}

// foreignCalls has the Session make two calls, and returns their request ids, what
// comes of them, and how to send them a RESULT.
func foreignCalls(p *played) (requests [2]any, results [2]<-chan harness.Outcome, send func(i int, tl tail)) {
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

// answerTail seals a result, or what passes for one.
func (p *played) answerTail(args ...any) tail {
	p.t.Helper()
	env, _ := p.Envelope(&harness.Record{URI: keyedURI, Args: args})
	env.KeyID = ""
	return p.tail(p.dialect, env, nil)
}

// TestHostileForeignAnswered: an answer says neither which call it is for, nor that it is
// an answer.
func TestHostileForeignAnswered(t *testing.T) {
	forEachForeign(t, func(t *testing.T, _ dialect, k harness.Keys, play playing) {
		connect := func() *played { return play(k.OriginatorKey(), k.ResponderKey()) }
		requireResult := func(t *testing.T, done <-chan harness.Outcome, want any) {
			t.Helper()
			got := harness.Receive(t, done)
			require.NoError(t, got.Err)
			require.Equal(t, wamp.List{want}, got.Result.Arguments)
		}
		t.Run("swapped results", func(t *testing.T) {
			p := connect()
			_, results, send := foreignCalls(p)
			send(0, p.answerTail("for the second"))
			send(1, p.answerTail("for the first"))
			requireResult(t, results[0], "for the second")
			requireResult(t, results[1], "for the first")
		})
		t.Run("one result for two calls", func(t *testing.T) {
			p := connect()
			_, results, send := foreignCalls(p)
			one := p.answerTail("for the first")
			send(0, one)
			requireResult(t, results[0], "for the first")
			send(1, one)
			harness.RequireReason(t, harness.Receive(t, results[1]).Err, transparency.Replayed)
		})
		t.Run("another's call reflected", func(t *testing.T) {
			p := connect()
			_, results, send := foreignCalls(p)
			p.Forger = harness.Holding(t, harness.RingOf(t, k.OriginatorKey()))
			send(0, p.answerTail("a question"))
			requireResult(t, results[0], "a question")
		})
		t.Run("own call reflected", func(t *testing.T) {
			p := connect()
			done := p.calling(keyedURI, wamp.List{"a question"}, nil, nil)
			msg := p.nextMessage()
			attributes, _ := msg[2].(map[string]any)
			p.Send(append([]any{wamp.RESULT, msg[1], attributes}, msg[4:]...)...)
			requireResult(t, done, "a question")
		})
		t.Run("a made up error", func(t *testing.T) {
			p := connect()
			requests, results, _ := foreignCalls(p)
			p.Send(wamp.ERROR, wamp.CALL, requests[0], wamp.Dict{}, "com.myapp.made.up", []any{"by the router"})
			err := harness.Raised(t, harness.Receive(t, results[0]).Err)
			require.Equal(t, wamp.List{"by the router"}, err.Arguments)
			_, proved := transparency.InfoFrom(err.Details)
			require.False(t, proved)
		})
		t.Run("a made up refusal", func(t *testing.T) { // is an error like any other
			p := connect()
			requests, results, _ := foreignCalls(p)
			p.Send(wamp.ERROR, wamp.CALL, requests[0], wamp.Dict{}, "wampbox.error")
			require.Equal(t, harness.OpaqueError, harness.Raised(t, harness.Receive(t, results[0]).Err).Error)
		})
	})
}

// TestHostileForeignTokens: what is remembered of payloads that bind nothing is known by
// the payload, whatever the router calls its key.
func TestHostileForeignTokens(t *testing.T) {
	forEachForeign(t, func(_ *testing.T, d dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		env, _ := s.Envelope(secretRecord(keyedURI, &harness.Bound{}))
		s.accepts(s.tail(d, env, nil), s.tail(d, env, nil))
		env.KeyID = ""
		s.refuses(s.tail(d, env, nil), s.tail(d, env, nil), transparency.Replayed)
	})
}
