package transparency

import (
	"context"
	"sync"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// wrappedInvocation is an invocation of a wrapped client. nexus hands its chunks to the
// handler one after the other, and takes what it returns for the answer.
type wrappedInvocation struct {
	client Client
	inv    *wamp.Invocation
	ctx    context.Context
	state  any
	result nexus.InvokeResult // to return for this chunk
}

type wrappedKey struct{}

// Register implements [transport].
func (w *wrapped) Register(procedure string, options wamp.Dict, handler func() invocationHandler) error {
	fn := handler()
	live := wrappedInvocations{live: map[invocationID]*wrappedInvocation{}}
	return w.Client.Register(procedure, func(ctx context.Context, inv *wamp.Invocation) nexus.InvokeResult {
		id := invocationID{stop: ctx.Done(), request: inv.Request}
		in, later := live.get(id)
		if ctx.Err() != nil {
			// Nobody waits for an answer, id may not be its own, and what it
			// led to may be forgotten already.
			return nexus.InvocationCanceled
		}
		if later && in.result.Err != wamp.InternalProgressiveOmitResult {
			return nexus.InvocationCanceled // it was answered before this chunk came
		}
		if !later {
			in = &wrappedInvocation{client: w.Client, inv: inv}
			in.ctx = context.WithValue(ctx, wrappedKey{}, in)
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				live.keep(ctx, id, in)
			}
		}
		in.result = nexus.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		received := w.received(inv.Details, inv.Arguments, inv.ArgumentsKw)
		fn(in, &received)
		return in.result
	}, present(options))
}

// Serving implements [joined].
func (*wrapped) Serving(ctx context.Context) (served, bool) {
	in, ok := ctx.Value(wrappedKey{}).(*wrappedInvocation)
	return in, ok
}

// IDs implements [served].
func (in *wrappedInvocation) IDs() (request, registration wamp.ID) {
	return in.inv.Request, in.inv.Registration
}

// Context implements [served].
func (in *wrappedInvocation) Context() context.Context { return in.ctx }

// Reserve implements [served]. nexus's client bounds nothing.
func (in *wrappedInvocation) Reserve(int) error { return nil }

// State implements [served].
func (in *wrappedInvocation) State() *any { return &in.state }

// Yield implements [served].
func (in *wrappedInvocation) Yield(part *wire.Part, _ client.Instead) error {
	in.result = nexus.InvokeResult{Options: part.Dict, Args: part.Args, Kwargs: part.Kwargs}
	return nil
}

// Raise implements [served].
func (in *wrappedInvocation) Raise(uri wamp.URI, part *wire.Part, _ client.Instead) error {
	in.result = nexus.InvokeResult{Err: uri, Args: part.Args, Kwargs: part.Kwargs}
	return nil
}

// Progress implements [served].
func (in *wrappedInvocation) Progress(ctx context.Context, part *wire.Part) error {
	// nexus waits for ctx only, which may have been cut off from the handler's.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(in.ctx, cancel)()
	return in.client.SendProgress(ctx, part.Args, part.Kwargs)
}

// wrappedInvocations holds those of one registration that came with more to follow.
type wrappedInvocations struct {
	mu   sync.Mutex
	live map[invocationID]*wrappedInvocation
}

// invocationID tells an invocation from all others. Request ids are the router's,
// who can use one twice at a time; nexus makes a context for each invocation,
// and with it the channel that tells the handler to stop. That is one of its own
// only for a context that has not ended before it was asked for.
type invocationID struct {
	stop    <-chan struct{}
	request wamp.ID
}

func (set *wrappedInvocations) get(id invocationID) (*wrappedInvocation, bool) {
	set.mu.Lock()
	defer set.mu.Unlock()
	in, ok := set.live[id]
	return in, ok
}

// keep holds in until ctx ends, which nexus sees to when the invocation is over.
// A context that can't end belongs to no invocation.
func (set *wrappedInvocations) keep(ctx context.Context, id invocationID, in *wrappedInvocation) {
	if id.stop == nil {
		return
	}
	set.mu.Lock()
	set.live[id] = in
	set.mu.Unlock()
	context.AfterFunc(ctx, func() {
		set.mu.Lock()
		delete(set.live, id)
		set.mu.Unlock()
	})
}
