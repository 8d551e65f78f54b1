package attacks_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestHostileErrorsOnTheWire: of an error that answers a sealed call a router sees that it
// is one, whoever raised it.
func TestHostileErrorsOnTheWire(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		const unsealable = harness.Prefix + "unsealable"
		require.NoError(t, th.callee.Register(unsealable, func(context.Context, *wamp.Invocation) client.InvokeResult {
			return client.InvokeResult{Args: wamp.List{make(chan int)}}
		}, nil))
		for what, uri := range map[string]string{"fail": failureURI, "fail plainly": "com.plain.failure", "fail alike": attackedURI} {
			th.evil.Forget()
			require.Equal(t, uri, string(harness.Raised(t, th.call(what)).Error))
			harness.Receive(t, th.callee.served)
			th.requireSealedErrors()
		}
		th.evil.Forget()
		_, err := th.caller.Call(harness.Timeout(t), unsealable, nil, nil, nil, nil)
		require.Equal(t, "wamp.error.runtime_error", string(harness.Raised(t, err).Error))
		th.callee.refuses("yield", transparency.Unsealable)
		th.requireSealedErrors()
	})
}

// requireSealedErrors: the ERRORs that crossed have one URI and an enc, and nothing says
// what is in it.
func (th *theatre) requireSealedErrors() {
	t := th.t
	t.Helper()
	for _, a := range []*actor{th.callee, th.caller} {
		direction := map[*actor]proxy.Direction{th.callee: proxy.Up, th.caller: proxy.Down}[a]
		m := th.await(a.conn, direction, typed(wamp.ERROR))
		require.Equal(t, sealedError, m.Text(4))
		require.NotEmpty(t, m.Bytes())
		require.Len(t, m.Payload(), 2)
		require.Empty(t, m.Payload()[0])
		require.Len(t, m.Payload()[1], 1)
	}
	for _, text := range []string{failureURI, "com.plain.failure", "runtime_error"} {
		found, err := th.evil.Contains(text)
		require.NoError(t, err)
		require.False(t, found, text)
	}
}

// random is an enc of so many bytes, with the suite and key id of a message's.
func random(m *proxy.Message, size int) []byte {
	enc := make([]byte, size)
	_, _ = rand.Read(enc)
	copy(enc, m.Bytes()[:idEnd])
	return enc
}

// TestHostileForgedRefusal: a router can end a call as it likes, but gives no reason for
// it. The caller hears that nothing is known of what the call has done.
func TestHostileForgedRefusal(t *testing.T) {
	failure := payloadKinds[5]
	attack(t, func(t *testing.T, th *theatre) {
		failure.change(th, func(m *proxy.Message) { m.SetBytes(random(m, refusalSize)) })
		err := th.call("fail")
		refused := harness.RequireRefused(t, err, 0)
		require.ErrorContains(t, refused, "outcome unknown")
		th.caller.refuses("error", transparency.Refused)
		harness.Receive(t, th.callee.served)
		for _, size := range []int{57, refusalSize - 1, refusalSize + 1} {
			failure.refuses(th, transparency.NotOpened, func(m *proxy.Message) { m.SetBytes(random(m, size)) })
		}
		failure.refuses(th, transparency.WrongURI, func(m *proxy.Message) {
			m.SetBytes(random(m, refusalSize))
			m.List[4] = failureURI
		})
		payloadKinds[3].refuses(th, transparency.NotOpened, func(m *proxy.Message) { m.SetBytes(random(m, refusalSize)) })
	})
}

// TestHostileOtherRefusal: a refusal explains the call that was refused, no other, and
// ends nothing but as an error.
func TestHostileOtherRefusal(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		th.evil.Forget()
		payloadKinds[1].refuses(th, transparency.WrongKind, asProgress(true))
		old := th.await(th.caller.conn, proxy.Down, typed(wamp.ERROR))
		payloadKinds[5].refuses(th, transparency.WrongRequest, func(m *proxy.Message) { m.Carry(old) })
		payloadKinds[3].refuses(th, transparency.WrongURI, func(m *proxy.Message) { m.Carry(old) })
		payloadKinds[4].refuses(th, transparency.WrongURI, func(m *proxy.Message) { m.Carry(old) })
		reason := transparency.WrongURI
		if th.signed() {
			reason = transparency.NotOpened
		}
		event, call := payloadKinds[0].honest(th), payloadKinds[1].honest(th)
		for _, m := range []*proxy.Message{event, call} {
			m.Carry(old)
			th.refusesInjected(th.callee, attackedURI, m, reason)
		}
	})
}

