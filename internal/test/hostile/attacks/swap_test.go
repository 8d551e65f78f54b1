package attacks_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// exchanging swaps the payloads of two messages, of which the first is held back for
// it.
func exchanging(match func(*proxy.Message) bool) proxy.Hook {
	var first *proxy.Message
	done := false
	return func(m *proxy.Message, send func(...*proxy.Message)) {
		switch {
		case done || !match(m):
			send(m)
		case first == nil:
			first = m
		default:
			done = true
			was := first.Clone()
			first.Carry(m)
			m.Carry(was)
			send(first, m)
		}
	}
}

// swapTwo has two calls at a time, with what matches swapped.
func swapTwo(t *testing.T, what string, match func(*proxy.Message) bool, op string) {
	t.Helper()
	attack(t, func(t *testing.T, th *theatre) {
		th.caller.conn.On(proxy.Down, exchanging(match))
		done := make(chan error, 2)
		for range 2 {
			go func() { done <- th.call(what) }()
		}
		for range 2 {
			harness.RequireReason(t, harness.Receive(t, done), transparency.WrongRequest)
			th.caller.refuses(op, transparency.WrongRequest)
			harness.Receive(t, th.callee.served)
		}
	})
}

// TestHostileSwapResults: of two calls to one procedure.
func TestHostileSwapResults(t *testing.T) { swapTwo(t, "x", typed(wamp.RESULT), "result") }

// TestHostileSwapErrors: the error of another call is none of this.
func TestHostileSwapErrors(t *testing.T) { swapTwo(t, "fail", typed(wamp.ERROR), "error") }

// TestHostileSwapProgress: nor is its progress.
func TestHostileSwapProgress(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		progress := payloadKinds[4]
		old := progress.honest(th)
		progress.refuses(th, transparency.WrongRequest, func(m *proxy.Message) { m.Carry(old) })
	})
}

// asError makes an ERROR of an answer to a call.
func asError(uri string) func(*proxy.Message) {
	return func(m *proxy.Message) {
		payload, details := m.Payload(), m.Details()
		delete(details, wamp.OptProgress)
		m.List = append([]any{int64(wamp.ERROR), int64(wamp.CALL), m.List[1], details, uri}, payload...)
	}
}

// asResult makes a RESULT of an ERROR.
func asResult(more bool) func(*proxy.Message) {
	return func(m *proxy.Message) {
		payload, details := m.Payload(), m.Details()
		details[wamp.OptProgress] = more
		m.List = append([]any{int64(wamp.RESULT), m.List[2], details}, payload...)
	}
}

func asProgress(more bool) func(*proxy.Message) {
	return func(m *proxy.Message) { m.Details()[wamp.OptProgress] = more }
}

// swap is an answer to a call that a router presents as another kind of answer.
type swap struct {
	name   string
	kind   payloadKind
	change func(*proxy.Message)
	op     string
	reason transparency.Reason
	late   int // messages that then answer nothing
}

func (s swap) try(th *theatre) {
	th.t.Helper()
	th.doing = s.name
	s.kind.change(th, s.change)
	harness.RequireReason(th.t, s.kind.provoke(th), s.reason)
	want := []refusal{{s.op, s.reason}}
	for range s.late {
		want = append(want, refusal{"result", transparency.WrongRequest})
	}
	th.caller.refusesAll(want...)
	harness.Receive(th.t, th.callee.served)
	th.caller.conn.On(proxy.Down, nil)
	th.caller.quiet()
}

// alike is an error whose URI is that of the procedure.
var alike = payloadKind{"error", wamp.ERROR, false, toCaller, calling("fail alike"), answerRefused}

// sealedError is all that a router sees of an error that is sealed in our dialect.
const sealedError = string(transparency.URIError)

