package peer

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// maxInvocations are served at a time.
const maxInvocations = 1 << 14

// wraparound is how far behind the last one a request id may be to count as new,
// as in nexus.
const wraparound = 500

// invocations are those that the client is serving.
type invocations struct {
	live map[wamp.ID]*invocation
	past recent[struct{}] // that ended with chunks still to come
	last wamp.ID          // the newest request id
}

type invocation struct {
	registration wamp.ID
	first        *cryptobox.Envelope // what the first chunk came in, without payload
	more         bool                // chunks are to come
	flooded      bool                // it ended because there were too many
	busy         bool                // the client has one that its handler hasn't taken
	waiting      queue
}

// receiveInvocation hands on a new invocation, or queues a chunk of one that is
// being served. size is that of the message.
func (g *guard) receiveInvocation(msg *wamp.Invocation, size int) verdict {
	in, live := g.invocations.live[msg.Request]
	if !live {
		return g.beginInvocation(msg)
	}
	if in.flooded {
		return verdict{} // until it is answered
	}
	if !in.more || in.registration != msg.Registration {
		return denied(errLive)
	}
	// A handler may be waiting for a reply: reading has to go on then.
	if urgent := len(g.requests) > 0; g.backlog.crowded(in.waiting, size, urgent) {
		return verdict{room: g.backlog.room, urgent: urgent}
	}
	in.more = isProgress(msg.Details)
	if in.busy || len(in.waiting) > 0 {
		g.backlog.push(&in.waiting, msg, size)
		return verdict{}
	}
	in.busy = true
	return verdict{msg: msg}
}

func (g *guard) beginInvocation(msg *wamp.Invocation) verdict {
	h, registered := g.registrations.live[msg.Registration]
	if !registered {
		if _, past := g.registrations.past.get(msg.Registration); !past {
			return denied(errUnregistered)
		}
		// On its way when the client unregistered: the client answers it.
	}
	last := g.invocations.last
	if msg.Request <= last && wamp.MaxID-(last-msg.Request) >= wraparound || msg.Request == 0 || msg.Request > wamp.MaxID {
		if _, past := g.invocations.past.get(msg.Request); past {
			return verdict{} // a chunk that was on its way
		}
		return denied(errOldRequest) // the client would not look at it
	}
	if len(g.invocations.live) >= maxInvocations {
		return verdict{room: g.backlog.room, urgent: true}
	}
	g.invocations.last = msg.Request
	g.invocations.live[msg.Request] = &invocation{
		registration: msg.Registration,
		more:         isProgress(msg.Details),
		busy:         true,
	}
	return verdict{msg: msg, ready: h}
}

// floodedInvocation ends an invocation whose chunks come faster than they are taken, while
// others wait. It returns what the client has to be told.
func (g *guard) floodedInvocation(msg *wamp.Invocation) verdict {
	in, live := g.invocations.live[msg.Request]
	if !live {
		return denied(ErrFlood)
	}
	in.more, in.flooded = false, true
	g.backlog.discard(&in.waiting)
	return verdict{msg: &wamp.Interrupt{Request: msg.Request, Options: wamp.Dict{}}, err: ErrFlood}
}

// answer notes an answer to an invocation. It returns false where none is due.
func (g *guard) answer(id wamp.ID, last bool) bool {
	in, live := g.invocations.live[id]
	if live && last {
		g.backlog.discard(&in.waiting)
		delete(g.invocations.live, id)
		if in.more || in.flooded {
			g.invocations.past.add(id, struct{}{})
		}
	}
	return live
}

// take notes that the handler has taken a chunk, and returns the next one, or nil.
func (g *guard) take(id wamp.ID) wamp.Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	in, live := g.invocations.live[id]
	if !live {
		return nil
	}
	next := g.backlog.pop(&in.waiting)
	in.busy = next != nil
	return next
}

// firstEnvelope returns what the first chunk of an invocation came in, or nil.
func (g *guard) firstEnvelope(id wamp.ID) *cryptobox.Envelope {
	g.mu.Lock()
	defer g.mu.Unlock()
	if in, live := g.invocations.live[id]; live {
		return in.first
	}
	return nil
}

// keepEnvelope remembers the envelope of a first chunk that has more to follow.
func (g *guard) keepEnvelope(id wamp.ID, env *cryptobox.Envelope) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if in, live := g.invocations.live[id]; live && in.more {
		in.first = header(env)
	}
}

// Taken tells that a handler has begun on a chunk of the invocation: the client
// can have the next one.
func (p *Peer) Taken(request wamp.ID) {
	if next := p.guard.take(request); next != nil {
		p.inject(injected{msg: next})
	}
}
