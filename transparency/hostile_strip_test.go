package transparency_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/evilrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestHostileStrip: plain in place of sealed is refused, whatever it is.
func TestHostileStrip(t *testing.T) {
	forEachKind(t, func(th *theatre, k payloadKind) {
		for _, plain := range []func(*evilrouter.Message){
			func(m *evilrouter.Message) { m.Strip(nil, nil) },
			func(m *evilrouter.Message) { m.Strip(nil, nil); m.SetPayload() },
			func(m *evilrouter.Message) { m.Strip([]any{"x", 0}, nil) },
			func(m *evilrouter.Message) { m.Strip([]any{"x"}, map[string]any{"k": "v"}) },
		} {
			k.refuses(th, transparency.Plaintext, plain)
		}
	})
}

// TestHostileStripErrorOfTheProtocol: it says that the call failed, and no more.
func TestHostileStripErrorOfTheProtocol(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		kind := payloadKinds[len(payloadKinds)-1]
		kind.change(th, func(m *evilrouter.Message) {
			m.Strip([]any{"forged"}, map[string]any{"k": "forged"})
			m.List[4] = "wamp.error.canceled"
		})
		answer := raised(t, th.call("fail"))
		require.Equal(t, wamp.ErrCanceled, answer.Error)
		require.Empty(t, answer.Arguments)
		require.Empty(t, answer.ArgumentsKw)
		_, proved := transparency.InfoFrom(answer.Details)
		require.False(t, proved)
		receive(t, th.callee.served)
	})
}