// TestHostileRawRefusal: what a holder of the key seals as a refusal has to be one.
func TestHostileRawRefusal(t *testing.T) {
	attackBox(t, func(t *testing.T, th *theatre) {
		failure := payloadKinds[5]
		for _, suite := range suites(t) {
			raw := th.withRaw(suite)
			answered := func(change func(r rawRecord)) func(*proxy.Message) {
				th.evil.Forget()
				return func(m *proxy.Message) {
					r := th.answering(raw, cryptobox.KindRefusal, "")
					r[realmAt], r[uriAt] = []byte{0x60}, []byte{0x60}
					r[argsAt] = append(append([]byte{0x82}, rawText("Stale")...), rawInteger(uint64(time.Now().UnixMilli()))...)
					change(r)
					m.SetBytes(raw.Seal(cryptobox.Answer, r.bytes()))
				}
			}
			failure.change(th, answered(func(rawRecord) {}))
			harness.RequireRefused(t, th.call("fail"), transparency.Stale)
			th.caller.refuses("error", transparency.Refused)
			harness.Receive(t, th.callee.served)
			for name, change := range map[string]func(r rawRecord){
				"a realm":               func(r rawRecord) { r[realmAt] = rawText(th.realm) },
				"a URI":                 func(r rawRecord) { r[uriAt] = rawText(attackedURI) },
				"no arguments":          func(r rawRecord) { r[argsAt] = null },
				"one argument":          func(r rawRecord) { r[argsAt] = append([]byte{0x81}, rawText("Stale")...) },
				"a number for a reason": func(r rawRecord) { r[argsAt] = []byte{0x82, 1, 1} },
				"text for a time":       func(r rawRecord) { r[argsAt] = []byte{0x82, 0x61, 'x', 0x61, 'x'} },
				"a time before 1970":    func(r rawRecord) { r[argsAt] = []byte{0x82, 0x61, 'x', 0x20} },
				"keywords":              func(r rawRecord) { r[kwargsAt] = []byte{0xa0} },
			} {
				th.doing = suite.name + " with " + name
				failure.refuses(th, transparency.Malformed, answered(change))
			}
			failure.change(th, answered(func(r rawRecord) { r[argsAt] = []byte{0x82, 0x61, 'x', 1} }))
			refused := errorOf(t, th.call("fail"))
			require.Zero(t, refused.Peer.Reason, "one that isn't known")
			th.caller.refuses("error", transparency.Refused)
			harness.Receive(t, th.callee.served)
		}
	})
}

func errorOf(t testing.TB, err error) *transparency.Error {
	t.Helper()
	var e *transparency.Error
	require.ErrorAs(t, err, &e)
	require.NotNil(t, e.Peer)
	return e
}

// TestHostileRefusedCopy: a router hands the callee a second copy of a call, and the caller
// what refuses that. The call is served all the same, which the caller can't know, and is
// told.
func TestHostileRefusedCopy(t *testing.T) {
	const slow = harness.Prefix + "slow"
	attack(t, func(t *testing.T, th *theatre) {
		serving, finish := make(chan struct{}), make(chan struct{})
		require.NoError(t, th.callee.Register(slow, func(_ context.Context, _ *wamp.Invocation) client.InvokeResult {
			close(serving)
			<-finish
			return client.InvokeResult{Args: wamp.List{"done"}}
		}, nil))
		th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			send(m)
			if m.Is(wamp.INVOCATION) {
				go func() {
					<-serving
					id := m.Conn.Invoke(m)
					refusal := th.await(m.Conn, proxy.Up, func(m *proxy.Message) bool { return m.Answer(id) })
					call := th.await(th.caller.conn, proxy.Up, typed(wamp.CALL))
					answer := th.caller.conn.Message(proxy.Down, int(wamp.ERROR), int(wamp.CALL), int64(call.ID(1)), map[string]any{}, sealedError, []any{})
					answer.Carry(refusal)
					th.caller.conn.Send(answer)
				}()
			}
		})
		_, err := th.caller.Call(harness.Timeout(t), slow, nil, wamp.List{"x"}, nil, nil)
		refused := harness.RequireRefused(t, err, transparency.Replayed)
		require.ErrorContains(t, refused, "outcome unknown")
		th.caller.refuses("error", transparency.Refused)
		th.callee.refuses("invocation", transparency.Replayed)
		close(finish)                                          // it has been served all the while
		th.caller.refuses("result", transparency.WrongRequest) // it has been answered
		require.NoError(t, th.callee.Unregister(slow))
	})
}
