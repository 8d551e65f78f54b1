package transparency

import (
	"context"
	"runtime"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

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
	c.progress = progcb != nil
	ctx, c.cancel = context.WithCancel(ctx)
	defer c.cancel()
	return c.finish(s.client.CallProgressive(ctx, procedure, c.chunks(sendProg), c.progressHandler(progcb)))
}

// chunks prepares what sendProg gives. nexus calls it in the caller's goroutine
// for the first chunk, in one of its own for the rest, never two at a time.
func (c *call) chunks(sendProg client.SendProgressiveData) client.SendProgressiveData {
	prepare := func(ctx context.Context) (*wire.Part, error) {
		if err := c.session.ended(ctx); err != nil {
			return nil, err // nexus goes on asking after a call has ended
		}
		options, args, kwargs, err := sendProg(ctx)
		if err != nil {
			return nil, err
		}
		more := wamp.OptionFlag(options, wamp.OptProgress)
		part, err := c.prepare(payload{options, args, kwargs}, more)
		if err != nil {
			return nil, err
		}
		// nexus asserts without looking that this is there and a bool.
		part.Dict[wamp.OptProgress] = more
		return part, c.session.ended(ctx)
	}
	first := true
	return func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		part, err := prepare(ctx)
		if err == nil {
			first = false
			return part.Dict, part.Args, part.Kwargs, nil
		}
		c.fail(err)
		if _, nexus := c.session.client.(*client.Client); nexus && !first {
			// The call has ended, or fail has cancelled it. nexus would
			// send a CANCEL more, and panics where the client has been
			// closed meanwhile. Its goroutine ends here instead.
			runtime.Goexit()
		}
		return nil, nil, nil, err
	}
}

// ended returns why no chunk may be sent any more.
func (s *Session) ended(ctx context.Context) error {
	select {
	case <-s.closing:
		return client.ErrNotConn
	default:
		return ctx.Err()
	}
}
