package transparency

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Wrap makes a Session of a nexus client that is connected already, or of
// another implementation of [Client]. realm is the realm that it joined: the
// client doesn't keep it, and what a router says of it isn't trusted.
//
// From here on use the Session and not c: what is published, called or answered
// through c itself is plain, SendProgress in a handler of the Session included,
// and handlers that were subscribed or registered on c get payloads as they
// arrive.
//
// A wrapped client stands on nexus's own connection, which carries our dialect
// alone: whoever can send to it, the router above all, can crash or stall nexus's
// client itself with messages that never reach this package. Use
// [ConnectNet] or [ConnectLocal] where the router isn't trusted not to.
//
// It returns an error that wraps [ErrOption].
func Wrap(c Client, realm string, ring *keyring.Ring, opts ...Option) (*Session, error) {
	if own, ok := c.(*nexus.Client); c == nil || ok && own == nil {
		return nil, fmt.Errorf("%w: a client is needed", ErrOption)
	}
	s, err := newSession(realm, ring, c.Logger(), opts)
	if err != nil {
		return nil, err
	}
	if err := s.cfg.refuseReconnect("a wrapped client has the connection that it was given"); err != nil {
		return nil, err
	}
	w := &wrapped{Client: c}
	if w.form, err = s.cfg.formOfWrapped(); err != nil {
		return nil, err
	}
	s.transport = w
	s.warnOfDialects(w)
	return s, nil
}

// wrapped is a client of another make.
type wrapped struct {
	Client
	form func(v any) (any, error)
}

var _ transport = (*wrapped)(nil)

func (w *wrapped) now() joined { return w }

// Put implements [joined]. Whether the link is local isn't known: binary data in the shape
// for a wire passes everywhere.
func (*wrapped) Put(part *wire.Part, env *wire.Envelope) { wire.Put(part, env) }

// Form implements [joined].
func (w *wrapped) Form() func(v any) (any, error) { return w.form }

// Carries implements [joined].
func (*wrapped) Carries(d cryptobox.Dialect) error {
	if d.Foreign() {
		return fmt.Errorf("a wrapped client doesn't carry the dialect %v: use ConnectNet", d)
	}
	return nil
}

// Err tells what is known: a client doesn't tell more.
func (w *wrapped) Err() error {
	if w.Connected() {
		return nil
	}
	if goodbye := w.RouterGoodbye(); goodbye != nil {
		return &client.LeftError{Type: wamp.GOODBYE, Reason: string(goodbye.Reason)}
	}
	return nexus.ErrNotConn
}

