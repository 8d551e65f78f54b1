package attacks_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestHostileStrip: plain in place of sealed is refused, whatever it is.
func TestHostileStrip(t *testing.T) {
	forEachKind(t, func(th *theatre, k payloadKind) {
		if k.op == "error" && th.foreign() {
			return // a plain one is delivered, and proves nothing
		}
		for _, plain := range []func(*proxy.Message){
			func(m *proxy.Message) { m.Strip(nil, nil) },
			func(m *proxy.Message) { m.Strip(nil, nil); m.SetPayload() },
			func(m *proxy.Message) { m.Strip([]any{"x", 0}, nil) },
			func(m *proxy.Message) { m.Strip([]any{"x"}, map[string]any{"k": "v"}) },
		} {
			k.refuses(th, transparency.Plaintext, plain)
		}
	})
}

// TestHostileStripErrorOfTheProtocol: it says that the call failed, and no more.
func TestHostileStripErrorOfTheProtocol(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		kind := payloadKinds[len(payloadKinds)-1]
		kind.change(th, func(m *proxy.Message) {
			m.Strip([]any{"forged"}, map[string]any{"k": "forged"})
			m.List[4] = "wamp.error.canceled"
		})
		answer := harness.Raised(t, th.call("fail"))
		require.Equal(t, wamp.ErrCanceled, answer.Error)
		require.Empty(t, answer.Arguments)
		require.Empty(t, answer.ArgumentsKw)
		_, proved := transparency.InfoFrom(answer.Details)
		require.False(t, proved)
		harness.Receive(t, th.callee.served)
	})
}

// TestHostileStripChunk: a later chunk has to be sealed as the first was.
func TestHostileStripChunk(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) {
		for name, change := range map[string]func(*proxy.Message){
			"plain": func(m *proxy.Message) { m.Strip([]any{"x", 1}, nil) },
			"empty": func(m *proxy.Message) { m.Strip(nil, nil); m.SetPayload() },
		} {
			th.doing = name
			th.changeChunk(1, change)
			th.requireRefused(th.callUntilRefused(2), transparency.Plaintext)
			th.callee.refuses("invocation", transparency.Plaintext)
			th.requireServed("x", 1)
		}
	})
}

// TestHostileStripAllowedChunk: plain calls may be allowed, but not one that began
// sealed and goes on plain, or the other way round.
func TestHostileStripAllowedChunk(t *testing.T) {
	attackEach(t, func(t *testing.T, th *theatre) {
		harness.AcceptPlain(t, th.rejoin().ring)
		for which, reason := range []transparency.Reason{transparency.WrongRequest, transparency.Plaintext} {
			if which == 0 && th.dialect == proxy.Passthru {
				continue // the chunk after a plain one is plain too: nothing says otherwise
			}
			th.changeChunk(which, func(m *proxy.Message) { m.Strip([]any{"x", which}, nil) })
			th.requireRefused(th.callUntilRefused(2), reason)
			th.callee.refuses("invocation", reason)
			th.requireServed("x", 1)
		}
		th.rejoin()
	})
}

// changeChunk has the evil router change a chunk of the next invocation.
func (th *theatre) changeChunk(which int, change func(*proxy.Message)) {
	chunk := -1
	th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
		if m.Is(wamp.INVOCATION) {
			if chunk++; chunk == which {
				change(m)
			}
		}
		send(m)
	})
}
