package hostile

import (
	"strings"
	"sync"

	"github.com/gammazero/nexus/v3/wamp"
	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

type message = proxy.Message

// order is one thing to do to a message: to one of that type, after some that are
// left alone. What it does depends on the order, and on what went on before.
type order struct {
	at    wamp.MessageType
	skip  int
	name  string
	n, m  int      // for what has to be chosen
	first *message // of an exchange
}

// address is where a client takes events or calls, or the answers to a call.
type address struct {
	conn *proxy.Conn
	id   wamp.ID
	uri  string
}

// corpusSize is how many messages with a payload are kept for use.
const corpusSize = 64

// adversary is the mind of the evil router.
type adversary struct {
	w *world

	mu            sync.Mutex
	orders        []*order
	corpus        []*message
	held          []*message // to be sent later
	next          []*message // to be sent behind the next one
	subscriptions []address
	registrations []address
	calls         []address // the last ones
	asked         map[askedID]string
	uris          map[string]string  // of sealed payloads
	originals     map[string]int64   // ids of payloads, by envelope
	callOf        map[string]address // by sealed payload
	questions     map[askedID]bool
	present       map[*proxy.Conn]bool
	stolen        *hijack
	invocations   int64

	// In suites 4 and 5.
	readers   []*cryptobox.SuiteKey
	exchanges []cryptobox.Exchange // of what was published and called
	stranger  *cryptobox.SuiteKey  // an originator's
	strangers cryptobox.Exchange
	removed   []*actor // in this step
}

type askedID struct {
	conn *proxy.Conn
	id   wamp.ID
}

func newAdversary(w *world) *adversary {
	a := &adversary{w: w, asked: map[askedID]string{}, uris: map[string]string{}, originals: map[string]int64{}, callOf: map[string]address{}, present: map[*proxy.Conn]bool{}, questions: map[askedID]bool{}}
	if w.sealing.signed() {
		a.readers = readersOf(w.sealing.suite)
	}
	return a
}

// order draws what is to be done to messages of those types in this step.
func (a *adversary) order(t *rapid.T, types ...wamp.MessageType) {
	if a.w.honest {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.orders = nil
	for range rapid.IntRange(0, 2).Draw(t, "attacks") {
		o := &order{at: rapid.SampledFrom(types).Draw(t, "at")}
		o.skip = rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "after")
		o.name = rapid.SampledFrom(attackNames).Draw(t, "attack")
		o.n = rapid.IntRange(0, 1<<16).Draw(t, "n")
		o.m = rapid.IntRange(0, 1<<16).Draw(t, "m")
		a.orders = append(a.orders, o)
	}
}

// add has one more thing done in this step.
func (a *adversary) add(o *order) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o != nil {
		a.orders = append(a.orders, o)
	}
}

// joined and left note whose connection is that of an actor's Session now.
func (a *adversary) joined(conn *proxy.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.present[conn] = true
}

func (a *adversary) left(conn *proxy.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.present, conn)
}

// busy reports whether there is something to do in this step.
func (a *adversary) busy() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.orders) > 0
}

// rest ends a step: what was not met is forgotten, what has waited is sent.
func (a *adversary) rest(release bool) {
	a.mu.Lock()
	a.orders, a.stolen = nil, nil
	for _, one := range a.removed {
		a.w.restore(one)
	}
	a.removed = nil
	out := a.next
	a.next = nil
	if release {
		out = append(out, a.held...)
		a.held = nil
	}
	a.note(out)
	a.mu.Unlock()
	a.send(out)
}

func (a *adversary) send(messages []*message) {
	for _, m := range messages {
		m.Conn.Send(a.hide(m.Clone())...)
	}
}

// hook is the evil router's for both directions.
func (a *adversary) hook(m *message, _ func(...*message)) {
	a.mu.Lock()
	a.show(m)
	a.learn(m)
	out := []*message{m}
	if !a.exempt(m) {
		out = a.decide(m)
	}
	a.note(out)
	a.mu.Unlock()
	a.send(out)
}

