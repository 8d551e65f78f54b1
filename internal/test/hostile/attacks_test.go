package hostile

import (
	"bytes"
	"maps"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// attack returns what goes on in place of a message.
type attack func(a *adversary, o *order, m *message) []*message

// attacks by name.
var attacks = map[string]attack{
	"drop":      func(*adversary, *order, *message) []*message { return nil },
	"duplicate": func(_ *adversary, _ *order, m *message) []*message { return []*message{m, m.Clone()} },
	"delay": func(a *adversary, _ *order, m *message) []*message {
		a.held = append(a.held, m)
		return nil
	},
	"reorder": func(a *adversary, _ *order, m *message) []*message {
		a.next = append(a.next, m)
		return nil
	},
	"swap payload": swapPayload,
	"add payload":  func(a *adversary, o *order, m *message) []*message { return append(swapPayload(a, o, m.Clone()), m) },
	"append payload": func(a *adversary, o *order, m *message) []*message {
		return append([]*message{m}, swapPayload(a, o, m.Clone())...)
	},
	"swap message":       swapMessage,
	"add message":        func(a *adversary, o *order, m *message) []*message { return append(swapMessage(a, o, m.Clone()), m) },
	"exchange":           exchange,
	exchangedName:        exchanged,
	"mirror":             mirror,
	"strip":              changed(func(_ *adversary, o *order, m *message) { m.Strip(forged(o), nil) }),
	"add plain":          func(_ *adversary, o *order, m *message) []*message { return plainCopy(o, m, m) },
	"plain first":        func(_ *adversary, o *order, m *message) []*message { return plainCopy(o, m, m)[:1] },
	"beside":             changed(beside),
	"parts":              changed(parts),
	"field":              changed(editField),
	"detail":             changed(editDetail),
	"flip":               changed(flip),
	"truncate":           changed(truncate),
	"element":            changed(editElement),
	"cut":                changed(func(_ *adversary, o *order, m *message) { m.List = m.List[:1+o.n%len(m.List)] }),
	"progress":           changed(flipProgress),
	"other type":         changed(otherType),
	"answer again":       answerAgain,
	"two callees":        twoCallees,
	"drop the key id":    changed(func(_ *adversary, _ *order, m *message) { m.Unset(proxy.KeyID) }),
	"name another topic": changed(nameAnother),
	"move to a dialect":  changed(moveDialect),
	"head":               changed(editHead),
	"refuse":             refuseCall,
	"seal again":         sealAgain,
	"remove a party":     removeNow,
}

// attackNames are those to draw from: what readers do, and removing a party, count for three.
var attackNames = append(slices.DeleteFunc(slices.Sorted(maps.Keys(attacks)), func(name string) bool { return name == exchangedName }), "seal again", "seal again", "remove a party", "remove a party")

// exchangedName is the second half of an exchange.
const exchangedName = "exchanged"

// changed is an attack that changes the message.
func changed(change func(a *adversary, o *order, m *message)) attack {
	return func(a *adversary, o *order, m *message) []*message {
		change(a, o, m)
		return []*message{m}
	}
}

func forged(o *order) []any { return []any{forgedText, int64(o.n)} }

// swapPayload puts any recorded payload in the place of this one.
func swapPayload(a *adversary, o *order, m *message) []*message {
	if other := a.recorded(o.n); other != nil && m.Details() != nil {
		m.Carry(other)
	}
	return []*message{m}
}

// like returns the recorded messages of a type.
func (a *adversary) like(kind wamp.MessageType) (all []*message) {
	for _, m := range a.corpus {
		if m.Is(kind) {
			all = append(all, m)
		}
	}
	return all
}

// swapMessage puts a recorded message of that type in the place of this one, under its
// ids.
func swapMessage(a *adversary, o *order, m *message) []*message {
	other, ok := pick(a.like(m.Type()), o.n)
	if !ok {
		return []*message{m}
	}
	copied := other.For(m.Conn)
	copied.Direction = m.Direction
	ids := map[wamp.MessageType]int{wamp.ERROR: 3, wamp.INVOCATION: 3, wamp.EVENT: 2}[m.Type()]
	for i := 1; i < max(ids, 2) && i < len(m.List) && i < len(copied.List); i++ {
		copied.List[i] = m.List[i]
	}
	return []*message{copied}
}

// exchange holds a message until the next, and swaps their payloads.
func exchange(a *adversary, o *order, m *message) []*message {
	a.orders = append(a.orders, &order{at: m.Type(), name: exchangedName, n: o.n, m: o.m, first: m})
	return nil
}

func exchanged(_ *adversary, o *order, m *message) []*message {
	payload := m.Clone()
	m.Carry(o.first)
	o.first.Carry(payload)
	if o.n%2 == 0 {
		return []*message{m, o.first}
	}
	return []*message{o.first, m}
}

// mirror sends a client what it has just sent: a call as its result, an event to its
// publisher.
func mirror(a *adversary, o *order, m *message) []*message {
	out := []*message{m}
	switch m.Type() {
	case wamp.CALL:
		result := m.Conn.Message(proxy.Down, wamp.RESULT, m.ID(1), map[string]any{"progress": o.n%3 == 0}, []any{})
		if o.m%2 == 0 {
			result = m.Conn.Message(proxy.Down, wamp.ERROR, wamp.CALL, m.ID(1), map[string]any{}, m.Text(3), []any{})
		}
		result.Carry(m)
		if o.n%2 == 0 {
			return []*message{result}
		}
		out = append(out, result)
	case wamp.PUBLISH:
		for _, s := range a.subscriptions {
			if s.conn == m.Conn {
				out = append(out, a.event(s, m, m.Text(3), o))
			}
		}
	case wamp.INVOCATION:
		for _, r := range a.registrations {
			if r.conn == m.Conn {
				out = append(out, a.invocation(r, m, o))
			}
		}
	}
	return out
}

func plainCopy(o *order, m, then *message) []*message {
	plain := m.Clone()
	plain.Strip(forged(o), nil)
	return []*message{plain, then}
}

// flip changes bits of what is sealed.
func flip(_ *adversary, o *order, m *message) {
	if b := bytes.Clone(sealedBytes(m)); len(b) > 0 {
		b[o.n%len(b)] ^= byte(1 + o.m%255)
		m.SetBytes(b)
	}
}

func truncate(_ *adversary, o *order, m *message) {
	b := bytes.Clone(sealedBytes(m))
	if len(b) == 0 {
		return
	}
	if o.m%3 == 0 {
		b = append(b, byte(o.n))
	} else {
		b = b[:o.n%len(b)]
	}
	m.SetBytes(b)
}

// twoCallees has two callees serve one call, and puts the answers of both together.
func twoCallees(a *adversary, o *order, m *message) []*message {
	if m.Is(wamp.INVOCATION) && a.stolen == nil {
		a.stolen = a.hijack(m, o)
	}
	return []*message{m}
}

// moveDialect lays the payload as another dialect does, as far as a router can.
func moveDialect(a *adversary, o *order, m *message) {
	b := sealedBytes(m)
	if b == nil {
		return
	}
	if !a.w.foreign() && len(b) > headSize {
		b = b[headSize:]
	}
	switch to := proxy.Dialects[o.n%len(proxy.Dialects)]; to {
	case proxy.Autobahn:
		m.Lay(to, b, map[proxy.Field]any{proxy.Algorithm: "cryptobox", proxy.Serializer: "json"})
	case proxy.Passthru:
		m.Lay(to, b, map[proxy.Field]any{proxy.Algorithm: "xsalsa20poly1305", proxy.Serializer: "cbor", proxy.Scheme: "wamp", proxy.KeyID: "pair"})
	default:
		id := cryptobox.PairID(cryptobox.SuiteBox, allKeys.originator.Public(), allKeys.responder.Public())
		if suite := a.w.sealing.suite; suite.String() == "xbox" {
			id = cryptobox.PairID(suite, allKeys.originator.Public(), allKeys.responder.Public())
		} else if a.w.sealing.signed() {
			id = cryptobox.SignedID(allKeys.signed[suite].pair.Public())
		}
		m.Lay(to, slices.Concat([]byte{byte(a.w.sealing.suite)}, id[:], b), nil)
	}
}

// headSize are the bytes of suite and key id.
const headSize = 17

// editHead changes the suite and the key id of a payload of ours to those of another.
func editHead(a *adversary, o *order, m *message) {
	b := bytes.Clone(sealedBytes(m))
	if len(b) <= headSize {
		return
	}
	if other := a.recorded(o.n); other != nil && o.m%2 == 0 && len(sealedBytes(other)) > headSize {
		copy(b, sealedBytes(other)[:headSize])
	} else {
		b[0] = byte(o.m % 8)
	}
	m.SetBytes(b)
}

// refuseCall answers a call in the callee's place, with what looks like a refusal, or is
// one of another call.
func refuseCall(a *adversary, o *order, m *message) []*message {
	if !m.Is(wamp.CALL) {
		return []*message{m}
	}
	refusal := m.Conn.Message(proxy.Down, wamp.ERROR, wamp.CALL, m.ID(1), map[string]any{}, string(transparency.URIError), []any{})
	enc := bytes.Repeat([]byte{byte(o.m)}, 256)
	copy(enc, sealedBytes(m)[:min(headSize, len(sealedBytes(m)))])
	refusal.Lay(proxy.Wampbox, enc, nil)
	if old, ok := pick(a.like(wamp.ERROR), o.n); ok && o.m%2 == 0 {
		refusal.Carry(old)
	}
	if o.n%2 == 0 {
		return []*message{refusal}
	}
	return []*message{m, refusal}
}
