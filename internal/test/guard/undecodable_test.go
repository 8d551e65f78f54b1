package guard_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// undecodable are values that other clients send, and Go has none for.
var undecodable = []struct {
	name, encoding string
	raw            []byte
}{
	{"Decimal of Python", "cbor", []byte{0xc4, 0x82, 0x20, 0x0b}},
	{"number for a key", "cbor", []byte{0xa1, 0x01, 0x02}},
	{"number for a key", "msgpack", []byte{0x81, 0x01, 0x02}},
	{"NaN", "json", []byte("NaN")},
}

// forEachUndecodable runs the test with each value over each transport.
func forEachUndecodable(t *testing.T, test func(t *testing.T, st stage, d cryptobox.Dialect, raw []byte)) {
	t.Helper()
	dialects := []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Passthru, cryptobox.Autobahn}
	for i, c := range undecodable {
		for j, transport := range handrouter.Transports {
			t.Run(string(transport)+"/"+c.encoding+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				test(t, stage{transport: transport, encoding: c.encoding}, dialects[(i+j)%3], c.raw)
			})
		}
	}
}

// sendHole sends a message with raw in the place of its hole.
func (h *hostile) sendHole(st stage, raw []byte, elements ...any) {
	h.t.Helper()
	h.r.SendBytes(splice(h.t, st.encoding, raw, elements...))
}

// requireMalformed takes the next refusal, which concerns uri.
func (h *hostile) requireMalformed(op, uri string) {
	h.t.Helper()
	e := h.refused.Next(h.t)
	harness.RequireReason(h.t, e, transparency.Malformed)
	require.Equal(h.t, op, e.Op)
	require.Equal(h.t, uri, e.URI)
}

// TestGuardUndecodable: what any client can have a router pass on ends no session, but
// is one refused event, an answered invocation, a call that fails.
func TestGuardUndecodable(t *testing.T) {
	forEachUndecodable(t, func(t *testing.T, st stage, d cryptobox.Dialect, raw []byte) {
		for _, uri := range []string{"com.plain.x", harness.Prefix + "x"} {
			st := st
			log := st.logged()
			h := st.session(t, d)
			h.undecodableEvent(st, raw, uri)
			h.undecodableInvocation(st, raw, uri)
			h.undecodableAnswers(st, raw, uri)
			require.Equal(t, 5, log.count(uri), "each is logged with its URI")
			s, ok := h.s.(*transparency.Session)
			require.True(t, ok)
			require.Equal(t, map[transparency.Reason]uint64{transparency.Malformed: 5}, s.Stats().Rejected)
			h.requireAlive()
			h.requireCloses()
		}
	})
}

func (h *hostile) undecodableEvent(st stage, raw []byte, topic string) {
	h.t.Helper()
	const id = 10
	events := h.subscribe(topic, id)
	h.sendHole(st, raw, wamp.EVENT, id, 1, wamp.Dict{}, []any{hole})
	h.requireMalformed("event", topic)
	h.requireAlive()
	harness.Nothing(h.t, events)
}

func (h *hostile) undecodableInvocation(st stage, raw []byte, procedure string) {
	h.t.Helper()
	const id = 20
	h.register(procedure, id, func(context.Context, *wamp.Invocation) client.InvokeResult {
		h.t.Error("the handler was called")
		return client.InvokeResult{}
	})
	h.sendHole(st, raw, wamp.INVOCATION, id, id, wamp.Dict{}, []any{}, wamp.Dict{"k": hole})
	answer := h.r.Next()
	require.EqualValues(h.t, wamp.ERROR, answer[0])
	require.EqualValues(h.t, wamp.INVOCATION, answer[1])
	require.EqualValues(h.t, id, answer[2])
	h.requireMalformed("invocation", procedure)
}

// undecodableAnswers has a call answered by a result, by progress and by an error.
func (h *hostile) undecodableAnswers(st stage, raw []byte, procedure string) {
	h.t.Helper()
	const uri = "com.plain.error"
	for op, answer := range map[string]func(request any){
		"result":   func(request any) { h.sendHole(st, raw, wamp.RESULT, request, wamp.Dict{}, []any{hole}) },
		"progress": func(request any) { h.sendHole(st, raw, wamp.RESULT, request, wamp.Dict{"progress": true}, []any{hole}) },
		"error":    func(request any) { h.sendHole(st, raw, wamp.ERROR, wamp.CALL, request, wamp.Dict{}, uri, []any{hole}) },
	} {
		request, done := h.call(procedure, func(*wamp.Result) { h.t.Error("progress was handed on") })
		answer(request)
		if op == "progress" {
			require.EqualValues(h.t, wamp.CANCEL, h.r.Next()[0])
			h.r.Send(wamp.ERROR, wamp.CALL, request, wamp.Dict{}, wamp.ErrCanceled)
		}
		harness.RequireReason(h.t, harness.Receive(h.t, done).Err, transparency.Malformed)
		if op == "error" {
			h.requireMalformed(op, uri)
		} else {
			h.requireMalformed(op, procedure)
		}
	}
}

// TestGuardUndecodableNexus: nexus's client drops such an event, and lives.
func TestGuardUndecodableNexus(t *testing.T) {
	forEachUndecodable(t, func(t *testing.T, st stage, _ cryptobox.Dialect, raw []byte) {
		h := st.nexus(t)
		events := h.subscribe("com.plain.x", 10)
		h.sendHole(st, raw, wamp.EVENT, 10, 1, wamp.Dict{}, []any{hole})
		h.r.Send(wamp.EVENT, 10, 2, wamp.Dict{}, []any{"next"})
		require.Equal(t, wamp.List{"next"}, harness.Receive(t, events).Arguments)
		h.requireCloses()
	})
}

// TestGuardUndecodableRetained: an event that the router retains comes at each
// reconnect. It ends none of the connections.
func TestGuardUndecodableRetained(t *testing.T) {
	forEachUndecodable(t, func(t *testing.T, st stage, d cryptobox.Dialect, raw []byte) {
		r, cfg := st.start(t)
		refused, collecting := harness.Collect()
		lost, again := make(chan error, 10), make(chan struct{}, 10)
		policy := transparency.ReconnectPolicy{
			Min: time.Millisecond, Max: 10 * time.Millisecond,
			OnDisconnect: func(err error) { lost <- err },
			OnReconnect:  func() { again <- struct{}{} },
		}
		h := &hostile{t: t, refused: refused}
		ring := harness.RingOf(t, harness.NewKeys().In(d).PairKey())
		h.s, h.r = harness.Welcome(t, r, both, func() (transparency.Client, error) {
			return transparency.ConnectNet(context.Background(), r.URL(), cfg, ring,
				transparency.WithReconnect(policy), collecting)
		})
		t.Cleanup(func() { h.r.Close() }) // the last one
		subscribed := harness.Go(func() error {
			return h.s.Subscribe("com.plain.x", func(*wamp.Event) { t.Error("the event was handed on") }, wamp.Dict{"get_retained": true})
		})
		for i := range 3 {
			h.r.Send(wamp.SUBSCRIBED, h.r.Next()[1], 10+i)
			h.sendHole(st, raw, wamp.EVENT, 10+i, 1, wamp.Dict{"retained": true}, []any{hole})
			h.requireMalformed("event", "com.plain.x")
			if i == 0 {
				require.NoError(t, harness.Receive(t, subscribed))
			} else {
				harness.Receive(t, again)
			}
			h.requireAlive()
			harness.Nothing(t, lost)
			h.r.Close()
			harness.Receive(t, lost)
			h.r = r.Welcome(both...)
		}
		require.Equal(t, 3, refused.Count())
	})
}
