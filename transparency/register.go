package transparency

import (
	"errors"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
)

// Register registers the procedure or procedure pattern as client.Client.Register does. fn
// gets invocations as they were called; [InfoFrom] tells from their Details what was proved.
// An invocation that is refused never reaches fn. Its answer tells a router nothing; an
// honest caller of our dialect learns why: see [Refused]. A sealed invocation is answered
// sealed, with the version of the key that it came with; a plain one is answered in plain.
//
// fn runs in a goroutine of its own, which later invocations use again. The handler may keep
// and change what was sealed.
//
// A result that can't be sealed, or is invalid ([WithValidator]), becomes an error wamp.error.runtime_error for the
// caller, and so does an error whose URI begins with wampbox.error, which is the
// library's own; [WithOnReject] tells why, with Op "yield".
//
// Errors before anything is sent are of type [*Error]: NoKey for a procedure of which the
// ring says nothing, a pattern that nothing on the ring matches, or a key that is revoked or
// expired; Misuse for a pattern that both keyed and plain procedures match, for an unusable
// match option or pattern, and for a handler that is nil; WrongRole for a procedure whose key
// can't open invocations (for a pattern that shows only when they come); NotCarried,
// ReservedOption, and TooLarge for what the router's RawSocket doesn't take.
func (s *Session) Register(procedure string, fn nexus.InvocationHandler, options wamp.Dict) error {
	if fn == nil {
		return &Error{Op: opRegister, URI: procedure, Reason: Misuse, Err: errNoHandler}
	}
	t, err := s.newTarget(opRegister, procedure, options, wamp.OptProcedure)
	if err != nil {
		return err
	}
	return sendError(opRegister, procedure, s.establish(opRegister, request{target: t, end: s.transport.Unregister, begin: func(t target) error {
		return s.transport.Register(t.routed.URI, t.options, func() invocationHandler {
			return s.invocationHandler(t.askedAt(s.cfg.clock()), fn)
		})
	}}))
}

const opRegister = "register"

// RegistrationID returns the id of the registration of the procedure.
func (s *Session) RegistrationID(procedure string) (regID wamp.ID, ok bool) {
	return s.idOf(opRegister, procedure, s.transport.now().RegistrationID)
}

// Unregister ends the registration of the procedure.
func (s *Session) Unregister(procedure string) error {
	return s.withdraw(opRegister, procedure, s.transport.Unregister)
}

func (s *Session) invocationHandler(t target, fn nexus.InvocationHandler) invocationHandler {
	return func(sv served, r *client.Received) {
		if in := s.receiveInvocation(&t, sv, r); in != nil {
			in.serve(fn, r)
		}
	}
}

// receiveInvocation returns the invocation that a chunk is of, with what is to be handed on in r; nil
// where that is refused, or was answered before.
func (s *Session) receiveInvocation(t *target, sv served, r *client.Received) *invocation {
	state := sv.State()
	in, later := (*state).(*invocation)
	if later && in.isClosed() {
		return nil
	}
	l := lookAt(r)
	if !later {
		in = &invocation{served: sv, session: s, shown: l}
		*state = in
	}
	err := in.receive(*t, r, later)
	if err == nil {
		err = s.validate(in.past, callKind(wamp.OptionFlag(r.Details, wamp.OptProgress)), in.procedure, r.Args, r.Kwargs)
	}
	if err != nil {
		if errors.Is(err, errEnded) {
			in.close()
			return nil
		}
		_, registration := sv.IDs()
		e := newError("invocation", in.procedure, err)
		e.countUnder(in.version)
		e.Ref, e.From = in.shown.ref.String(), originOf(&l, registration, r.Details, "caller")
		s.reject(e)
		switch {
		case errors.Is(err, client.ErrFlood):
			in.turnAway(later)
		case e.Reason == Invalid:
			in.refuseInvalid(err)
		default:
			in.refuse(e.Reason, later)
		}
		return nil
	}
	t.setURI(r.Details, in.procedure)
	return in
}

// serve has the handler serve a chunk, and sends what it answers. The handler may wait for
// long, so this and what calls it need little stack.
func (in *invocation) serve(fn nexus.InvocationHandler, r *client.Received) {
	request, registration := in.served.IDs()
	result := fn(in.served.Context(), &wamp.Invocation{
		Request: request, Registration: registration,
		Details: r.Details, Arguments: r.Args, ArgumentsKw: r.Kwargs,
	})
	if result.Err == wamp.InternalProgressiveOmitResult {
		return // the handler waits for the next chunk
	}
	in.close()
	in.answer(result)
}
