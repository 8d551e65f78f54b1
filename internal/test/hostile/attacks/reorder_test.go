package attacks_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// reversing holds back so many messages that match, and sends them from last to first.
func reversing(count int, match func(*proxy.Message) bool) proxy.Hook {
	var held []*proxy.Message
	return func(m *proxy.Message, send func(...*proxy.Message)) {
		if count == 0 || !match(m) {
			send(m)
			return
		}
		held = append([]*proxy.Message{m}, held...)
		if len(held) == count {
			count = 0
			send(held...)
		}
	}
}

// TestHostileReorderEvents: within the window, events may come in any order.
func TestHostileReorderEvents(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		const count = 5
		th.callee.conn.On(proxy.Down, reversing(count, typed(wamp.EVENT)))
		for range count {
			require.NoError(t, th.publish("x"))
		}
		numbers := make([]uint64, count)
		for i := range numbers {
			info, ok := transparency.InfoFrom(harness.Receive(t, th.callee.events).Details)
			require.True(t, ok)
			numbers[i] = info.Counter
		}
		require.IsDecreasing(t, numbers, "each once, and the handler can tell the order")
	})
}

// TestHostileReorderFarBehind: what is held back for longer than the window is long is
// refused.
func TestHostileReorderFarBehind(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		var held *proxy.Message
		holding := make(chan struct{})
		th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.EVENT) && held == nil {
				held = m
				close(holding)
				return
			}
			send(m)
		})
		require.NoError(t, th.publish("held back"))
		harness.Receive(t, holding)
		for range replay.WindowSize { // a sender counts over all topics
			require.NoError(t, th.caller.Publish(attackedURI+"elsewhere", nil, nil, nil))
		}
		require.NoError(t, th.publish("x"))
		require.Equal(t, wamp.List{"x"}, harness.Receive(t, th.callee.events).Arguments)
		th.callee.conn.Send(held)
		th.callee.refuses("event", transparency.Replayed)
	})
}

// TestHostileReorderCalls: calls don't depend on each other.
func TestHostileReorderCalls(t *testing.T) {
	attackEach(t, func(t *testing.T, th *theatre) {
		th.callee.conn.On(proxy.Down, reversing(2, typed(wamp.INVOCATION)))
		done := make(chan error, 2)
		for range 2 {
			go func() { done <- th.call("x") }()
		}
		for range 2 {
			require.NoError(t, harness.Receive(t, done))
			harness.Receive(t, th.callee.served)
		}
	})
}

// TestHostileReorderChunks: the handler gets those before, and then none.
func TestHostileReorderChunks(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		first := true
		reverse := reversing(2, typed(wamp.INVOCATION))
		th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.INVOCATION) && first {
				first = false
				send(m)
				return
			}
			reverse(m, send)
		})
		th.requireRefused(th.callUntilRefused(3), transparency.Gap)
		th.callee.refuses("invocation", transparency.Gap)
		th.requireServed("x", 1)
	})
}

// TestHostileReorderProgress: the caller gets what came before, and then an error.
func TestHostileReorderProgress(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		th.caller.conn.On(proxy.Down, reversing(2, func(m *proxy.Message) bool { return m.Is(wamp.RESULT) && m.Progress() }))
		progress, err := th.callFor("progress")
		harness.RequireReason(t, err, transparency.Gap)
		require.Zero(t, progress)
		th.caller.refuses("progress", transparency.Gap)
		harness.Receive(t, th.callee.served)
	})
}

// TestHostileReorderResult: a result before its progress doesn't end the call as if
// there had been none.
func TestHostileReorderResult(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		th.caller.conn.On(proxy.Down, reversing(4, typed(wamp.RESULT)))
		progress, err := th.callFor("progress")
		harness.RequireReason(t, err, transparency.Gap)
		require.Zero(t, progress)
		over := refusal{"result", transparency.WrongRequest} // progress of a call that is
		th.caller.refusesAll(refusal{"result", transparency.Gap}, over, over, over)
		harness.Receive(t, th.callee.served)
	})
}
