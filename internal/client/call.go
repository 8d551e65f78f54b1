package client

import (
	"context"
	"errors"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// ErrorAnswer is the ERROR that ended a call, as it came in.
type ErrorAnswer struct {
	Request wamp.ID
	URI     string
	Received
}

// Error names the error's URI.
func (e *ErrorAnswer) Error() string { return link.Printable(e.URI) }

// Result is a RESULT, or progress, as it came in.
type Result struct {
	Request wamp.ID
	Received
}

// ProgressHandler takes progressive results, one at a time and in order. An error
// cancels the call, which ends with it.
type ProgressHandler func(*Result) error

// Call calls the procedure, waits for its end and puts the result where the caller keeps it.
// As it may wait for long, what a call needs before and after isn't on the stack meanwhile.
// onProgress may be nil. Errors: an [*ErrorAnswer], ctx's, that of onProgress, nexus's
// ErrReplyTimeout where the router doesn't end a call that was canceled, or those of a
// message that can't be sent.
func (c *Client) Call(ctx context.Context, procedure string, part *wire.Part, onProgress ProgressHandler, result *Result) error {
	call, err := c.start(ctx, procedure, part, onProgress)
	if err != nil {
		return err
	}
	return c.finishCall(ctx, call, result)
}

// start sends a call.
func (c *Client) start(ctx context.Context, procedure string, part *wire.Part, onProgress ProgressHandler) (call, error) {
	begun, err := c.begin(ctx, false, onProgress)
	if err != nil {
		return call{}, err
	}
	m := out(wamp.CALL, procedure, part)
	m.Request = begun.request.id
	if onProgress != nil {
		m.Options = wamp.SetOption(part.Dict, wamp.OptReceiveProgress, true)
	}
	if err := c.send(ctx, m); err != nil {
		c.drop(begun)
		return call{}, sendError(ctx, err)
	}
	return begun, nil
}

// finishCall waits for the end of the call.
func (c *Client) finishCall(ctx context.Context, call call, result *Result) error {
	in, err := c.await(ctx, call)
	if err != nil {
		return err
	}
	return c.outcome(call, in, result)
}

// sendError is ctx's own where that ended before the router took the message.
func sendError(ctx context.Context, err error) error {
	if errors.Is(err, link.ErrBusy) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// call is a call of ours.
type call struct {
	request *request
	failed  failure // nil where nothing of the application runs beside the call
}

// failure tells why a call is to end, from the application's side. The first counts.
type failure chan error

func (f failure) end(err error) {
	select {
	case f <- err:
	default:
	}
}

// begin numbers a call.
func (c *Client) begin(ctx context.Context, chunks bool, onProgress ProgressHandler) (call, error) {
	if !c.Connected() {
		return call{}, c.notConnected()
	}
	if err := ctx.Err(); err != nil {
		return call{}, err
	}
	begun := call{request: c.newRequest(wamp.CALL)}
	begun.request.chunks = chunks
	if chunks || onProgress != nil {
		begun.failed = make(failure, 1)
	}
	if onProgress != nil {
		begun.request.progress = &progress{handler: onProgress, failed: begun.failed}
	}
	return begun, c.expect(begun.request)
}

// drop forgets a call that the router doesn't know.
func (c *Client) drop(call call) {
	if in := c.abandon(call.request); in != nil {
		in.Release()
	}
}

// await returns the message that ends the call.
func (c *Client) await(ctx context.Context, call call) (*link.Incoming, error) {
	select {
	case in := <-call.request.reply:
		return in, nil
	case <-ctx.Done():
		late := c.cancel(call)
		if late != nil {
			return nil, late
		}
		return nil, ctx.Err()
	case err := <-call.failed:
		_ = c.cancel(call)
		return nil, err
	case <-c.over:
	}
	if in := c.abandon(call.request); in != nil {
		return in, nil
	}
	c.awaitProgress(call.request.progress, true)
	return nil, c.interrupted()
}

// outcome is what the call's end comes to, once progress before it has been handled.
func (c *Client) outcome(call call, in *link.Incoming, result *Result) error {
	c.awaitProgress(call.request.progress, false)
	select {
	case err := <-call.failed:
		in.Release()
		return err
	default:
	}
	if call.failed == nil {
		c.release(call.request)
	}
	if in.Type == wamp.ERROR {
		e := &ErrorAnswer{Request: in.Request, URI: in.URI}
		e.Received = c.received(in, nil)
		return e
	}
	result.Request = in.Request
	result.Received = c.received(in, nil)
	return nil
}

// cancel tells the router that the caller has given up, and waits until it has ended the
// call: else it returns nexus's ErrReplyTimeout.
func (c *Client) cancel(call call) (err error) {
	r := call.request
	c.mu.Lock()
	r.canceled = true
	if r.progress != nil {
		r.progress.stop(&c.backlog)
	}
	c.mu.Unlock()
	defer c.awaitProgress(r.progress, true)
	defer c.drop(call)
	ctx, stop := context.WithTimeout(context.Background(), c.cfg.ResponseTimeout)
	defer stop()
	if len(r.reply) == 0 {
		err = c.send(ctx, message.Out{Type: wamp.CANCEL, Request: r.id, Options: wamp.Dict{wamp.OptMode: *c.cancelMode.Load()}})
	}
	if err != nil {
		return nil // the router doesn't listen any more
	}
	select {
	case in := <-r.reply:
		in.Release()
	case <-ctx.Done():
		return nexus.ErrReplyTimeout
	case <-c.over:
	}
	return nil
}
