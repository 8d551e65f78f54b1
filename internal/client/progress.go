package client

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

// progress is what a call's progressive results go through. All but the handler's own
// run is under Client.mu.
type progress struct {
	handler ProgressHandler
	failed  failure
	waiting queue[*link.Incoming]
	stopped bool          // nothing more is handed on
	running chan struct{} // closed when the goroutine that runs the handler has ended; nil where there is none
}

// stop forgets what waits.
func (p *progress) stop(b *backlog) {
	p.stopped = true
	p.waiting.discard(b)
}

// decideProgress queues a progressive result. mu is held.
func (c *Client) decideProgress(r *request, in *link.Incoming, flooded bool) verdict {
	p := r.progress
	if p.stopped {
		return verdict{}
	}
	bytes := in.Waiting()
	// Another call may be what the handler waits for.
	urgent := len(c.requests) > 1
	if c.backlog.crowded(len(p.waiting.items), p.waiting.bytes, bytes, urgent) {
		if c.backlog.givesUp(urgent, flooded) {
			return c.floodedCall(r)
		}
		return verdict{room: c.backlog.room.next(), urgent: urgent}
	}
	p.waiting.push(&c.backlog, in, bytes)
	if p.running == nil {
		p.running = make(chan struct{})
		go c.runProgress(p, p.running)
	}
	return verdict{keep: true}
}

// floodedCall ends a call whose progressive results come faster than they are taken,
// while others wait.
func (c *Client) floodedCall(r *request) verdict {
	r.progress.stop(&c.backlog)
	delete(c.requests, r.id)
	c.past.Add(r.id, givenUp{chunks: r.chunks}, maxPast)
	end := new(link.Incoming)
	end.Type, end.Answers, end.Request, end.URI = wamp.ERROR, wamp.CALL, r.id, string(wamp.ErrCanceled)
	r.reply <- end
	return verdict{refused: errProgress}
}

// runProgress hands on what waits.
func (c *Client) runProgress(p *progress, ended chan<- struct{}) {
	defer close(ended)
	for {
		c.mu.Lock()
		in, ok := p.waiting.pop(&c.backlog)
		if !ok {
			p.running = nil
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		r := &Result{Request: in.Request}
		r.Received = c.received(in, nil)
		if err := p.handler(r); err != nil {
			c.mu.Lock()
			p.stop(&c.backlog)
			c.mu.Unlock()
			p.failed.end(err)
		}
	}
}

// awaitProgress returns when the handler has had all that waits, or, if that is to be
// dropped, what it is at. No more may come.
func (c *Client) awaitProgress(p *progress, dropped bool) {
	if p == nil {
		return
	}
	c.mu.Lock()
	if dropped {
		p.stop(&c.backlog)
	}
	running := p.running
	c.mu.Unlock()
	if running != nil {
		<-running
	}
}
