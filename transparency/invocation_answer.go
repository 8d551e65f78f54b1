package transparency

import (
	"context"
	"errors"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

const opYield = "yield"

var errProgressResult = errors.New("the option progress is for SendProgress")

// SendProgress sends a progressive result from within a handler, as
// client.Client.SendProgress does. It is sealed if the invocation was. ctx has to be the
// handler's or one derived from it. It returns client.ErrCallerNoProg where the caller
// doesn't accept progress or the handler has answered, and an [*Error] for a payload that
// can't be sealed. The invocation then goes on.
func (s *Session) SendProgress(ctx context.Context, args wamp.List, kwArgs wamp.Dict) error {
	in, ok := s.invocationFrom(ctx)
	if !ok {
		return client.ErrCallerNoProg
	}
	part := &wire.Part{Args: args, Kwargs: kwArgs}
	if action, _ := decide(rowYield, facts{exchangeSealed: in.version != nil}); action == passPlain {
		part, err := plain(opYield, in.procedure, part)
		if err == nil {
			err = s.validateOwn(in.past, opYield, cryptobox.KindProgress, in.procedure, part, false)
		}
		if err != nil {
			return err
		}
		return sendError(opYield, in.procedure, in.served.Progress(ctx, part))
	}
	if err := s.settle(opYield, in.procedure, part); err != nil {
		return err
	}
	if err := s.validateOwn(in.past, opYield, cryptobox.KindProgress, in.procedure, part, false); err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return client.ErrCallerNoProg
	}
	if err := in.sealAnswer(in.version, in.procedure, cryptobox.KindProgress, part); err != nil {
		return err
	}
	if err := in.served.Progress(ctx, part); err != nil {
		return sendError(opYield, in.procedure, err)
	}
	in.sent++
	return nil
}

// sealAnswer seals for the caller. Of the fields it reads, sent changes only
// under mu, and not after close.
func (in *invocation) sealAnswer(version *keyring.Version, uri string, kind cryptobox.Kind, part *wire.Part) error {
	if err := in.admitted(); err != nil {
		return newError(opYield, uri, err)
	}
	return in.session.seal(opYield, uri, version, part, &outgoing{
		head: cryptobox.Head{Kind: kind, Re: in.first, Seq: in.sent}, exchange: in.exchange,
	})
}

// admitted refuses to answer a caller who isn't listed any more. A version that was revoked
// lists nobody, and seals nothing.
func (in *invocation) admitted() error {
	if in.version == nil || !in.version.Signed() || in.version.Revoked() {
		return nil
	}
	if _, listed := in.session.ring.Current(in.version).NameOf(in.from.signer, keyring.RoleOriginator); !listed {
		return errNotListed
	}
	return nil
}

var errNotListed = because(WrongSender, "the caller was taken off the list of senders since it called")

// sealed tells whether the exchange is sealed in our dialect.
func (in *invocation) sealed() bool { return in.version != nil && !in.version.Dialect().Foreign() }

// refuse is the answer to an invocation that is refused: the same whatever the reason is,
// to the router. It must not learn which URIs the ring has keys for.
func (in *invocation) refuse(reason Reason, later bool) {
	in.close()
	uri, part := URIDecryptError, &wire.Part{}
	switch unkeyed := in.procedure != "" && !in.keyed; {
	case in.shown.ours:
		uri = URIError
		in.session.transport.now().Put(part, in.session.refusal(in, reason))
	case in.shown.form == formPlain && !(later && unkeyed):
		uri = URISealedOnly
	case unkeyed:
		uri = URINoPayloadCodec
	}
	_ = in.served.Raise(uri, part, nil) // what can't be sent has nobody to be told to
}

// answer sends what a handler returned.
func (in *invocation) answer(result client.InvokeResult) {
	if result.Err != "" {
		in.raiseOwn(result)
		return
	}
	part, err := in.prepareYield(partOf(result.Options, result.Args, result.Kwargs))
	if err != nil {
		in.unsent(in.procedure, err)
		uri, part := in.failure(errNotSealed)
		_ = in.served.Raise(uri, part, nil)
		return
	}
	in.unsent(in.procedure, in.served.Yield(part, in.failure))
}

// failure is an error in place of an answer, without arguments: sealed where the call was.
// A URI that can't be sealed gives way to errNotSealed. Where nothing may be sealed any more,
// it is random.
func (in *invocation) failure(uri wamp.URI) (wamp.URI, *wire.Part) {
	part := &wire.Part{}
	if !in.sealed() {
		return uri, part
	}
	for _, uri := range []wamp.URI{uri, errNotSealed} {
		if in.sealAnswer(in.version, string(uri), cryptobox.KindError, part) == nil {
			return URIError, part
		}
	}
	in.session.transport.now().Put(part, randomRefusal(in.version.Suite(), in.version.Key().ID()))
	return URIError, part
}

