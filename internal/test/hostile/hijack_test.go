package hostile

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// hijack has two callees serve one call, and gives the caller the first answers of one
// and the others of the other.
type hijack struct {
	a        *adversary
	request  wamp.ID // of the call that nexus routes
	honest   *proxy.Conn
	caller   address
	second   address
	under    wamp.ID // the request that the second callee serves
	cut      int     // how many answers come from the first callee
	passed   int
	position int
	waiting  []*message // of the second callee
}

// hijack begins with an invocation, and returns nil where there is nobody else to
// serve it.
func (a *adversary) hijack(m *message, o *order) *hijack {
	caller, ok := a.callOf[string(sealedBytes(m))]
	if !ok || m.Direction != proxy.Down {
		return nil
	}
	for i := range a.registrations {
		r := a.registrations[(i+o.n)%len(a.registrations)]
		if r.conn == m.Conn || r.uri != caller.uri && r.uri != a.w.uri("a.") || !a.present[r.conn] {
			continue
		}
		h := &hijack{a: a, request: m.ID(1), honest: m.Conn, caller: caller, second: r, cut: o.m % 4}
		copied := a.invocation(r, m, o)
		h.under = copied.ID(1)
		h.waiting = append(h.waiting, copied)
		return h
	}
	return nil
}

// follow returns what goes on in place of m, for which out would.
func (h *hijack) follow(m *message, out []*message) []*message {
	if len(h.waiting) > 0 && h.waiting[0].Is(wamp.INVOCATION) {
		out = append(out, h.waiting[0])
		h.waiting = h.waiting[1:]
		return out
	}
	switch {
	case m.Is(wamp.INVOCATION) && m.Conn == h.honest && m.ID(1) == h.request:
		later := m.For(h.second.conn).With(1, int64(h.under)).With(2, int64(h.second.id))
		return append(out, later)
	case !m.Is(wamp.YIELD, wamp.ERROR) || m.Direction != proxy.Up:
		return out
	case m.Conn == h.honest && answers(m) == h.request:
		if h.passed >= h.cut {
			return nil
		}
		h.passed++
	case m.Conn == h.second.conn && answers(m) == h.under:
		h.position++
		if h.position > h.cut {
			h.waiting = append(h.waiting, h.result(m))
		}
		out = nil
	default:
		return out
	}
	if h.passed >= h.cut {
		out = append(out, h.waiting...)
		h.waiting = nil
	}
	return out
}

// answers is the request of an answer to an invocation.
func answers(m *message) wamp.ID {
	if m.Is(wamp.ERROR) {
		return m.ID(2)
	}
	return m.ID(1)
}

// result is an answer as the caller gets it.
func (h *hijack) result(m *message) *message {
	details := map[string]any{}
	if m.Progress() {
		details[wamp.OptProgress] = true
	}
	result := h.caller.conn.Message(proxy.Down, wamp.RESULT, h.caller.id, details, []any{})
	if m.Is(wamp.ERROR) {
		result = h.caller.conn.Message(proxy.Down, wamp.ERROR, wamp.CALL, h.caller.id, details, m.Text(4), []any{})
	}
	result.Carry(m)
	return result
}
