package transparency

import (
	"context"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// Register registers the procedure or procedure pattern as
// client.Client.Register does. fn gets invocations as they were called;
// [InfoFrom] tells from their Details what was proved. An invocation that is
// refused never reaches fn: it is answered with [URINoPayloadCodec] or
// [URIDecryptError]. A sealed invocation is answered sealed, or with an error
// URI alone.
//
// fn runs in a goroutine of its own. What was sealed is the handler's own to
// keep and change.
//
// A result that can't be sealed becomes an error wamp.error.runtime_error for the
// caller; [WithOnReject] tells why, with Op "yield".
//
// Errors before anything is sent are of type [*Error]: WrongRole for a procedure
// whose key can't open invocations (for a pattern that shows only when they
// come), Malformed for an unusable match option or pattern, ReservedOption, and
// TooLarge for what the router's RawSocket doesn't take.
func (s *Session) Register(procedure string, fn client.InvocationHandler, options wamp.Dict) error {
	const op = "register"
	if err := checkOptions(op, procedure, options); err != nil {
		return err
	}
	t, err := newTarget(op, procedure, options, wamp.OptProcedure)
	if err != nil {
		return err
	}
	if err := s.checkRole(op, t); err != nil {
		return err
	}
	err = s.ask(op, procedure, options, func(options wamp.Dict) error {
		return s.client.Register(procedure, s.invocationHandler(t, fn), options)
	})
	if err != nil {
		return err
	}
	if s.peer != nil {
		if id, ok := s.client.RegistrationID(procedure); ok {
			s.peer.Registered(id)
		}
	}
	return nil
}

// RegistrationID returns the id of the registration of the procedure.
func (s *Session) RegistrationID(procedure string) (regID wamp.ID, ok bool) {
	return s.client.RegistrationID(procedure)
}

// Unregister ends the registration of the procedure.
func (s *Session) Unregister(procedure string) error { return s.client.Unregister(procedure) }

func (s *Session) invocationHandler(t target, fn client.InvocationHandler) client.InvocationHandler {
	live := new(invocations)
	return func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		id := invocationID{stop: ctx.Done(), request: inv.Request}
		in, later := live.get(id)
		if ctx.Err() != nil {
			// Nobody waits for an answer, id may not be its own, and what it
			// led to may be forgotten already.
			s.taken(inv)
			return client.InvocationCanceled
		}
		if later && in.isClosed() {
			s.taken(inv)
			return client.InvocationCanceled // was answered before this chunk came
		}
		in, received, err := s.receiveInvocation(ctx, t, in, inv)
		s.taken(inv)
		if err != nil {
			s.reject(err)
			return in.refuse()
		}
		if !later && wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			live.keep(ctx, id, in)
		}
		result := fn(in.context(), received)
		if result.Err == wamp.InternalProgressiveOmitResult {
			// The handler waits for the next chunk; nexus sends nothing.
			return client.InvokeResult{Err: result.Err}
		}
		in.close()
		return in.answer(result)
	}
}

// taken lets the Peer hand on what comes after inv, which has been opened, or won't be.
func (s *Session) taken(inv *wamp.Invocation) {
	if s.peer != nil {
		s.peer.Taken(inv.Request)
	}
}

// refuse is the one answer to an invocation that is refused, for whatever
// reason. in is nil where it isn't known what was called: the answer must not
// tell a router which URIs the ring has keys for.
func (in *invocation) refuse() client.InvokeResult {
	if in != nil {
		in.close()
		if in.entry == nil {
			return client.InvokeResult{Err: URINoPayloadCodec}
		}
	}
	return client.InvokeResult{Err: URIDecryptError}
}

// receiveInvocation returns what is being served, in or where that is nil a new
// one, and the invocation to hand on: a new one, because local links share
// arguments.
func (s *Session) receiveInvocation(ctx context.Context, t target, in *invocation, inv *wamp.Invocation) (*invocation, *wamp.Invocation, *Error) {
	const op = "invocation"
	later := in != nil
	if !later {
		procedure, ok := t.resolve(inv.Details)
		if !ok {
			return nil, nil, &Error{Op: op, URI: procedure, Reason: WrongURI, Err: errOutsidePattern}
		}
		in = s.newInvocation(ctx, procedure, t.since)
	} else if !t.continues(inv.Details, in.procedure) {
		return in, nil, &Error{Op: op, URI: in.procedure, Reason: WrongURI, Err: errOtherProcedure}
	}
	rules := func(f form) (action, Reason) { return in.admit(f, later) }
	opens := func(env *cryptobox.Envelope) (*opened, Reason, error) {
		return in.open(env, wamp.OptionFlag(inv.Details, wamp.OptProgress))
	}
	part, reason, err := s.receive(&wire.Part{Dict: inv.Details, Args: inv.Arguments, Kwargs: inv.ArgumentsKw}, rules, opens)
	if reason != 0 {
		return in, nil, &Error{Op: op, URI: in.procedure, Reason: reason, Err: err}
	}
	t.tell(part.Dict, in.procedure)
	received := *inv
	received.Details, received.Arguments, received.ArgumentsKw = part.Dict, part.Args, part.Kwargs
	return in, &received, nil
}