// unsent reports an answer that can't be sent. The caller gets an error instead.
func (in *invocation) unsent(uri string, err error) {
	if e, ok := errors.AsType[*Error](sendError(opYield, uri, err)); ok {
		e.Ref = in.shown.ref.String()
		e.countUnder(in.version)
		in.session.reject(e)
	}
}

func (in *invocation) prepareYield(part *wire.Part) (*wire.Part, error) {
	if err := checkOptions(opYield, in.procedure, part.Dict); err != nil {
		return nil, err
	}
	action, _ := decide(rowYield, facts{exchangeSealed: in.version != nil})
	if action == seal && wamp.OptionFlag(part.Dict, wamp.OptProgress) {
		return nil, &Error{Op: opYield, URI: in.procedure, Reason: Misuse, Err: errProgressResult}
	}
	if err := in.session.validateOwn(in.past, opYield, cryptobox.KindResult, in.procedure, part, action == seal); err != nil {
		return nil, err
	}
	if action == passPlain {
		return plain(opYield, in.procedure, part)
	}
	return part, in.sealAnswer(in.version, in.procedure, cryptobox.KindResult, part)
}

// refuseInvalid is the answer to a chunk that a validator refuses. An honest caller is told
// where. What a validator of ours panics at is none of its fault.
func (in *invocation) refuseInvalid(err error) {
	in.close()
	uri, part := wamp.ErrInvalidArgument, &wire.Part{}
	if errors.Is(err, ErrPanic) {
		uri = errNotSealed
	}
	if where, ok := errors.AsType[*InvalidError](err); ok {
		path, why := where.texts()
		part.Kwargs = wamp.Dict{"path": path, "why": why}
	}
	in.raise(uri, part)
}

// raiseOwn sends an error that a handler returned, without its arguments if they are invalid.
func (in *invocation) raiseOwn(result client.InvokeResult) {
	part := &wire.Part{Args: result.Args, Kwargs: result.Kwargs}
	if err := in.session.validateOwn(in.past, opYield, cryptobox.KindError, string(result.Err), part, in.version != nil); err != nil {
		in.unsent(string(result.Err), err)
		part = &wire.Part{}
	}
	in.raise(result.Err, part)
}

// raise sends an error, or its URI alone. In place of one that is our protocol's own the caller
// gets errNotSealed.
func (in *invocation) raise(uri wamp.URI, part *wire.Part) {
	sent, err := in.prepareError(string(uri), part)
	if err != nil {
		in.unsent(string(uri), err)
		if errors.Is(err, keyring.ErrReserved) || errors.Is(err, errHiddenError) {
			uri = errNotSealed
		}
		sent, part = in.failure(uri)
	}
	in.unsent(string(uri), in.served.Raise(sent, part, func(other wamp.URI) (wamp.URI, *wire.Part) {
		if other == sent {
			other = uri
		}
		return in.failure(other)
	}))
}

// prepareError puts an error into part as it is to be sent, and returns the URI that the
// router sees.
func (in *invocation) prepareError(uri string, part *wire.Part) (wamp.URI, error) {
	sent := wamp.URI(uri)
	version, f, err := in.errorKey(uri)
	if f.past = in.past; !f.past && errors.Is(err, keyring.ErrReserved) {
		return "", newError(opYield, uri, err)
	}
	action, _ := decide(rowHandlerError, f)
	if _, hidden := in.session.ring.Hides(uri); hidden && !f.past && action != seal {
		return "", &Error{Op: opYield, URI: uri, Reason: Misuse, Err: errHiddenError}
	}
	switch action {
	case passPlain:
		_, err := plain(opYield, uri, part)
		return sent, err
	case seal:
		return URIError, in.sealAnswer(in.version, uri, cryptobox.KindError, part)
	case sealUnderError:
		return sent, in.sealAnswer(version, uri, cryptobox.KindError, part)
	}
	part.Args, part.Kwargs = nil, nil
	return sent, nil
}

// errorKey looks an error URI up: what the ring says of it, and the version that seals in
// the exchange's dialect, if that is foreign; in Autobahn's if the call was plain.
func (in *invocation) errorKey(uri string) (*keyring.Version, facts, error) {
	entry, f, err := in.session.askError(uri)
	dialect := cryptobox.Autobahn
	if f.exchangeSealed = in.version != nil; f.exchangeSealed {
		dialect = in.version.Dialect()
		f.foreign = dialect.Foreign()
	}
	if !f.errorKeyed || !dialect.Foreign() {
		return nil, f, err
	}
	version, unsealed := entry.Sealer(keyring.RoleResponder)
	f.errorForeign = unsealed == nil && version.Dialect() == dialect
	return version, f, err
}
