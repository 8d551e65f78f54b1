package client

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

const (
	// maxServed invocations are served at a time.
	maxServed = 1 << 14
	// maxServedBytes bounds the memory that their payloads take.
	maxServedBytes = 128 << 20
	// maxDenials are under way to a router that is slow to take them before it has to wait.
	maxDenials = 1024
)

// maxTimeout is the longest timeout of a call, in milliseconds.
const maxTimeout = math.MaxInt64 / int64(time.Millisecond)

// ErrorUnavailable is what a callee answers that can't serve a call for now (WAMP
// specification, "Call Rerouting").
const ErrorUnavailable = wamp.URI("wamp.error.unavailable")

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
	live map[wamp.ID]*Invocation
	past recent.Map[wamp.ID, struct{}] // that ended with chunks still to come
	last wamp.ID                       // the newest request id
	// served are those that are live, or whose handler goes on although they have ended.
	served  int
	bytes   int  // that they take in memory, decoded
	stuck   bool // there has been no room for too long
	denials int  // that are being sent
}

func (i *invocations) full(bytes int) bool {
	return i.served >= maxServed || i.bytes > 0 && i.bytes+bytes > maxServedBytes
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
	// Chunks are decoded one at a time: the largest counts.
	growth := max(0, in.Decoded()-inv.charged)
	if growth > 0 && c.invocations.bytes > inv.charged && c.invocations.bytes+growth > maxServedBytes {
		if c.awaitsServed(flooded) {
			return verdict{room: c.backlog.room.next(), urgent: true}
		}
		t := c.interrupt(inv, context.Canceled)
		c.invocations.stuck = true
		return verdict{refused: errChunks, serve: t}
	}
	bytes := in.Waiting()
	// A handler may be waiting for a reply: reading has to go on then.
	urgent := len(c.requests) > 0
	if c.backlog.crowded(len(inv.waiting.items), inv.waiting.bytes, bytes, urgent) {
		if c.backlog.givesUp(urgent, flooded) {
			return verdict{refused: errChunks, serve: c.interrupt(inv, context.Canceled)}
		}
		return verdict{room: c.backlog.room.next(), urgent: urgent}
	}
	inv.more = in.Flag(wamp.OptProgress)
	inv.charged += growth
	c.invocations.bytes += growth
	inv.waiting.push(&c.backlog, in, bytes)
	if inv.running {
		return verdict{keep: true}
	}
	inv.running = true
	c.handlers.invocations++
	return verdict{keep: true, serve: task{inv: inv}}
}

func (c *Client) decideNew(in *link.Incoming, flooded bool) verdict {
	handler, registered := c.registrations.live[in.ID]
	if !registered {
		if _, past := c.registrations.past.Get(in.ID); !past {
			return verdict{refused: errUnregistered}
		}
		// It was on its way when the application unregistered: the caller is told.
	}
	last := c.invocations.last
	if in.Request <= last && wamp.MaxID-(last-in.Request) >= wraparound || in.Request == 0 || in.Request > wamp.MaxID {
		if _, past := c.invocations.past.Get(in.Request); past {
			return verdict{} // a chunk that was on its way
		}
		return verdict{refused: errOldRequest}
	}
	if c.invocations.denials >= maxDenials {
		return verdict{room: c.backlog.room.next()}
	}
	bytes := in.Decoded()
	if registered && c.invocations.full(bytes) {
		if c.awaitsServed(flooded) {
			return verdict{room: c.backlog.room.next(), urgent: true}
		}
		v := c.turnAway(in, ErrorUnavailable)
		v.refused = errInvocations
		return v
	}
	if !registered {
		return c.turnAway(in, wamp.ErrInvalidArgument)
	}
	if c.retiring {
		return c.turnAway(in, ErrorUnavailable)
	}
	c.invocations.last = in.Request
	inv := &Invocation{
		request: in.Request, registration: in.ID,
		client: c, handler: handler, running: true, charged: bytes,
		more: in.Flag(wamp.OptProgress), progress: in.Flag(wamp.OptReceiveProgress),
	}
	inv.ctx.inv = inv
	c.invocations.live[inv.request] = inv
	c.handlers.invocations++
	c.invocations.served++
	c.invocations.bytes += bytes
	return verdict{keep: true, serve: task{inv: inv, in: in, first: true}}
}

// awaitsServed reports whether the router has to wait for an invocation to end. A handler
// may be waiting for a reply, or to be interrupted. mu is held.
func (c *Client) awaitsServed(flooded bool) bool {
	c.invocations.stuck = c.invocations.stuck || flooded
	return len(c.requests) == 0 && !c.invocations.stuck
}

// turnAway answers an invocation that isn't served. mu is held.
func (c *Client) turnAway(in *link.Incoming, uri wamp.URI) verdict {
	c.invocations.last = in.Request
	if in.Flag(wamp.OptProgress) {
		c.invocations.past.Add(in.Request, struct{}{}, maxPast)
	}
	c.invocations.denials++
	return verdict{serve: task{request: in.Request, deny: uri}}
}