// TestHostileSwapKinds: an answer is taken for what it was sealed as alone, and an error
// under the one URI that sealed errors have on the wire.
func TestHostileSwapKinds(t *testing.T) {
	result, progress, failure := payloadKinds[3], payloadKinds[4], payloadKinds[5]
	renamed := func(uri string) func(*proxy.Message) {
		return func(m *proxy.Message) { m.List[4] = uri }
	}
	attack(t, func(_ *testing.T, th *theatre) {
		for _, s := range []swap{
			{"result as error", result, asError(sealedError), "error", transparency.WrongKind, 0},
			{"result as an error of the procedure's URI", result, asError(attackedURI), "error", transparency.WrongURI, 0},
			{"result as another error", result, asError(failureURI), "error", transparency.WrongURI, 0},
			{"result as an error without key", result, asError("com.plain.error"), "error", transparency.WrongURI, 0},
			{"result as an error of the protocol", result, asError("wamp.error.canceled"), "error", transparency.WrongURI, 0},
			{"progress as result", progress, asProgress(false), "result", transparency.WrongKind, 3},
			{"progress as error", progress, asError(sealedError), "error", transparency.WrongKind, 3},
			{"error as result", failure, asResult(false), "result", transparency.WrongURI, 0},
			{"error as result of its URI", alike, asResult(false), "result", transparency.WrongKind, 0},
			{"error as what it is", failure, renamed(failureURI), "error", transparency.WrongURI, 0},
			{"error as another", failure, renamed(otherURI), "error", transparency.WrongURI, 0},
			{"error as a refusal of plain calls", failure, renamed(string(transparency.URISealedOnly)), "error", transparency.WrongURI, 0},
			{"error as one without key", failure, renamed("com.plain.error"), "error", transparency.WrongURI, 0},
			{"error as one of the protocol", failure, renamed("wamp.error.canceled"), "error", transparency.WrongURI, 0},
		} {
			s.try(th)
		}
	})
}

// TestHostileSwapURIs: without a binding an answer is still taken for its own URI alone.
func TestHostileSwapURIs(t *testing.T) {
	result, progress, failure := payloadKinds[3], payloadKinds[4], payloadKinds[5]
	attackIn(t, inForeign, func(_ *testing.T, th *theatre) {
		for _, s := range []swap{
			{"result as an error", result, asError(failureURI), "error", transparency.WrongURI, 0},
			{"result as an error without key", result, asError("com.plain.error"), "error", transparency.NoKey, 0},
			{"progress as an error", progress, asError(failureURI), "error", transparency.WrongURI, 3},
			{"error as result", failure, asResult(false), "result", transparency.WrongURI, 0},
			{"error as another", failure, func(m *proxy.Message) { m.List[4] = otherURI }, "error", transparency.WrongURI, 0},
			{"error as one of ours", failure, func(m *proxy.Message) { m.List[4] = sealedError }, "error", transparency.NoKey, 0},
		} {
			s.try(th)
		}
	})
}

// hasty has the caller wait no longer for a router that owes it an answer.
func (th *theatre) hasty() {
	th.t.Helper()
	require.NoError(th.t, th.caller.Close())
	th.timeout = time.Second
	th.caller = th.join(th.OriginatorKey(), th.realm)
}

// TestHostileSwapForProgress: the caller then cancels a call that the router holds for
// answered, and waits for its ERROR in vain.
func TestHostileSwapForProgress(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		th.hasty()
		swap{"result as progress", payloadKinds[3], asProgress(true), "progress", transparency.WrongKind, 0}.try(th)
		swap{"error as progress", alike, asResult(true), "progress", transparency.WrongKind, 0}.try(th)
	})
}

// TestHostileSwapCalls: a call is no other call's chunk, nor is a chunk a call.
func TestHostileSwapCalls(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		call, chunk := payloadKinds[1], payloadKinds[2]
		th.evil.Forget()
		chunk.passes(th)
		chunks := th.evil.Messages(func(m *proxy.Message) bool { return m.Conn == th.callee.conn && m.Is(wamp.INVOCATION) })
		require.Len(t, chunks, 2)
		present := func(m *proxy.Message, more bool) *proxy.Message {
			m = m.Clone()
			m.Details()[wamp.OptProgress] = more
			return m
		}
		th.refusesInjected(th.callee, attackedURI, present(chunks[0], false), transparency.WrongKind)
		th.refusesInjected(th.callee, attackedURI, present(chunks[1], true), transparency.WrongKind)
		th.refusesInjected(th.callee, attackedURI, present(chunks[1], false), transparency.WrongRequest)
		th.refusesInjected(th.callee, attackedURI, present(call.honest(th), true), transparency.WrongKind)

		// The last chunk of one call in place of another's.
		at := 0
		th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.INVOCATION) {
				if at++; at == 2 {
					m.Carry(chunks[1])
				}
			}
			send(m)
		})
		th.requireRefused(th.callInChunks("x", 2), transparency.WrongRequest)
		th.callee.refuses("invocation", transparency.WrongRequest)
		th.requireServed("x", 1)
	})
}

