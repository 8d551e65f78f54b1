package redismemory_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// calls is how often a call is handed to both callees.
const calls = 10

// handed is a call of a Session that an evil router hands to two callees.
type handed struct {
	caller, one, other *handrouter.Conn
	calling            *transparency.Session
	callees            [2]*callee
}

// handEach starts two callee processes with one registration between them, and a
// caller, at a router that the test plays.
func handEach(t *testing.T, d cryptobox.Dialect, redisAddr string) *handed {
	t.Helper()
	r := handrouter.Start(t, handrouter.WebSocket, "cbor")
	k := newKeys(d)
	features := []string{"payload_transparency", "payload_passthru_mode"}
	h := new(handed)
	for i, conn := range []**handrouter.Conn{&h.one, &h.other} {
		h.callees[i] = startCallee(t, k.config(r.URL(), redisAddr))
		*conn = r.Welcome(features...)
		register := (*conn).Next()
		require.EqualValues(t, wamp.REGISTER, register[0])
		require.Equal(t, map[string]any{"invoke": "roundrobin"}, register[2])
		require.Equal(t, procedure, register[3])
		(*conn).Send(wamp.REGISTERED, register[1], registration)
		require.Equal(t, "ready", h.callees[i].next(t).What)
	}
	ring := k.originatorRing(t)
	h.calling, h.caller = harness.Welcome(t, r, features, func() (*transparency.Session, error) {
		return transparency.ConnectNet(context.Background(), r.URL(), config(), ring)
	})
	return h
}

const registration = 77

// call has the Session call, hands that to both callees, and gives the caller the
// result of the first that has one. It returns what the callees answered.
func (h *handed) call(t *testing.T, request int) (answers [2][]any, result *wamp.Result) {
	t.Helper()
	type outcome struct {
		result *wamp.Result
		err    error
	}
	done := make(chan outcome, 1)
	ctx := within(t)
	go func() {
		result, err := h.calling.Call(ctx, procedure, nil, wamp.List{"pay", request}, nil, nil)
		done <- outcome{result, err}
	}()
	call := h.caller.Next()
	require.EqualValues(t, wamp.CALL, call[0])
	invocation := append([]any{wamp.INVOCATION, request, registration, call[2]}, call[4:]...)
	both := make(chan struct{})
	go func() {
		h.one.Send(invocation...)
		close(both)
	}()
	h.other.Send(invocation...)
	<-both
	answers = [2][]any{h.one.Next(), h.other.Next()}
	for _, answer := range answers {
		if id, _ := wamp.AsID(answer[0]); id == wamp.ID(wamp.YIELD) {
			h.caller.Send(append([]any{wamp.RESULT, call[1], answer[2]}, answer[3:]...)...)
			break
		}
	}
	got := receive(t, done)
	require.NoError(t, got.err)
	return answers, got.result
}

// TestHostileHandToEachCallee: of two processes that are handed one call, one runs
// it, and the other refuses it as replayed, with the opaque answer.
func TestHostileHandToEachCallee(t *testing.T) {
	for _, d := range []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru} {
		t.Run(d.String(), func(t *testing.T) {
			server := redismemory.StartServer(t)
			h := handEach(t, d, server.Addr())
			ran, refused := 0, 0
			for request := 1; request <= calls; request++ {
				answers, result := h.call(t, request)
				require.Equal(t, wamp.List{"paid", int64(request)}, result.Arguments)
				for _, answer := range answers {
					if id, _ := wamp.AsID(answer[0]); id == wamp.ID(wamp.YIELD) {
						ran++
						continue
					}
					requireRefusal(t, d, answer)
					refused++
				}
			}
			require.Equal(t, calls, ran)
			require.Equal(t, calls, refused)
			// What the callees themselves say.
			tally := map[string]int{}
			for _, c := range h.callees {
				for range calls {
					report := c.next(t)
					tally[report.What+report.Reason]++
				}
				require.Empty(t, c.pending())
			}
			require.Equal(t, map[string]int{"ran": calls, "refused" + transparency.Replayed.Error(): calls}, tally)
		})
	}
}

// requireRefusal: an answer that tells a router nothing.
func requireRefusal(t *testing.T, d cryptobox.Dialect, answer []any) {
	t.Helper()
	require.EqualValues(t, wamp.ERROR, answer[0])
	require.EqualValues(t, wamp.INVOCATION, answer[1])
	require.Empty(t, answer[3], "no details")
	if d.Foreign() {
		require.Len(t, answer, 5, "no payload")
		require.EqualValues(t, transparency.URIDecryptError, answer[4])
		return
	}
	require.Len(t, answer, 7)
	require.EqualValues(t, transparency.URIError, answer[4])
	require.Empty(t, answer[5])
	kwargs, _ := answer[6].(map[string]any)
	require.Len(t, kwargs, 1)
	require.Len(t, kwargs["enc"], 256)
}

// TestWithoutItBothRun is what it is good for.
func TestWithoutItBothRun(t *testing.T) {
	h := handEach(t, cryptobox.Wampbox, "")
	answers, _ := h.call(t, 1)
	for i, answer := range answers {
		require.EqualValues(t, wamp.YIELD, answer[0])
		require.Equal(t, report{What: "ran"}, h.callees[i].next(t))
	}
}

// TestHonestRouter: each call is run by one of the processes, and none is refused.
func TestHonestRouter(t *testing.T) {
	server := redismemory.StartServer(t)
	r := testrouter.Start(t)
	k := newKeys(cryptobox.Wampbox)
	var callees [2]*callee
	for i := range callees {
		callees[i] = startCallee(t, k.config(r.WebSocketURL(), server.Addr()))
		require.Equal(t, "ready", callees[i].next(t).What)
	}
	s := session(t, r, k.originatorRing(t))
	for i := range calls {
		result, err := s.Call(within(t), procedure, nil, wamp.List{"pay", i}, nil, nil)
		require.NoError(t, err)
		require.Equal(t, wamp.List{"paid", int64(i)}, result.Arguments)
	}
	for _, c := range callees {
		for range calls / 2 {
			require.Equal(t, report{What: "ran"}, c.next(t))
		}
		require.Empty(t, c.pending())
	}
}

// session connects a Session to the router.
func session(t testing.TB, r *testrouter.Router, ring ringOf, opts ...transparency.Option) *transparency.Session {
	t.Helper()
	s, err := transparency.ConnectNet(context.Background(), r.WebSocketURL(), config(), ring, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func config() client.Config {
	return client.Config{Realm: realm, Serialization: client.CBOR, Logger: quiet, ResponseTimeout: patience}
}