// Shutdown is Close: a client doesn't tell what it has subscribed and registered.
func (w *wrapped) Shutdown(ctx context.Context) error {
	closed := make(chan error, 1)
	go func() { closed <- w.Close() }()
	select {
	case err := <-closed:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Publish implements [joined].
func (w *wrapped) Publish(topic string, part *wire.Part, sent func()) error {
	err := w.Client.Publish(topic, present(part.Dict), part.Args, part.Kwargs)
	if err == nil && sent != nil {
		sent()
	}
	return err
}

// present is never nil: nexus's client writes into options, and reads them.
func present(options wamp.Dict) wamp.Dict {
	if options == nil {
		return wamp.Dict{}
	}
	return options
}

// received takes a payload apart. Local links share what they carry.
func (w *wrapped) received(details wamp.Dict, args wamp.List, kwargs wamp.Dict) client.Received {
	r := client.Received{Details: present(maps.Clone(details)), Args: args, Kwargs: kwargs}
	env, err := wire.Take(&wire.Part{Dict: details, Args: args, Kwargs: kwargs})
	if r.Err = err; env != nil {
		r.Envelope = *env
		// Others could change it between the moment it is authenticated and that it
		// is read.
		r.Envelope.Payload = slices.Clone(env.Payload)
	}
	return r
}

// Subscribe implements [transport].
func (w *wrapped) Subscribe(topic string, options wamp.Dict, handler func() client.EventHandler) error {
	fn := handler()
	return w.Client.Subscribe(topic, func(e *wamp.Event) {
		fn(&client.Event{
			Subscription: e.Subscription,
			Publication:  e.Publication,
			Received:     w.received(e.Details, e.Arguments, e.ArgumentsKw),
		})
	}, present(options))
}

// Call implements [joined].
func (w *wrapped) Call(ctx context.Context, procedure string, part *wire.Part, onProgress client.ProgressHandler, result *client.Result) error {
	run := newWrappedCall(ctx)
	defer run.cancel(nil)
	got, err := w.Client.Call(run.ctx, procedure, present(part.Dict), part.Args, part.Kwargs, run.progress(w, onProgress))
	return run.end(w, got, err, result)
}

// CallProgressive implements [joined].
func (w *wrapped) CallProgressive(ctx context.Context, procedure string, next client.ChunkSource, onProgress client.ProgressHandler, result *client.Result) error {
	run := newWrappedCall(ctx)
	defer run.cancel(nil)
	got, err := w.Client.CallProgressive(run.ctx, procedure, run.chunks(next), run.progress(w, onProgress))
	return run.end(w, got, err, result)
}

// wrappedCall is a call of a wrapped client.
type wrappedCall struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func newWrappedCall(ctx context.Context) wrappedCall {
	ctx, cancel := context.WithCancelCause(ctx)
	return wrappedCall{ctx, cancel}
}

// callFailure is the cause of the end of a call from our side. A call that is made with
// the context of another one has that one's cause too.
type callFailure struct {
	call context.Context
	error
}

// fail ends the call with err, unless it has failed before.
func (run wrappedCall) fail(err error) { run.cancel(callFailure{run.ctx, err}) }

func (run wrappedCall) failed() error {
	if failure, ok := context.Cause(run.ctx).(callFailure); ok && failure.call == run.ctx {
		return failure.error
	}
	return nil
}

// end returns what the call came to.
func (run wrappedCall) end(w *wrapped, got *wamp.Result, err error, result *client.Result) error {
	if failure := run.failed(); failure != nil {
		return failure
	}
	if raised, ok := errors.AsType[nexus.RPCError](err); ok && raised.Err != nil {
		e := raised.Err
		return &client.ErrorAnswer{
			Request: e.Request, URI: string(e.Error),
			Received: w.received(e.Details, e.Arguments, e.ArgumentsKw),
		}
	}
	if err != nil {
		return err
	}
	*result = w.result(got)
	return nil
}

func (w *wrapped) result(r *wamp.Result) client.Result {
	return client.Result{Request: r.Request, Received: w.received(r.Details, r.Arguments, r.ArgumentsKw)}
}

// progress hands progressive results to onProgress, whose first error cancels the call.
func (run wrappedCall) progress(w *wrapped, onProgress client.ProgressHandler) nexus.ProgressHandler {
	if onProgress == nil {
		return nil
	}
	return func(result *wamp.Result) {
		if run.failed() != nil {
			return
		}
		r := w.result(result)
		if err := onProgress(&r); err != nil {
			run.fail(err)
		}
	}
}

// chunks gives nexus's client what it asks for. It goes on asking after a call has ended,
// and drops the error of a later chunk, but for that it sends a CANCEL.
func (run wrappedCall) chunks(next client.ChunkSource) nexus.SendProgressiveData {
	return func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		if err := ctx.Err(); err != nil {
			return nil, nil, nil, err
		}
		part, err := next(ctx)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			run.fail(err)
			return nil, nil, nil, err
		}
		// nexus asserts without looking that this is there and a bool.
		options := maps.Clone(present(part.Dict))
		options[wamp.OptProgress] = wamp.OptionFlag(part.Dict, wamp.OptProgress)
		return options, part.Args, part.Kwargs, nil
	}
}
