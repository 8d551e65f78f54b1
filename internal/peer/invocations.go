package peer

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Chunks of progressive invocations wait here until the handler takes them: the
// client's receiving goroutine, and with it every reply, would wait otherwise.
const (
	// softChunks wait for one invocation before the router has to: as long as
	// nothing else depends on what it sends next.
	softChunks = 16
	// hardChunks and hardBytes wait for all invocations of a session.
	hardChunks = 1024
	hardBytes  = 64 << 20
	// maxInvocations are served at a time.
	maxInvocations = 1 << 14
)

// wraparound is how far behind the last one a request id may be to count as new,
// as in nexus.
const wraparound = 500

// invocations are those that the client is serving.
type invocations struct {
	live   map[wamp.ID]*invocation
	past   recent[struct{}] // that ended with chunks still to come
	last   wamp.ID          // the newest request id
	chunks int              // that wait
	bytes  int              // in those
	room   chan struct{}    // closed, and made anew, when chunks were taken
}

func newInvocations() invocations {
	return invocations{live: map[wamp.ID]*invocation{}, room: make(chan struct{})}
}

type invocation struct {
	registration wamp.ID
	first        *cryptobox.Envelope // what the first chunk came in, without payload
	more         bool                // chunks are to come
	flooded      bool                // it ended because there were too many
	busy         bool                // the client has one that its handler hasn't taken
	waiting      []chunk
}

type chunk struct {
	msg   *wamp.Invocation
	bytes int
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
	if g.crowded(in, size) {
		return verdict{room: g.invocations.room, urgent: len(g.requests) > 0}
	}
	in.more = isProgress(msg.Details)
	if in.busy || len(in.waiting) > 0 {
		in.waiting = append(in.waiting, chunk{msg, size})
		g.invocations.chunks++
		g.invocations.bytes += size
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
		return verdict{room: g.invocations.room, urgent: true}
	}
	g.invocations.last = msg.Request
	g.invocations.live[msg.Request] = &invocation{
		registration: msg.Registration,
		more:         isProgress(msg.Details),
		busy:         true,
	}
	return verdict{msg: msg, ready: h}
}

// crowded reports whether the router has to wait before another chunk is taken in.
func (g *guard) crowded(in *invocation, size int) bool {
	all := &g.invocations
	if all.chunks >= hardChunks || all.chunks > 0 && all.bytes+size > hardBytes {
		return true
	}
	// A handler may be waiting for a reply: reading has to go on.
	return len(in.waiting) >= softChunks && len(g.requests) == 0
}

// makeRoom lets what waits for room ask again.
func (g *guard) makeRoom() {
	close(g.invocations.room)
	g.invocations.room = make(chan struct{})
}

// flooded ends an invocation whose chunks come faster than they are taken, while
// others wait. It returns what the client has to be told.
func (g *guard) flooded(msg wamp.Message) wamp.Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	chunk, ok := msg.(*wamp.Invocation)
	if !ok {
		return nil
	}
	in, live := g.invocations.live[chunk.Request]
	if !live {
		return nil
	}
	in.more, in.flooded = false, true
	g.discard(in)
	return &wamp.Interrupt{Request: chunk.Request, Options: wamp.Dict{}}
}

// discard forgets the chunks that wait.
func (g *guard) discard(in *invocation) {
	for _, c := range in.waiting {
		g.invocations.chunks--
		g.invocations.bytes -= c.bytes
	}
	in.waiting = nil
	g.makeRoom()
}

// answer notes an answer to an invocation. It returns false where none is due.
func (g *guard) answer(id wamp.ID, last bool) bool {
	in, live := g.invocations.live[id]
	if live && last {
		g.discard(in)
		delete(g.invocations.live, id)
		if in.more || in.flooded {
			g.invocations.past.add(id, struct{}{})
		}
	}
	return live
}

// take notes that the handler has taken a chunk, and returns the next one.
func (g *guard) take(id wamp.ID) (next *wamp.Invocation, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	in, live := g.invocations.live[id]
	if !live {
		return nil, false
	}
	if len(in.waiting) == 0 {
		in.busy = false
		return nil, false
	}
	c := in.waiting[0]
	in.waiting[0] = chunk{}
	in.waiting = in.waiting[1:]
	g.invocations.chunks--
	g.invocations.bytes -= c.bytes
	g.makeRoom()
	return c.msg, true
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
	if next, ok := p.guard.take(request); ok {
		p.inject(injected{msg: next})
	}
}
