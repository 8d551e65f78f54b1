package client

import (
	"context"
	"errors"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// errorTooLarge is what Autobahn and Crossbar.io answer in place of a result that is too
// large (the specification names no error for it).
const errorTooLarge = wamp.URI("wamp.error.payload_size_exceeded")

// Invocation is one call that the application serves, over all its chunks.
type Invocation struct {
	request      wamp.ID
	registration wamp.ID

	client   *Client
	state    any
	handler  InvocationHandler
	ctx      handlerContext
	progress bool // the caller takes progressive results

	// Of the goroutine that runs the handler.
	received Received       // the chunk that it is at
	opened   int64          // bytes of memory that are reserved for it
	first    *wire.Envelope // what the first chunk came in, without payload; payload passthru mode only

	// Under Client.mu.
	more     bool // chunks are to come
	answered bool
	running  bool // the handler
	waiting  queue[*link.Incoming]
	charged  int         // bytes of memory
	timer    *time.Timer // of the caller's timeout, or nil
}

type invocationKey struct{}

// Serving returns the invocation whose handler's context is ctx, or what ctx is derived from.
// It may be of any session.
func Serving(ctx context.Context) (*Invocation, bool) {
	inv, ok := ctx.Value(invocationKey{}).(*Invocation)
	return inv, ok
}

// Context ends when the router interrupts the invocation, its time is over, it has been
// answered, or the session ends.
func (inv *Invocation) Context() context.Context { return &inv.ctx }

// IDs returns the ids of the request and the registration.
func (inv *Invocation) IDs() (request, registration wamp.ID) { return inv.request, inv.registration }

// State is the handler's own, from chunk to chunk.
func (inv *Invocation) State() *any { return &inv.state }

// Instead makes an error of a URI, that of the error or one of WAMP's own, to answer with
// in place of what can't be sent. Nil is the URI itself, without arguments.
type Instead func(uri wamp.URI) (wamp.URI, *wire.Part)

// Yield answers with a result. An error says why it isn't sent. The caller has then got an
// error in its place, if it waits at all.
func (inv *Invocation) Yield(part *wire.Part, instead Instead) error {
	m := out(wamp.YIELD, "", part)
	err := inv.answer(m)
	if errors.Is(err, link.ErrUnsendable) {
		_ = inv.raiseInstead(unsendableURI(err), instead) // there is nothing left to answer with
	}
	return err
}

// raiseInstead answers with an error without arguments.
func (inv *Invocation) raiseInstead(uri wamp.URI, instead Instead) error {
	part := &wire.Part{}
	if instead != nil {
		uri, part = instead(uri)
	}
	m := out(wamp.ERROR, string(uri), part)
	m.Answers, m.Request = wamp.INVOCATION, inv.request
	return inv.client.send(context.Background(), m)
}

// Raise answers with an error. If its arguments can't be sent, its URI goes alone; if that
// can't be sent, another URI.
func (inv *Invocation) Raise(uri wamp.URI, part *wire.Part, instead Instead) error {
	m := out(wamp.ERROR, string(uri), part)
	m.Answers = wamp.INVOCATION
	err := inv.answer(m)
	if errors.Is(err, link.ErrUnsendable) && inv.raiseInstead(uri, instead) != nil {
		_ = inv.raiseInstead(unsendableURI(err), instead)
	}
	return err
}

// Progress sends a progressive result. Errors: nexus's ErrCallerNoProg where nobody waits
// for one, else why it isn't sent.
func (inv *Invocation) Progress(ctx context.Context, part *wire.Part) error {
	c := inv.client
	c.mu.Lock()
	waits := inv.progress && !inv.answered
	c.mu.Unlock()
	if !c.Connected() {
		return c.notConnected()
	}
	if !waits {
		return nexus.ErrCallerNoProg
	}
	m := out(wamp.YIELD, "", part)
	m.Request = inv.request
	m.Options = wamp.SetOption(part.Dict, wamp.OptProgress, true)
	// The context may have been cut off from the handler's.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(&inv.ctx, stop)()
	err := c.send(ctx, m)
	if errors.Is(err, link.ErrBusy) {
		return nexus.ErrCallerNoProg
	}
	return err
}

// answer sends the one answer that is due.
func (inv *Invocation) answer(m message.Out) error {
	c := inv.client
	c.mu.Lock()
	if inv.answered {
		c.mu.Unlock()
		return nexus.ErrCallerNoProg
	}
	c.endInvocation(inv)
	c.mu.Unlock()
	m.Request = inv.request
	err := c.send(&inv.ctx, m)
	inv.ctx.end(context.Canceled)
	return err
}

// sendError answers with an error that has no arguments.
func (c *Client) sendError(request wamp.ID, uri wamp.URI) error {
	return c.send(context.Background(), message.Out{Type: wamp.ERROR, Answers: wamp.INVOCATION, Request: request, URI: string(uri)})
}

// unsendableURI is the error in place of a result that can't be sent.
func unsendableURI(err error) wamp.URI {
	if errors.Is(err, link.ErrTooLarge) {
		return errorTooLarge
	}
	return wamp.ErrInvalidArgument
}