// task is work on an invocation: to take a chunk, or what waits where there is none.
type task struct {
	inv   *Invocation
	in    *link.Incoming // nil for what waits
	first bool
	// deny is the error to send in place of all that.
	deny    wamp.URI
	request wamp.ID
}

// run does t in a goroutine of the workers.
func (c *Client) run(t task) {
	if t.deny != "" {
		c.deny(t)
		return
	}
	for in := t.in; ; {
		if in != nil {
			t.inv.serveChunk(in, t.first)
		}
		var ok bool
		if in, ok = t.inv.next(); !ok {
			return
		}
		t.first = false
	}
}

// deny answers an invocation that isn't served.
func (c *Client) deny(t task) {
	_ = c.sendError(t.request, t.deny)
	c.mu.Lock()
	c.invocations.denials--
	c.backlog.room.fire()
	c.mu.Unlock()
}

// serveChunk hands a chunk to the handler.
func (inv *Invocation) serveChunk(in *link.Incoming, first bool) {
	inv.receive(in, first)
	inv.handler(inv, &inv.received)
	inv.received = Received{}
}

// receive takes a chunk apart. A handler may wait for long: what only this needs isn't on
// its stack.
func (inv *Invocation) receive(in *link.Incoming, first bool) {
	inv.received = inv.client.received(in, inv.first)
	if env := &inv.received.Envelope; first && env.Dialect == cryptobox.Passthru && wamp.OptionFlag(inv.received.Details, wamp.OptProgress) {
		inv.first = &wire.Envelope{Dialect: env.Dialect, Algorithm: env.Algorithm, KeyID: env.KeyID}
	}
	if first {
		if ms, _ := wamp.AsInt64(inv.received.Details[wamp.OptTimeout]); ms > 0 {
			inv.expireAfter(time.Duration(min(ms, maxTimeout)) * time.Millisecond)
		}
	}
}

// next returns the chunk that has waited longest. Without one, the invocation's
// goroutine leaves. What the handler was given is given up: the next chunk may never come.
func (inv *Invocation) next() (*link.Incoming, bool) {
	c := inv.client
	inv.unreserve()
	c.mu.Lock()
	defer c.mu.Unlock()
	in, ok := inv.waiting.pop(&c.backlog)
	if inv.running = ok; !ok {
		c.handlers.invocations--
		c.handlers.change.fire()
		if inv.answered {
			c.vacate(inv)
		}
	}
	return in, ok
}

// expireAfter has the invocation end when its caller's timeout is over (specification,
// "Call Timeouts").
func (inv *Invocation) expireAfter(timeout time.Duration) {
	c := inv.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if inv.answered {
		return
	}
	inv.timer = time.AfterFunc(timeout, func() {
		c.mu.Lock()
		t := c.interrupt(inv, context.DeadlineExceeded)
		c.mu.Unlock()
		if t.deny != "" {
			c.run(t)
		}
	})
}

// decideInterrupt ends an invocation that the router doesn't want any more. mu is held.
func (c *Client) decideInterrupt(in *link.Incoming) verdict {
	inv, live := c.invocations.live[in.Request]
	if !live {
		return verdict{} // it has been answered meanwhile
	}
	return verdict{serve: c.interrupt(inv, context.Canceled)}
}

// interrupt ends an invocation whose handler hasn't answered, and has that stop. What it
// returns tells the caller; it is nothing where it was answered. mu is held.
func (c *Client) interrupt(inv *Invocation, cause error) task {
	if inv.answered || c.cause != nil {
		return task{}
	}
	c.endInvocation(inv)
	inv.ctx.end(cause)
	c.invocations.denials++
	return task{request: inv.request, deny: wamp.ErrCanceled}
}

// endInvocation notes that inv is answered. mu is held.
func (c *Client) endInvocation(inv *Invocation) {
	inv.answered = true
	if inv.timer != nil {
		inv.timer.Stop()
	}
	delete(c.invocations.live, inv.request)
	inv.waiting.discard(&c.backlog)
	if !inv.running {
		c.vacate(inv)
	}
	if inv.more {
		c.invocations.past.Add(inv.request, struct{}{}, maxPast)
	}
}

// vacate gives what inv took to others, once it has ended and its handler too. mu is held.
func (c *Client) vacate(inv *Invocation) {
	c.invocations.served--
	c.invocations.bytes -= inv.charged
	c.invocations.stuck = false
	c.backlog.room.fire()
}

// cancelInvocations ends all, with nobody to tell. mu is held.
func (c *Client) cancelInvocations() {
	for _, inv := range c.invocations.live {
		c.endInvocation(inv)
		inv.ctx.end(context.Canceled)
	}
}
