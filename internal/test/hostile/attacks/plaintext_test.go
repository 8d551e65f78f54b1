package attacks_test

import (
	"slices"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestHostileInjectPlaintext: what a router makes up reaches no handler.
func TestHostileInjectPlaintext(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) {
		event := th.callee.conn.Message(proxy.Down, int(wamp.EVENT), 0, int64(1<<40), map[string]any{}, []any{"forged"}, map[string]any{"k": "v"})
		call := th.callee.conn.Message(proxy.Down, int(wamp.INVOCATION), 0, 0, map[string]any{}, []any{"forged"})
		chunk := call.With(3, map[string]any{wamp.OptProgress: true, wamp.OptReceiveProgress: true})
		for _, m := range []*proxy.Message{event, call, chunk, call.With(4, []any{})} {
			th.refusesInjected(th.callee, attackedURI, m, transparency.Plaintext)
		}
	})
}

// TestHostileInjectAnswer: nor does it answer a call before the callee has.
func TestHostileInjectAnswer(t *testing.T) {
	type invented struct {
		op   string
		make func(call *proxy.Message) *proxy.Message
	}
	forged := []any{"forged"}
	attack(t, func(t *testing.T, th *theatre) {
		for _, c := range []invented{
			{"result", func(call *proxy.Message) *proxy.Message {
				return call.Conn.Message(proxy.Down, int(wamp.RESULT), int64(call.ID(1)), map[string]any{}, forged)
			}},
			{"error", func(call *proxy.Message) *proxy.Message {
				return call.Conn.Message(proxy.Down, int(wamp.ERROR), int(wamp.CALL), int64(call.ID(1)), map[string]any{}, failureURI, forged)
			}},
		} {
			th.caller.conn.On(proxy.Up, func(m *proxy.Message, send func(...*proxy.Message)) {
				if m.Is(wamp.CALL) {
					send(c.make(m))
				}
				send(m)
			})
			harness.RequireReason(t, th.call("x"), transparency.Plaintext)
			// The callee's answer then answers nothing.
			th.caller.refusesAll(refusal{c.op, transparency.Plaintext}, refusal{"result", transparency.WrongRequest})
			harness.Receive(t, th.callee.served)
		}
		th.caller.conn.On(proxy.Up, func(m *proxy.Message, send func(...*proxy.Message)) {
			send(m)
			if m.Is(wamp.CALL) {
				send(m.Conn.Message(proxy.Down, int(wamp.RESULT), int64(m.ID(1)), map[string]any{wamp.OptProgress: true}, forged))
			}
		})
		hold := make(chan struct{})
		th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.INVOCATION) {
				<-hold
			}
			send(m)
		})
		harness.RequireReason(t, th.call("x"), transparency.Plaintext)
		th.caller.refuses("progress", transparency.Plaintext)
		th.evil.Forget()
		close(hold) // on a call that has been canceled: it may be served, or not
		th.await(th.callee.conn, proxy.Up, func(m *proxy.Message) bool { return m.Is(wamp.YIELD, wamp.ERROR) })
		th.drain()
	})
}

// idEnd is where the key id ends in a payload of ours.
const idEnd = 17

// TestHostileInjectAlien: the envelope of somebody without the key opens nowhere.
func TestHostileInjectAlien(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) {
		alien := &theatre{t: th.t, evil: th.evil, dialect: th.dialect, realm: "realm2" + th.realm[len("realm1"):], Keys: harness.NewKeys().In(th.Dialect)}
		alien.caller, alien.callee = alien.join(alien.OriginatorKey(), alien.realm), alien.join(alien.ResponderKey(), alien.realm)
		alien.callee.serve(attackedURI)
		alien.callee.subscribe(attackedURI, nil)
		for _, k := range payloadKinds {
			other := k.honest(alien)
			for _, named := range []bool{true, false} {
				k.refuses(th, transparency.NotOpened, func(m *proxy.Message) {
					ids := m.Bytes()
					m.Carry(other)
					if !named && !th.foreign() {
						m.SetBytes(slices.Concat(ids[:idEnd], other.Bytes()[idEnd:]))
					}
				})
			}
		}
	})
}
