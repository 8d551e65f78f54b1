package peer

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

const (
	// maxInvocations are served at a time.
	maxInvocations = 1 << 14
	// maxOpening bounds the bytes of those that have not been opened as yet.
	maxOpening = 64 << 20
)

// errorURIUnavailable is what a callee answers that can't serve a call for now (WAMP
// specification, "Call Rerouting").
const errorURIUnavailable = wamp.URI("wamp.error.unavailable")

// wraparound is how far behind the last one a request id may be to count as new,
// as in nexus.
const wraparound = 500

// invocations are those that the client is serving.
type invocations struct {
	live map[wamp.ID]*invocation
	past recent[struct{}] // that ended with chunks still to come
	last wamp.ID          // the newest request id

	opening int  // bytes of those that have not been opened
	stuck   bool // there has been no room for too long
}

type invocation struct {
	registration wamp.ID
	first        *cryptobox.Envelope // what the first chunk came in, without payload
	more         bool                // chunks are to come
	flooded      bool                // it ended because there were too many
	busy         bool                // the client has one that its handler hasn't taken
	size         int                 // of that, in bytes, which counter counts
	counter      *int
	waiting      queue
}

// receiveInvocation hands on a new invocation, or queues a chunk of one that is
// being served. size is that of the message.
func (g *guard) receiveInvocation(msg *wamp.Invocation, size int) verdict {
	in, live := g.invocations.live[msg.Request]
	if !live {
		return g.beginInvocation(msg, size)
	}
	if in.flooded {
		return verdict{} // until it is answered
	}
	if !in.more || in.registration != msg.Registration {
		return denied(errLive)
	}
	// A handler may be waiting for a reply: reading has to go on then.
	if urgent := len(g.requests) > 0; g.backlog.crowded(in.waiting, size, urgent) {
		return verdict{room: g.backlog.awaitRoom(), urgent: urgent}
	}
	in.more = isProgress(msg.Details)
	if in.busy || len(in.waiting) > 0 {
		g.backlog.push(&in.waiting, msg, size)
		return verdict{}
	}
	in.hand(size, &g.backlog.bytes)
	return verdict{msg: msg}
}

func (g *guard) beginInvocation(msg *wamp.Invocation, size int) verdict {
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
	if g.invocations.full(size) {
		// A handler may be waiting for a reply, or to be interrupted.
		if len(g.requests) > 0 || g.invocations.stuck {
			return g.unavailable(msg)
		}
		return verdict{room: g.backlog.awaitRoom(), urgent: true}
	}
	g.invocations.last = msg.Request
	in := &invocation{registration: msg.Registration, more: isProgress(msg.Details)}
	g.invocations.live[msg.Request] = in
	in.hand(size, &g.invocations.opening)
	return verdict{msg: msg, ready: h}
}

// full reports whether another invocation of that size has no room.
func (i *invocations) full(size int) bool {
	return len(i.live) >= maxInvocations || i.opening > 0 && i.opening+size > maxOpening
}

// hand notes that the client has a chunk.
func (in *invocation) hand(size int, counter *int) {
	in.busy, in.size, in.counter = true, size, counter
	*counter += size
}

// taken notes that the handler has it, or won't.
func (in *invocation) taken() {
	if in.busy {
		*in.counter -= in.size
	}
	in.busy = false
}

// unavailable answers an invocation that there is no room for.
func (g *guard) unavailable(msg *wamp.Invocation) verdict {
	g.invocations.last = msg.Request
	if isProgress(msg.Details) {
		g.invocations.past.add(msg.Request, struct{}{})
	}
	answer := &wamp.Error{Type: wamp.INVOCATION, Request: msg.Request, Details: wamp.Dict{}, Error: errorURIUnavailable}
	return verdict{err: errInvocations, answer: answer}
}

// floodedInvocation ends an invocation whose chunks come faster than they are taken, while
// others wait, or that there has been no room for. It returns what the client or the
// router has to be told.
func (g *guard) floodedInvocation(msg *wamp.Invocation, size int) verdict {
	in, live := g.invocations.live[msg.Request]
	if !live {
		g.invocations.stuck = g.invocations.full(size)
		return g.beginInvocation(msg, size)
	}
	in.more, in.flooded = false, true
	g.backlog.discard(&in.waiting)
	return verdict{msg: &wamp.Interrupt{Request: msg.Request, Options: wamp.Dict{}}, err: errChunks}
}

// answer notes an answer to an invocation. It returns false where none is due.
func (g *guard) answer(id wamp.ID, last bool) bool {
	in, live := g.invocations.live[id]
	if live && last {
		in.taken()
		delete(g.invocations.live, id)
		g.invocations.stuck = false
		g.backlog.discard(&in.waiting)
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
	in.taken()
	g.invocations.stuck = false
	next, size := g.backlog.pop(&in.waiting)
	if next == nil {
		g.backlog.makeRoom()
		return nil
	}
	in.hand(size, &g.backlog.bytes)
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

// Taken tells that a chunk of the invocation has been opened, and its handler begins
// on it: the client can have the next one.
func (p *Peer) Taken(request wamp.ID) {
	if next := p.guard.take(request); next != nil {
		p.inject(injected{msg: next})
	}
}
