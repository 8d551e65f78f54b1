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
// client.Client.SendProgress does, sealed where the invocation was. ctx has to
// be the handler's or one derived from it. It returns client.ErrCallerNoProg
// where the caller doesn't accept progress or the handler has answered, and an
// [*Error] for a payload that can't be sealed; the invocation goes on then.
func (s *Session) SendProgress(ctx context.Context, args wamp.List, kwArgs wamp.Dict) error {
	in, ok := s.invocationFrom(ctx)
	if !ok {
		return client.ErrCallerNoProg
	}
	part := &wire.Part{Args: args, Kwargs: kwArgs}
	if action, _ := decide(rowYield, facts{exchangeSealed: in.version != nil}); action == passPlain {
		part, err := plain(opYield, in.procedure, part)
		if err != nil {
			return err
		}
		return sendError(opYield, in.procedure, in.served.Progress(ctx, part))
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return client.ErrCallerNoProg
	}
	part, err := in.sealAnswer(in.version, in.procedure, cryptobox.KindProgress, part)
	if err != nil {
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
func (in *invocation) sealAnswer(version *keyring.Version, uri string, kind cryptobox.Kind, part *wire.Part) (*wire.Part, error) {
	part, _, err := in.session.seal(opYield, uri, version, part, &cryptobox.Bind{
		Kind: kind,
		Re:   in.first,
		Seq:  in.sent,
	})
	return part, err
}

// refuse is the one answer to an invocation that is refused, for whatever reason. Where it
// isn't known what was called, the answer must not tell a router which URIs the ring
// has keys for.
func (in *invocation) refuse() {
	in.close()
	uri := URIDecryptError
	if in.procedure != "" && !in.keyed {
		uri = URINoPayloadCodec
	}
	_ = in.served.Raise(uri, &wire.Part{}) // what can't be sent has nobody to be told to
}

// answer sends what a handler returned.
func (in *invocation) answer(result client.InvokeResult) {
	if result.Err != "" {
		in.raise(result)
		return
	}
	part, err := in.prepareYield(partOf(result.Options, result.Args, result.Kwargs))
	if err != nil {
		in.unsent(in.procedure, err)
		_ = in.served.Raise(errNotSealed, &wire.Part{})
		return
	}
	in.unsent(in.procedure, in.served.Yield(part))
}

// unsent reports an answer that can't be sent. The caller gets an error instead.
func (in *invocation) unsent(uri string, err error) {
	if e, ok := errors.AsType[*Error](sendError(opYield, uri, err)); ok {
		in.session.reject(e)
	}
}

func (in *invocation) prepareYield(part *wire.Part) (*wire.Part, error) {
	if err := checkOptions(opYield, in.procedure, part.Dict); err != nil {
		return nil, err
	}
	if action, _ := decide(rowYield, facts{exchangeSealed: in.version != nil}); action == passPlain {
		return plain(opYield, in.procedure, part)
	}
	if wamp.OptionFlag(part.Dict, wamp.OptProgress) {
		return nil, &Error{Op: opYield, URI: in.procedure, Reason: Malformed, Err: errProgressResult}
	}
	return in.sealAnswer(in.version, in.procedure, cryptobox.KindResult, part)
}

// raise sends an error that a handler returned, or its URI alone. In place of one that is
// our protocol's own the caller gets errNotSealed.
func (in *invocation) raise(result client.InvokeResult) {
	uri := string(result.Err)
	part, err := in.prepareError(uri, &wire.Part{Args: result.Args, Kwargs: result.Kwargs})
	if err != nil {
		in.unsent(uri, err)
		part = &wire.Part{}
	}
	if errors.Is(err, keyring.ErrReserved) {
		in.raise(client.InvokeResult{Err: errNotSealed})
		return
	}
	in.unsent(uri, in.served.Raise(result.Err, part))
}

func (in *invocation) prepareError(uri string, part *wire.Part) (*wire.Part, error) {
	errorEntry, f, err := in.session.askError(uri)
	if errors.Is(err, keyring.ErrReserved) {
		return nil, newError(opYield, uri, err)
	}
	f.exchangeSealed = in.version != nil
	f.unbound = f.exchangeSealed && in.version.Unbound()
	action, _ := decide(rowHandlerError, f)
	switch action {
	case passPlain:
		return plain(opYield, uri, part)
	case seal:
		return in.sealAnswer(in.version, uri, cryptobox.KindError, part)
	case sealUnderError:
		version, err := errorEntry.Sealer(keyring.RoleResponder)
		if err != nil {
			return nil, newError(opYield, uri, err)
		}
		return in.sealAnswer(version, uri, cryptobox.KindError, part)
	}
	return &wire.Part{}, nil
}
