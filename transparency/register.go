package transparency

import (
	"context"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

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
// A procedure whose key can't open invocations is an [*Error] with WrongRole,
// options that belong to a framing are one with ReservedOption; nothing is sent
// then.
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
	return s.client.Register(procedure, s.invocationHandler(t, fn), copyOptions(options))
}

// RegistrationID returns the id of the registration of the procedure.
func (s *Session) RegistrationID(procedure string) (regID wamp.ID, ok bool) {
	return s.client.RegistrationID(procedure)
}

// Unregister ends the registration of the procedure.
func (s *Session) Unregister(procedure string) error { return s.client.Unregister(procedure) }

func (s *Session) invocationHandler(t target, fn client.InvocationHandler) client.InvocationHandler {
	return func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		in, received, err := s.receiveInvocation(ctx, t, inv)
		if err != nil {
			s.reject(err)
			if in != nil {
				s.invocations.end(ctx, in)
			}
			return s.refusal(err.URI)
		}
		result := fn(in.context(ctx), received)
		if result.Err == wamp.InternalProgressiveOmitResult {
			// The handler waits for the next chunk; nexus sends nothing.
			return client.InvokeResult{Err: result.Err}
		}
		s.invocations.end(ctx, in)
		return in.answer(result)
	}
}

// refusal is the one answer to an invocation that is refused, for whatever
// reason.
func (s *Session) refusal(procedure string) client.InvokeResult {
	if _, keyed := s.ring.Lookup(procedure); !keyed {
		return client.InvokeResult{Err: URINoPayloadCodec}
	}
	return client.InvokeResult{Err: URIDecryptError}
}

// receiveInvocation returns what is being served, and the invocation to hand
// on: a new one, because local links share arguments. After an error the first
// result is nil where nothing is being served.
func (s *Session) receiveInvocation(ctx context.Context, t target, inv *wamp.Invocation) (*invocation, *wamp.Invocation, *Error) {
	const op = "invocation"
	in, later := s.invocations.get(ctx)
	if !later {
		procedure, ok := t.resolve(inv.Details)
		if !ok {
			return nil, nil, &Error{Op: op, URI: procedure, Reason: WrongURI, Err: errOutsidePattern}
		}
		in = s.newInvocation(procedure)
	} else if !t.continues(inv.Details, in.procedure) {
		return in, nil, &Error{Op: op, URI: in.procedure, Reason: WrongURI, Err: errOtherProcedure}
	}
	env, form, cause := s.take(&wire.Part{Dict: inv.Details, Args: inv.Arguments, Kwargs: inv.ArgumentsKw})
	more := wamp.OptionFlag(inv.Details, wamp.OptProgress)
	action, reason := in.admit(form, later)
	received := *inv
	switch action {
	case passPlain:
		received.Details = cleanDetails(inv.Details)
	case open:
		payload, reason, err := in.open(env, more)
		if reason != 0 {
			return in, nil, &Error{Op: op, URI: in.procedure, Reason: reason, Err: err}
		}
		received.Details = provedDetails(inv.Details, payload.info)
		received.Arguments, received.ArgumentsKw = payload.args, payload.kwargs
	default:
		return in, nil, &Error{Op: op, URI: in.procedure, Reason: reason, Err: cause}
	}
	if more && !later {
		s.invocations.keep(ctx, in)
	}
	t.tell(received.Details, in.procedure)
	return in, &received, nil
}
