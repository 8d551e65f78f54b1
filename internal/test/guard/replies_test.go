package guard_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// many is how often a race is run.
const many = 100

// TestGuardSecondReplies: one request gets one reply.
func TestGuardSecondReplies(t *testing.T) {
	result := func(request any) []any { return []any{wamp.RESULT, request, wamp.Dict{}, []any{1}} }
	raised := func(request any) []any {
		return []any{wamp.ERROR, wamp.CALL, request, wamp.Dict{}, "wamp.error.x"}
	}
	pairs := [][2]func(any) []any{{result, result}, {result, raised}, {raised, result}, {raised, raised}}
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		for i := range many {
			pair := pairs[i%len(pairs)]
			request, done := h.call("com.plain.x", nil)
			h.r.SendTogether(pair[0](request), pair[1](request), pair[1](request))
			harness.Receive(t, done)
			h.r.Send(pair[1](request)...) // when the caller has left
		}
		h.requireAlive()
		require.Equal(t, uint64(3*many), h.stats().Rejected[transparency.WrongRequest])
		h.requireCloses()
	})
}

func (h *hostile) stats() transparency.Stats {
	h.t.Helper()
	s, ok := h.s.(*transparency.Session)
	require.True(h.t, ok)
	return s.Stats()
}

func TestGuardSecondRepliesNexus(t *testing.T) {
	harness.RequireHangs(t, func(t *testing.T) func() {
		h := rawStage.nexus(t)
		return func() {
			for range 100 * many {
				request, done := h.call("com.plain.x", nil)
				result := []any{wamp.RESULT, request, wamp.Dict{}, []any{1}}
				h.r.SendTogether(result, result, result)
				<-done
			}
		}
	})
}

// TestGuardSecondAcknowledgement: as with calls, for every kind of request.
func TestGuardSecondAcknowledgement(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		h.r.Serve(func(m []any) {
			kind, _ := wamp.AsInt64(m[0])
			reply := map[wamp.MessageType][]any{
				wamp.SUBSCRIBE:   {wamp.SUBSCRIBED, m[1], 7},
				wamp.UNSUBSCRIBE: {wamp.UNSUBSCRIBED, m[1]},
				wamp.REGISTER:    {wamp.REGISTERED, m[1], 8},
				wamp.UNREGISTER:  {wamp.UNREGISTERED, m[1]},
				wamp.PUBLISH:     {wamp.PUBLISHED, m[1], 9},
				wamp.GOODBYE:     {wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut},
			}[wamp.MessageType(kind)]
			h.r.SendTogether(reply, reply, reply)
		})
		for range many / 4 {
			require.NoError(t, h.s.Subscribe("com.plain.x", func(*wamp.Event) {}, nil))
			require.NoError(t, h.s.Unsubscribe("com.plain.x"))
			require.NoError(t, h.s.Register("com.plain.x", harness.Echo, nil))
			require.NoError(t, h.s.Unregister("com.plain.x"))
			require.NoError(t, h.s.Publish("com.plain.x", wamp.Dict{wamp.OptAcknowledge: true}, nil, nil))
		}
		require.NoError(t, h.s.Close())
	})
}

// TestGuardReplyOfAnotherKind: the wrong reply is none; the right one is still
// waited for.
func TestGuardReplyOfAnotherKind(t *testing.T) {
	wrong := func(request any) [][]any {
		return [][]any{
			{wamp.REGISTERED, request, 7},
			{wamp.UNSUBSCRIBED, request},
			{wamp.UNREGISTERED, request},
			{wamp.PUBLISHED, request, 7},
			{wamp.RESULT, request, wamp.Dict{}},
			{wamp.ERROR, wamp.REGISTER, request, wamp.Dict{}, "com.plain.error"},
			{wamp.ERROR, 0, request, wamp.Dict{}, "com.plain.error"},
			{wamp.ERROR, wamp.INVOCATION, request, wamp.Dict{}, "com.plain.error"},
			{wamp.WELCOME, 5, wamp.Dict{}},
			{wamp.CHALLENGE, "ticket", wamp.Dict{}},
			{wamp.INTERRUPT, 99, wamp.Dict{}},
		}
	}
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		done := harness.Go(func() error { return h.s.Subscribe("com.plain.x", func(*wamp.Event) {}, nil) })
		request := h.r.Next()[1]
		h.r.SendTogether(wrong(request)...)
		for range wrong(request)[1:] { // but for the INTERRUPT, which may come late
			harness.RequireReason(t, h.refused.Next(t), transparency.WrongRequest)
		}
		harness.Nothing(t, done)
		h.r.Send(wamp.SUBSCRIBED, request, 10)
		require.NoError(t, harness.Receive(t, done))
		h.requireAlive()
		h.requireCloses()
	})
}

// TestGuardReplyAtTheDeadline: a reply that comes as the client gives up doesn't block
// it.
func TestGuardReplyAtTheDeadline(t *testing.T) {
	const limit = time.Second // by less, the guard is too late on a machine that is busy
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		st.change = func(cfg *client.Config) { cfg.ResponseTimeout = limit }
		st.encoding = "json" // which needs no time to begin with
		h := st.session(t, d)
		h.r.Serve(func(m []any) {
			kind, _ := wamp.AsInt64(m[0])
			switch wamp.MessageType(kind) {
			case wamp.PUBLISH:
				time.AfterFunc(limit+time.Duration(rand.IntN(4)-3)*time.Millisecond, func() { h.r.Send(wamp.PUBLISHED, m[1], 9) })
			case wamp.CANCEL:
				time.AfterFunc(limit+time.Duration(rand.IntN(4)-3)*time.Millisecond, func() {
					h.r.Send(wamp.ERROR, wamp.CALL, m[1], wamp.Dict{}, wamp.ErrCanceled)
				})
			case wamp.GOODBYE:
				h.r.Send(wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut)
			}
		})
		var work sync.WaitGroup
		for range 10 {
			work.Go(func() { _ = h.s.Publish("com.plain.x", wamp.Dict{wamp.OptAcknowledge: true}, nil, nil) })
			work.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				_, err := h.s.Call(ctx, "com.plain.x", nil, nil, nil, nil)
				assert.Error(t, err)
			})
		}
		work.Wait()
		_ = h.s.Close() // the router may take longer for its GOODBYE
		harness.Receive(t, h.s.Done())
	})
}
