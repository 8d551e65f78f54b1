package client

import (
	"context"
	"errors"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

const (
	// maxServed invocations are served at a time.
	maxServed = 1 << 14
	// maxServedBytes bounds the memory that their payloads take.
	maxServedBytes = 256 << 20
)

// errorUnavailable is what a callee answers that can't serve a call for now (WAMP
// specification, "Call Rerouting").
const errorUnavailable = wamp.URI("wamp.error.unavailable")

// wraparound is how far behind the last one a request id may be to count as new, as in
// nexus.
const wraparound = 500

// What a router in its senses never sends.
var (
	errUnregistered = errors.New("an invocation for no registration")
	errOldRequest   = errors.New("an invocation under a request id that was used before")
	errLive         = errors.New("an invocation under the request id of one that is being served")
)

// invocations are those that are being served.
type invocations struct {
	live  map[wamp.ID]*Invocation
	past  recent[struct{}] // that ended with chunks still to come
	last  wamp.ID          // the newest request id
	bytes int              // that they take in memory, decoded
	stuck bool             // there has been no room for too long
}

func (i *invocations) full(bytes int) bool {
	return len(i.live) >= maxServed || i.bytes > 0 && i.bytes+bytes > maxServedBytes
}

// decideInvocation serves a new invocation, or a chunk of one that is being served. mu is
// held.
func (c *Client) decideInvocation(in *link.Incoming, flooded bool) verdict {
	inv, live := c.invocations.live[in.Request]
	if !live {
		return c.decideNew(in, flooded)
	}
	if !inv.more || inv.registration != in.ID {
		return verdict{refused: errLive}
	}
	bytes := in.Waiting()
	// A handler may be waiting for a reply: reading has to go on then.
	urgent := len(c.requests) > 0
	if c.backlog.crowded(len(inv.waiting.items), inv.waiting.bytes, bytes, urgent) {
		if flooded {
			return verdict{refused: errChunks, then: c.interrupt(inv)}
		}
		return verdict{room: c.backlog.awaitRoom(), urgent: urgent}
	}
	inv.more = in.Flag(wamp.OptProgress)
	inv.waiting.push(&c.backlog, in, bytes)
	if inv.running {
		return verdict{keep: true}
	}
	inv.running = true
	return verdict{keep: true, then: func() { c.workers.run(c.over, inv.serveWaiting) }}
}

func (c *Client) decideNew(in *link.Incoming, flooded bool) verdict {
	r, registered := c.registrations.live[in.ID]
	if !registered {
		if _, past := c.registrations.past.get(in.ID); !past {
			return verdict{refused: errUnregistered}
		}
		// It was on its way when the application unregistered: the caller is told.
	}
	last := c.invocations.last
	if in.Request <= last && wamp.MaxID-(last-in.Request) >= wraparound || in.Request == 0 || in.Request > wamp.MaxID {
		if _, past := c.invocations.past.get(in.Request); past {
			return verdict{} // a chunk that was on its way
		}
		return verdict{refused: errOldRequest}
	}
	bytes := in.Decoded()
	if registered && c.invocations.full(bytes) {
		c.invocations.stuck = c.invocations.stuck || flooded
		// A handler may be waiting for a reply, or to be interrupted.
		if len(c.requests) == 0 && !c.invocations.stuck {
			return verdict{room: c.backlog.awaitRoom(), urgent: true}
		}
		v := c.turnAway(in, errorUnavailable)
		v.refused = errInvocations
		return v
	}
	if !registered {
		return c.turnAway(in, wamp.ErrInvalidArgument)
	}
	c.invocations.last = in.Request
	inv := &Invocation{
		request: in.Request, registration: in.ID,
		client: c, handler: r.handler, running: true, charged: bytes,
	}
	more := in.Flag(wamp.OptProgress)
	inv.more, inv.progress = more, in.Flag(wamp.OptReceiveProgress)
	inv.ctx, inv.cancel = context.WithCancel(context.WithValue(context.Background(), invocationKey{}, inv))
	c.invocations.live[inv.request] = inv
	c.invocations.bytes += bytes
	return verdict{keep: true, then: func() { c.workers.run(c.over, func() { inv.serve(in, more) }) }}
}

// turnAway answers an invocation that isn't served. mu is held.
func (c *Client) turnAway(in *link.Incoming, uri wamp.URI) verdict {
	request := in.Request
	c.invocations.last = request
	if in.Flag(wamp.OptProgress) {
		c.invocations.past.add(request, struct{}{})
	}
	return verdict{then: func() { c.workers.run(c.over, func() { _ = c.sendError(request, uri) }) }}
}

// serve hands a chunk to the handler, and then what has come meanwhile.
func (inv *Invocation) serve(in *link.Incoming, more bool) {
	c := inv.client
	received := c.received(in, inv.first)
	if more && received.Envelope != nil && inv.first == nil {
		inv.first = header(received.Envelope)
	}
	if ms, _ := wamp.AsInt64(received.Details[wamp.OptTimeout]); ms > 0 {
		inv.expireAfter(time.Duration(ms) * time.Millisecond)
	}
	inv.handler(inv, &received)
	inv.serveWaiting()
}

// serveWaiting hands on what waits.
func (inv *Invocation) serveWaiting() {
	c := inv.client
	for {
		c.mu.Lock()
		in, ok := inv.waiting.pop(&c.backlog)
		if !ok {
			inv.running = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		received := c.received(in, inv.first)
		inv.handler(inv, &received)
	}
}

// expireAfter has the invocation end when its caller's timeout is over (specification,
// "Call Timeouts").
func (inv *Invocation) expireAfter(timeout time.Duration) {
	var cancel context.CancelFunc
	inv.ctx, cancel = context.WithTimeout(inv.ctx, timeout)
	context.AfterFunc(inv.ctx, func() {
		defer cancel()
		inv.client.mu.Lock()
		then := inv.client.interrupt(inv)
		inv.client.mu.Unlock()
		if then != nil {
			then()
		}
	})
}

// decideInterrupt ends an invocation that the router doesn't want any more. mu is held.
func (c *Client) decideInterrupt(in *link.Incoming) verdict {
	inv, live := c.invocations.live[in.Request]
	if !live {
		return verdict{} // it has been answered meanwhile
	}
	return verdict{then: c.interrupt(inv)}
}

// interrupt ends an invocation whose handler hasn't answered. What it returns tells both
// sides. mu is held.
func (c *Client) interrupt(inv *Invocation) (then func()) {
	if inv.answered || c.cause != nil {
		return nil
	}
	c.endInvocation(inv)
	return func() {
		inv.cancel()
		c.workers.run(c.over, func() { _ = c.sendError(inv.request, wamp.ErrCanceled) })
	}
}

// endInvocation notes that inv is answered. mu is held.
func (c *Client) endInvocation(inv *Invocation) {
	inv.answered = true
	delete(c.invocations.live, inv.request)
	c.invocations.bytes -= inv.charged
	c.invocations.stuck = false
	inv.waiting.discard(&c.backlog)
	c.backlog.makeRoom()
	if inv.more {
		c.invocations.past.add(inv.request, struct{}{})
	}
}

// cancelInvocations ends all, with nobody to tell. mu is held.
func (c *Client) cancelInvocations() {
	for _, inv := range c.invocations.live {
		inv.answered = true
		inv.waiting.discard(&c.backlog)
		inv.cancel()
	}
	c.invocations.live = map[wamp.ID]*Invocation{}
}
