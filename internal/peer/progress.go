package peer

import "github.com/gammazero/nexus/v3/wamp"

// receiveProgress hands on a progressive result, or queues it: the client blocks on
// the second that its progress handler hasn't taken, and that handler may wait for a
// reply.
func (g *guard) receiveProgress(r *request, result *wamp.Result, size int) verdict {
	if !r.busy {
		r.busy = true
		return verdict{msg: result, reply: r}
	}
	if urgent := len(g.requests) > 1; g.backlog.crowded(r.waiting, size, urgent) {
		return verdict{room: g.backlog.awaitRoom(), urgent: urgent}
	}
	g.backlog.push(&r.waiting, result, size)
	return verdict{}
}

// floodedCall ends a call whose progressive results come faster than they are taken,
// while others wait.
func (g *guard) floodedCall(result *wamp.Result) verdict {
	r, ok := g.requests[result.Request]
	if !ok {
		return denied(errProgress)
	}
	g.finish(r) // and not over: more of it may be on its way
	g.backlog.discard(&r.waiting)
	reply := canceledReply(r.id)
	if r.busy {
		g.backlog.push(&r.waiting, reply, 0)
		return denied(errProgress)
	}
	return verdict{msg: reply, reply: r, last: true, err: errProgress}
}

// flooded ends what a message belongs to that nobody has room for.
func (g *guard) flooded(msg wamp.Message, size int) verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch m := msg.(type) {
	case *wamp.Invocation:
		return g.floodedInvocation(m, size)
	case *wamp.Result:
		return g.floodedCall(m)
	}
	return denied(ErrFlood)
}

// takeProgress notes that the progress handler has taken a result, and returns what
// comes next.
func (g *guard) takeProgress(id wamp.ID) verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, ok := g.requests[id]
	if !ok {
		if r, ok = g.past.get(id); !ok {
			return verdict{}
		}
	}
	next, _ := g.backlog.pop(&r.waiting)
	r.busy = next != nil
	if next == nil {
		return verdict{}
	}
	return verdict{msg: next, reply: r, last: r.over && len(r.waiting) == 0}
}

// ProgressTaken tells that a progress handler has begun on a result of the call: the
// client can have the next one.
func (p *Peer) ProgressTaken(request wamp.ID) {
	if next := p.guard.takeProgress(request); next.msg != nil {
		p.injecting.run(func() { p.handOver(next) })
	}
}
