package proxy

import (
	"sync"

	"github.com/gammazero/nexus/v3/wamp"
)

const (
	// invented is where the ids of invocations begin that nexus knows nothing of.
	invented = wamp.ID(1) << 40
	// maxKnown is how many of the last invocations keep their numbers.
	maxKnown = 1 << 12
)

// numbering gives invocations consecutive ids on the way to a client, in the order in
// which they are sent: clients refuse ids that go back, so one that is injected
// would shut out those of nexus's that follow.
type numbering struct {
	mu       sync.Mutex
	invented wamp.ID
	next     wamp.ID
	toClient map[wamp.ID]wamp.ID
	toRouter map[wamp.ID]wamp.ID
}

func newNumbering() *numbering {
	return &numbering{invented: invented, toClient: map[wamp.ID]wamp.ID{}, toRouter: map[wamp.ID]wamp.ID{}}
}

// requestAt is where a message has the id of an invocation, 0 where it has none.
func requestAt(m *Message) int {
	switch m.Type() {
	case wamp.INVOCATION, wamp.INTERRUPT, wamp.YIELD:
		return 1
	case wamp.ERROR:
		if m.ID(1) == wamp.ID(wamp.INVOCATION) {
			return 2
		}
	}
	return 0
}

// down returns the message as the client is to have it.
func (n *numbering) down(m *Message) *Message {
	at := requestAt(m)
	if at == 0 || at >= len(m.List) || m.ID(at) == 0 {
		return m
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	id, known := n.toClient[m.ID(at)]
	if !known {
		if !m.Is(wamp.INVOCATION) {
			return m
		}
		n.next++
		id = n.next
		n.toClient[m.ID(at)], n.toRouter[id] = id, m.ID(at)
		if old := id - maxKnown; id > maxKnown {
			delete(n.toClient, n.toRouter[old])
			delete(n.toRouter, old)
		}
	}
	return m.With(at, int64(id))
}

// up changes the message to how the router knows it.
func (n *numbering) up(m *Message) {
	at := requestAt(m)
	if at == 0 || at >= len(m.List) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if id, known := n.toRouter[m.ID(at)]; known {
		m.List[at] = int64(id)
	}
}

// foreign reports whether a message answers an invocation that nexus knows nothing of.
func foreign(m *Message) bool {
	at := requestAt(m)
	return at != 0 && m.ID(at) >= invented
}

// Invoke sends the client a copy of an INVOCATION under a request id that is new, and
// returns that. The answers are recorded, and not passed on.
func (c *Conn) Invoke(m *Message) wamp.ID {
	c.numbering.mu.Lock()
	c.numbering.invented++
	id := c.numbering.invented
	c.numbering.mu.Unlock()
	copied := m.For(c).With(1, int64(id))
	copied.Direction = Down
	c.Send(copied)
	return id
}

// Answer reports whether the message is the last or only answer to an invocation.
func (m *Message) Answer(request wamp.ID) bool {
	at := requestAt(m)
	return m.Is(wamp.YIELD, wamp.ERROR) && at != 0 && m.ID(at) == request && !m.Progress()
}
