package attacks_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// doubling sends what matches three times.
func doubling(match func(*proxy.Message) bool) proxy.Hook {
	return func(m *proxy.Message, send func(...*proxy.Message)) {
		send(m)
		if match(m) {
			send(m.Clone(), m.Clone())
		}
	}
}

// TestHostileDuplicate: a message that comes again as it is counts once.
func TestHostileDuplicate(t *testing.T) {
	again := map[string]transparency.Reason{
		"event":      transparency.Replayed,
		"invocation": transparency.WrongRequest, // of a request id that is no new one
		"result":     transparency.WrongRequest, // to a request that has its answer
		"error":      transparency.WrongRequest,
	}
	attackEach(t, func(_ *testing.T, th *theatre) {
		for _, k := range payloadKinds {
			reason, ok := again[k.String()]
			if !ok {
				continue
			}
			th.doing = k.String()
			k.victim(th).conn.On(proxy.Down, doubling(k.matches))
			err := k.provoke(th)
			for range 2 {
				k.victim(th).refuses(k.op, reason)
			}
			k.victim(th).conn.On(proxy.Down, nil)
			k.arrived(th, err)
		}
	})
}

// TestHostileDuplicateAnswered: an invocation that has been answered doesn't begin
// again under its request id.
func TestHostileDuplicateAnswered(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) {
		for _, k := range []payloadKind{payloadKinds[1], payloadKinds[3], payloadKinds[5]} {
			old := k.honest(th)
			k.victim(th).conn.Send(old)
			k.victim(th).refuses(k.op, transparency.WrongRequest)
		}
	})
}

// TestHostileDuplicateProgress: progress that comes again is out of order.
func TestHostileDuplicateProgress(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		th.caller.conn.On(proxy.Down, doubling(func(m *proxy.Message) bool { return m.Is(wamp.RESULT) && m.Progress() }))
		progress, err := th.callFor("progress")
		harness.RequireReason(t, err, transparency.Gap)
		require.Equal(t, 1, progress)
		th.caller.refuses("progress", transparency.Gap)
		harness.Receive(t, th.callee.served)
	})
}

// TestHostileDuplicateFirstChunk: the second chunk refers to the first, which refers
// to none.
func TestHostileDuplicateFirstChunk(t *testing.T) {
	duplicateChunk(t, 0, transparency.WrongRequest)
}

// TestHostileDuplicateLaterChunk: it isn't the next one.
func TestHostileDuplicateLaterChunk(t *testing.T) {
	duplicateChunk(t, 1, transparency.Gap)
}

func duplicateChunk(t *testing.T, which int, reason transparency.Reason) {
	t.Helper()
	attack(t, func(_ *testing.T, th *theatre) {
		chunk := -1
		th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			send(m)
			if m.Is(wamp.INVOCATION) {
				if chunk++; chunk == which {
					send(m.Clone())
				}
			}
		})
		th.requireRefused(th.callUntilRefused(which+1), reason)
		th.callee.refuses("invocation", reason)
		th.requireServed("x", which+1)
	})
}
