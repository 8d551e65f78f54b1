package hostile

import (
	"maps"

	"github.com/gammazero/nexus/v3/wamp"
	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// event is a recorded payload as an event of a subscription.
func (a *adversary) event(s address, recorded *message, topic string, o *order) *message {
	details := map[string]any{"topic": topic}
	if o.m%5 == 0 {
		details["retained"] = true
	}
	m := s.conn.Message(proxy.Down, wamp.EVENT, s.id, int64(o.n+1), details, []any{})
	m.Carry(recorded)
	return m
}

// invocation is a recorded payload as a call of a registration, under a request id
// that the router has not used.
func (a *adversary) invocation(r address, recorded *message, o *order) *message {
	details := map[string]any{"procedure": a.topic(recorded, o)}
	if recorded.Is(wamp.INVOCATION, wamp.CALL) && recorded.Progress() {
		details[wamp.OptProgress] = true
	}
	if o.m%3 > 0 {
		details[wamp.OptReceiveProgress] = true
	}
	m := r.conn.Message(proxy.Down, wamp.INVOCATION, a.newInvocation(), r.id, details, []any{})
	m.Carry(recorded)
	return m
}

// topic is the URI that a payload was sent to, or another.
func (a *adversary) topic(recorded *message, o *order) string {
	if uri, known := a.uris[string(sealedBytes(recorded))]; known && o.n%5 > 0 {
		return uri
	}
	return a.w.uri(uris[o.n%len(uris)])
}

func (a *adversary) drawn(t *rapid.T) *order {
	return &order{n: rapid.IntRange(0, 1<<16).Draw(t, "n"), m: rapid.IntRange(0, 1<<16).Draw(t, "m")}
}

// replays injects a recorded payload, as an event, a call or an answer, to anyone.
func (w *world) replays(t *rapid.T) {
	a := w.adversary
	as := rapid.SampledFrom([]string{"event", "invocation", "event to all", "invocation to all", "answer"}).Draw(t, "as")
	which := rapid.IntRange(0, corpusSize-1).Draw(t, "recorded")
	o := a.drawn(t)
	figures.attack("replay as "+as, w.dialect)
	a.mu.Lock()
	recorded := a.recorded(which)
	var out []*message
	if recorded != nil {
		out = a.presented(as, recorded, o)
	}
	a.note(out)
	a.mu.Unlock()
	a.send(out)
	w.barrier(nil)
}

func (a *adversary) presented(as string, recorded *message, o *order) (out []*message) {
	subscriptions, registrations := a.subscriptions, a.registrations
	if s, ok := pick(subscriptions, o.m); as == "event" && ok {
		subscriptions = []address{s}
	}
	if r, ok := pick(registrations, o.m); as == "invocation" && ok {
		registrations = []address{r}
	}
	switch as {
	case "event", "event to all":
		for _, s := range subscriptions {
			if !a.isBarrier(s) {
				out = append(out, a.event(s, recorded, a.topic(recorded, o), o))
			}
		}
	case "invocation", "invocation to all":
		for _, r := range registrations {
			out = append(out, a.invocation(r, recorded, o))
		}
	case "answer":
		if c, ok := pick(a.calls, o.n); ok {
			result := c.conn.Message(proxy.Down, wamp.RESULT, c.id, map[string]any{"progress": o.m%2 == 0}, []any{})
			result.Carry(recorded)
			out = append(out, result)
		}
	}
	return out
}

// invented are types of messages that a router may make up.
var invented = []wamp.MessageType{
	wamp.EVENT, wamp.EVENT, wamp.INVOCATION, wamp.INVOCATION, wamp.RESULT, wamp.ERROR, wamp.PUBLISHED, wamp.SUBSCRIBED, wamp.REGISTERED,
	wamp.UNSUBSCRIBED, wamp.UNREGISTERED, wamp.INTERRUPT, wamp.WELCOME, wamp.CHALLENGE, wamp.GOODBYE, wamp.CALL, wamp.YIELD, 99,
}

// invents makes a message up, plain or with parts of an envelope.
func (w *world) invents(t *rapid.T) {
	a := w.adversary
	kind := rapid.SampledFrom(invented).Draw(t, "type")
	conn := rapid.SampledFrom(w.actors).Draw(t, "to").life.conn
	odd := rapid.SliceOfN(rapid.IntRange(-6, len(oddities)-1), 0, 5).Draw(t, "elements")
	o := a.drawn(t)
	figures.attack("invent", w.dialect)
	a.mu.Lock()
	list := []any{int64(kind)}
	for _, i := range odd {
		list = append(list, a.invention(conn, i, o))
	}
	m := conn.Message(proxy.Down, list...)
	if o.n%3 == 0 {
		m = a.wellFormed(conn, kind, o)
	}
	if o.m%2 == 0 && m.Details() != nil {
		parts(a, o, m)
	}
	out := []*message{m}
	if len(m.List) == 0 {
		out = nil
	}
	a.note(out)
	a.mu.Unlock()
	a.send(out)
	w.barrier(nil)
}

// invention is an element: an id that means something, a dict, a list, or a value that
// nobody expects.
func (a *adversary) invention(conn *proxy.Conn, i int, o *order) any {
	var known []address
	switch i {
	case -1, -2, -3:
		for _, list := range [][]address{a.subscriptions, a.registrations, a.calls} {
			for _, one := range list {
				if one.conn == conn && !a.isBarrier(one) {
					known = append(known, one)
				}
			}
		}
		if one, ok := pick(known, o.n+i+3); ok {
			return int64(one.id)
		}
		return int64(o.n)
	case -4:
		return map[string]any{names[o.n%len(names)]: oddities[o.m%len(oddities)]}
	case -5:
		return forged(o)
	case -6:
		return map[string]any{}
	}
	return oddities[i]
}

// wellFormed is a message in which all is right but that nothing is sealed.
func (a *adversary) wellFormed(conn *proxy.Conn, kind wamp.MessageType, o *order) *message {
	details := map[string]any{"topic": a.w.uri("plain.deep.x"), "procedure": a.w.uri(uris[o.n%len(uris)])}
	if o.m%4 == 0 {
		maps.DeleteFunc(details, func(name string, _ any) bool { return name == "procedure" })
		details["topic"] = a.w.uri(uris[o.n%len(uris)])
	}
	at := func(list []address) int64 {
		var mine []address
		for _, one := range list {
			if one.conn == conn && !a.isBarrier(one) {
				mine = append(mine, one)
			}
		}
		one, _ := pick(mine, o.m)
		return int64(one.id)
	}
	switch kind {
	case wamp.EVENT:
		return conn.Message(proxy.Down, kind, at(a.subscriptions), int64(o.n+1), details, forged(o))
	case wamp.INVOCATION:
		return conn.Message(proxy.Down, kind, a.newInvocation(), at(a.registrations), details, forged(o))
	case wamp.RESULT:
		return conn.Message(proxy.Down, kind, at(a.calls), map[string]any{}, forged(o))
	}
	return conn.Message(proxy.Down, wamp.ERROR, wamp.CALL, at(a.calls), map[string]any{}, "wamp.error.forged", forged(o))
}
