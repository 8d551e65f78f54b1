package client

import (
	"context"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// ChunkSource returns the next chunk of a progressive call, whose options say by
// "progress" whether more is to come. It is asked in the goroutine of the caller for the
// first chunk, in another one for the rest, never twice at a time, and not after an
// error.
type ChunkSource func(context.Context) (*wire.Part, error)

// CallProgressive calls the procedure with a payload in chunks. An error of next, or a
// chunk that can't be sent, cancels the call and is what it ends with. Otherwise errors
// are those of [Client.Call], and nexus's for a router that has no progressive calls.
func (c *Client) CallProgressive(ctx context.Context, procedure string, next ChunkSource, onProgress ProgressHandler, result *Result) error {
	if !c.Connected() {
		return c.notConnected()
	}
	if !c.HasFeature(wamp.RoleDealer, wamp.FeatureProgCallInvocations) {
		return nexus.ErrProgCallNotSupportedByRouter
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	first, err := next(ctx)
	if err != nil {
		return err
	}
	call, err := c.begin(ctx, true, onProgress)
	if err != nil {
		return err
	}
	if onProgress != nil {
		first.Dict = wamp.SetOption(first.Dict, wamp.OptReceiveProgress, true)
	}
	more, err := c.sendChunk(ctx, call, procedure, first)
	if err != nil {
		c.drop(call)
		return err
	}
	if more {
		go c.feed(ctx, call, procedure, next, onProgress != nil)
	}
	return c.finishCall(ctx, call, result)
}

// feed sends the chunks behind the first.
func (c *Client) feed(ctx context.Context, call call, procedure string, next ChunkSource, progress bool) {
	for more := true; more; {
		part, err := next(ctx)
		if err == nil {
			part.Dict = wamp.SetOption(part.Dict, wamp.OptReceiveProgress, progress)
			more, err = c.sendChunk(ctx, call, procedure, part)
		}
		if err != nil {
			if ctx.Err() == nil && c.Connected() {
				call.failed.end(err)
			}
			return
		}
	}
}

// sendChunk returns whether more is to come. A router would take a chunk of a call that
// has ended for a new call.
func (c *Client) sendChunk(ctx context.Context, call call, procedure string, part *wire.Part) (more bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	c.mu.Lock()
	_, waits := c.requests[call.request.id]
	c.mu.Unlock()
	if !waits {
		return false, nil
	}
	m := out(wamp.CALL, procedure, part)
	m.Request = call.request.id
	if err := c.send(ctx, m); err != nil {
		return false, sendError(ctx, err)
	}
	return isProgress(part.Dict), nil
}

func isProgress(options wamp.Dict) bool {
	progress, _ := options[wamp.OptProgress].(bool)
	return progress
}