// exempt reports whether a message belongs to a barrier or to a handler's question.
func (a *adversary) exempt(m *message) bool {
	uri := ""
	switch m.Type() {
	case wamp.CALL:
		return m.Text(3) == question
	case wamp.RESULT:
		return a.questions[askedID{m.Conn, m.ID(1)}]
	case wamp.PUBLISH:
		uri = m.Text(3)
	case wamp.EVENT:
		for _, s := range a.subscriptions {
			if s.conn == m.Conn && s.id == m.ID(1) {
				uri = s.uri
			}
		}
	case wamp.SUBSCRIBED:
		uri = a.asked[askedID{m.Conn, m.ID(1)}]
	}
	return strings.HasPrefix(uri, a.w.base+"barrier.")
}

// decide returns what goes on in place of m.
func (a *adversary) decide(m *message) []*message {
	out := []*message{m}
	for _, o := range a.orders {
		if o.name == "" || !m.Is(o.at) {
			continue
		}
		if o.skip > 0 {
			o.skip--
			continue
		}
		figures.attack(o.name, a.w.dialect)
		var all []*message
		for _, one := range out {
			all = append(all, attacks[o.name](a, o, one)...)
		}
		out, o.name = all, ""
	}
	if a.stolen != nil {
		out = a.stolen.follow(m, out)
	}
	if len(out) > 0 {
		out = append(out, a.next...)
		a.next = nil
	}
	return out
}

// learn notes what the messages tell of who takes what.
func (a *adversary) learn(m *message) {
	key := askedID{m.Conn, m.ID(1)}
	switch m.Type() {
	case wamp.SUBSCRIBE, wamp.REGISTER:
		a.asked[key] = m.Text(3)
	case wamp.SUBSCRIBED:
		a.subscriptions = append(a.subscriptions, address{m.Conn, m.ID(2), a.asked[key]})
	case wamp.REGISTERED:
		a.registrations = append(a.registrations, address{m.Conn, m.ID(2), a.asked[key]})
	case wamp.CALL:
		if m.Text(3) == question {
			a.questions[key] = true
			return
		}
		a.calls = append(a.calls, address{m.Conn, m.ID(1), m.Text(3)})
		if len(a.calls) > 4 {
			a.calls = a.calls[1:]
		}
	}
	if m.Payload() == nil || a.exempt(m) {
		return
	}
	if m.Direction == proxy.Up {
		a.original(m)
	}
	a.corpus = append(a.corpus, m.Clone())
	if len(a.corpus) > corpusSize {
		a.corpus = a.corpus[1:]
	}
	if m.Is(wamp.PUBLISH, wamp.CALL) && sealedBytes(m) != nil {
		a.uris[string(sealedBytes(m))] = m.Text(3)
	}
	if m.Is(wamp.CALL) && sealedBytes(m) != nil {
		a.callOf[string(sealedBytes(m))] = address{m.Conn, m.ID(1), m.Text(3)}
	}
}

// recorded chooses a recorded message with a payload, nil where there is none. It is
// the last ones rather than the first.
func (a *adversary) recorded(n int) *message {
	if len(a.corpus) == 0 {
		return nil
	}
	return a.corpus[len(a.corpus)-1-n%len(a.corpus)].Clone()
}

func pick[T any](list []T, n int) (one T, ok bool) {
	if len(list) == 0 {
		return one, false
	}
	return list[len(list)-1-n%len(list)], true
}

// firstInvented is where the request ids of invented invocations begin: above those
// that package proxy knows to be nexus's.
const firstInvented = 1 << 41

func (a *adversary) newInvocation() int64 {
	a.invocations++
	return firstInvented + a.invocations
}

func (a *adversary) isBarrier(at address) bool { return strings.HasPrefix(at.uri, a.w.base+"barrier.") }
