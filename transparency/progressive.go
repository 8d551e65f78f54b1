package transparency

import (
	"context"
	"errors"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
)

var errCallEnded = errors.New("the call has ended")

// CallProgressive calls the procedure with a payload in chunks, as
// client.Client.CallProgressive does: sendProg is called for each, and says by
// the option progress whether more are to come. Where the ring has a key for
// the procedure each chunk is sealed, numbered and tied to the first. Of the
// options of later chunks only progress counts, and nil options mean the last.
//
// An error of sendProg, or a chunk that can't be sealed, cancels the call and is
// what CallProgressive returns. The context given to sendProg ends with the
// call. Otherwise errors are those of [Session.Call].
func (s *Session) CallProgressive(ctx context.Context, procedure string, sendProg client.SendProgressiveData, progcb client.ProgressHandler) (*wamp.Result, error) {
	c, err := s.newCall(procedure)
	if err != nil {
		return nil, err
	}
	ctx, c.cancel = context.WithCancel(ctx)
	defer c.cancel()
	return c.finish(s.client.CallProgressive(ctx, procedure, c.chunks(sendProg), c.progressHandler(progcb)))
}

// chunks prepares what sendProg gives. nexus calls it in the caller's goroutine
// for the first chunk, later in one of its own, never two at a time.
func (c *call) chunks(sendProg client.SendProgressiveData) client.SendProgressiveData {
	return func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		if ctx.Err() != nil {
			// nexus goes on asking for chunks after a call has ended.
			return nil, nil, nil, errCallEnded
		}
		options, args, kwargs, err := sendProg(ctx)
		if err != nil {
			c.fail(err)
			return nil, nil, nil, err
		}
		more := wamp.OptionFlag(options, wamp.OptProgress)
		part, err := c.prepare(payload{options, args, kwargs}, more)
		if err != nil {
			c.fail(err)
			return nil, nil, nil, err
		}
		// nexus asserts without looking that this is there and a bool.
		part.Dict[wamp.OptProgress] = more
		return part.Dict, part.Args, part.Kwargs, nil
	}
}