// TestHostileSwapPlain: an answer that was sealed for another call is none to a plain
// one.
func TestHostileSwapPlain(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		const plain = "com.plain.proc"
		th.callee.serve(plain)
		result, failure := payloadKinds[3].honest(th), payloadKinds[5].honest(th)
		for _, c := range []struct {
			what string
			old  *proxy.Message
			op   string
		}{{"x", result, "result"}, {"fail", failure, "error"}} {
			th.caller.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
				if m.Is(wamp.RESULT, wamp.ERROR) {
					m.Carry(c.old)
				}
				send(m)
			})
			_, err := th.caller.Call(harness.Timeout(t), plain, nil, wamp.List{c.what}, nil, nil)
			harness.RequireReason(t, err, transparency.WrongRequest)
			th.caller.refuses(c.op, transparency.WrongRequest)
			harness.Receive(t, th.callee.served)
		}
	})
}

// TestHostileSwapPlainError: an error that answers a plain call is sealed in Autobahn's
// dialect, under the key of its URI. It is none of another URI, with a key or without.
func TestHostileSwapPlainError(t *testing.T) {
	const plain = "com.plain.proc"
	attackIn(t, inAutobahn, func(t *testing.T, th *theatre) {
		th.callee.serve(plain)
		for uri, reason := range map[string]transparency.Reason{"com.plain.failure": transparency.NoKey, otherURI: transparency.WrongURI} {
			th.caller.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
				if m.Is(wamp.ERROR) {
					m.List[4] = uri
				}
				send(m)
			})
			_, err := th.caller.Call(harness.Timeout(t), plain, nil, wamp.List{"fail"}, nil, nil)
			harness.RequireReason(t, err, reason)
			th.caller.refuses("error", reason)
			harness.Receive(t, th.callee.served)
		}
	})
}

// TestHostileSwapCallers: who begins a call in chunks goes on with it. Another holder
// of the key, who sees the first chunk too, can't.
func TestHostileSwapCallers(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		forge, opener := harness.Holding(t, harness.RingOf(t, th.OriginatorKey())), th.opener()
		reason := transparency.WrongRequest
		if th.signed() {
			reason = transparency.NotOpened // in the context of another encapsulated key
		}
		var first *proxy.Message
		th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			switch {
			case !m.Is(wamp.INVOCATION):
			case first == nil:
				first = m.Clone()
			default:
				into(forge, m, attackedURI, forge.Bind(cryptobox.KindCallProgress, func(b *harness.Bound) {
					b.Realm, b.Seq, b.Re = th.realm, 1, tokenOf(opener, first)
				}), "x", 1)
			}
			send(m)
		})
		th.requireRefused(th.callUntilRefused(2), reason)
		th.callee.refuses("invocation", reason)
		th.requireServed("x", 1)
	})
}

// tokenOf opens a payload for its token.
func tokenOf(f *harness.Forger, m *proxy.Message) cryptobox.Token {
	_, token := f.OpenPayload(m.Bytes())
	return token
}

// TestHostileSwapCallees: who begins to answer a call ends it too, although a router
// can have two serve it.
func TestHostileSwapCallees(t *testing.T) {
	const shared = harness.Prefix + "shared"
	attack(t, func(t *testing.T, th *theatre) {
		options := wamp.Dict{wamp.OptInvoke: wamp.InvokeFirst}
		one, two := th.join(th.ResponderKey(), th.realm), th.join(th.ResponderKey(), th.realm)
		one.serveWith(options, shared)
		two.serveWith(options, shared)
		id, ok := two.RegistrationID(shared)
		require.True(t, ok)
		one.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.INVOCATION) {
				two.conn.Invoke(m.With(2, int64(id)))
				th.await(two.conn, proxy.Up, func(m *proxy.Message) bool { return m.Is(wamp.YIELD) && !m.Progress() })
			}
			send(m)
		})
		th.caller.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.RESULT) && !m.Progress() {
				m.Carry(th.await(two.conn, proxy.Up, func(m *proxy.Message) bool { return m.Is(wamp.YIELD) && !m.Progress() }))
			}
			send(m)
		})
		progress := 0
		_, err := th.caller.Call(harness.Timeout(t), shared, nil, wamp.List{"progress"}, nil, func(*wamp.Result) { progress++ })
		harness.RequireReason(t, err, transparency.WrongRequest)
		require.Equal(t, 3, progress)
		th.caller.refuses("result", transparency.WrongRequest)
		harness.Receive(t, one.served)
		harness.Receive(t, two.served)
	})
}
