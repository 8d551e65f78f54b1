package attacks_test

import (
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestHostileInvent: messages for requests, subscriptions and registrations that
// there are none of reach nobody, sealed or not.
func TestHostileInvent(t *testing.T) {
	const unknown = 1 << 30
	attackEach(t, func(t *testing.T, th *theatre) {
		for _, k := range payloadKinds {
			if k.more && k.message == wamp.INVOCATION {
				continue // is refused as the first
			}
			sealed := k.honest(th)
			plain := sealed.Clone()
			plain.Strip([]any{"forged"}, nil)
			for _, m := range []*proxy.Message{sealed, plain} {
				victim := k.victim(th)
				switch k.message {
				case wamp.EVENT:
					victim.conn.Send(m.With(1, unknown))
				case wamp.INVOCATION:
					victim.conn.Invoke(m.With(2, unknown))
				case wamp.RESULT:
					victim.conn.Send(m.With(1, unknown), m.With(1, 0))
					victim.refuses("result", transparency.WrongRequest)
				case wamp.ERROR:
					for _, asked := range []wamp.MessageType{wamp.CALL, wamp.PUBLISH, wamp.SUBSCRIBE, wamp.REGISTER, wamp.UNSUBSCRIBE, wamp.UNREGISTER, wamp.INVOCATION, 77} {
						victim.conn.Send(m.With(1, int64(asked)).With(2, unknown))
						victim.refuses("error", transparency.WrongRequest)
					}
					continue
				}
				victim.refuses(strings.ToLower(k.message.String()), transparency.WrongRequest)
			}
		}
		for _, confirmation := range []wamp.MessageType{wamp.PUBLISHED, wamp.SUBSCRIBED, wamp.REGISTERED, wamp.UNSUBSCRIBED, wamp.UNREGISTERED} {
			th.callee.conn.Send(th.callee.conn.Message(proxy.Down, int(confirmation), unknown, unknown))
			th.callee.refuses(strings.ToLower(confirmation.String()), transparency.WrongRequest)
		}
		require.True(t, th.callee.Connected())
	})
}

// TestHostileInventAnswers: an answer of another kind ends no call.
func TestHostileInventAnswers(t *testing.T) {
	attackEach(t, func(t *testing.T, th *theatre) {
		var wrong []*proxy.Message
		th.caller.conn.On(proxy.Up, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.CALL) {
				request := int64(m.ID(1))
				for _, kind := range []wamp.MessageType{wamp.PUBLISHED, wamp.SUBSCRIBED, wamp.REGISTERED, wamp.UNSUBSCRIBED, wamp.UNREGISTERED} {
					wrong = append(wrong, m.Conn.Message(proxy.Down, int(kind), request, 1))
				}
				for _, kind := range []wamp.MessageType{wamp.SUBSCRIBE, wamp.REGISTER, wamp.PUBLISH, wamp.INVOCATION} {
					wrong = append(wrong, m.Conn.Message(proxy.Down, int(wamp.ERROR), int(kind), request, map[string]any{}, "wamp.error.canceled"))
				}
				send(wrong...)
			}
			send(m)
		})
		require.NoError(t, th.call("x"))
		harness.Receive(t, th.callee.served)
		for _, m := range wrong {
			th.caller.refuses(strings.ToLower(m.Type().String()), transparency.WrongRequest)
		}
	})
}
