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
	return in.sendProgress(ctx, payload{args: args, kwargs: kwArgs})
}

func (in *invocation) sendProgress(ctx context.Context, p payload) error {
	action, _ := decide(rowYield, facts{exchangeSealed: in.sealed})
	if action == passPlain {
		if err := checkPlain(opYield, in.procedure, p.args, p.kwargs); err != nil {
			return err
		}
		return in.session.deliver(ctx, opYield, in.procedure, p.args, func(args wamp.List) error {
			return in.session.client.SendProgress(ctx, args, p.kwargs)
		})
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return client.ErrCallerNoProg
	}
	part, err := in.sealAnswer(in.entry, in.procedure, cryptobox.KindProgress, p)
	if err != nil {
		return err
	}
	// nexus waits for ctx only, which may have been cut off from the handler's.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(in.ctx, cancel)()
	err = in.session.deliver(ctx, opYield, in.procedure, part.Args, func(args wamp.List) error {
		return in.session.client.SendProgress(ctx, args, part.Kwargs)
	})
	if err != nil {
		return err
	}
	in.sent++
	return nil
}

// close ends the invocation: the number of progressive results that the final
// answer states is final, and no chunk is served any more.
func (in *invocation) close() {
	in.mu.Lock()
	in.closed = true
	in.mu.Unlock()
}

func (in *invocation) isClosed() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.closed
}

// sealAnswer seals for the caller. Of the fields it reads, sent changes only
// under mu, and not after close.
func (in *invocation) sealAnswer(entry *keyring.Entry, uri string, kind cryptobox.Kind, p payload) (*wire.Part, error) {
	part, _, err := in.session.seal(opYield, uri, entry, keyring.RoleResponder, p, &cryptobox.Bind{
		Kind: kind,
		Re:   in.first,
		Seq:  in.sent,
	})
	return part, err
}

// answer turns what a handler returned into what nexus is to send.
func (in *invocation) answer(result client.InvokeResult) client.InvokeResult {
	if result.Err != "" {
		return in.answerError(result)
	}
	part, err := in.prepareYield(payload{result.Options, result.Args, result.Kwargs})
	if err != nil {
		in.session.reject(asError(err))
		return client.InvokeResult{Err: errNotSealed}
	}
	return client.InvokeResult{Options: part.Dict, Args: in.tell(in.procedure, part.Args), Kwargs: part.Kwargs}
}

// tell reports an answer that can't be sent. The caller gets an error instead.
func (in *invocation) tell(uri string, args wamp.List) wamp.List {
	return in.session.tell(opYield, uri, args, func(err error) {
		var unsent *Error
		if errors.As(err, &unsent) {
			in.session.reject(unsent)
		}
	})
}

func (in *invocation) prepareYield(p payload) (*wire.Part, error) {
	if err := checkOptions(opYield, in.procedure, p.options); err != nil {
		return nil, err
	}
	if action, _ := decide(rowYield, facts{exchangeSealed: in.sealed}); action == passPlain {
		return p.plain(opYield, in.procedure)
	}
	if wamp.OptionFlag(p.options, wamp.OptProgress) {
		return nil, &Error{Op: opYield, URI: in.procedure, Reason: Malformed, Err: errProgressResult}
	}
	return in.sealAnswer(in.entry, in.procedure, cryptobox.KindResult, p)
}

func (in *invocation) answerError(result client.InvokeResult) client.InvokeResult {
	uri := string(result.Err)
	errorEntry, errorKeyed := in.session.ring.Lookup(uri)
	action, _ := decide(rowHandlerError, facts{
		errorKeyed:     errorKeyed,
		exchangeSealed: in.sealed,
		unbound:        in.sealed && in.entry.Unbound(),
	})
	p := payload{args: result.Args, kwargs: result.Kwargs}
	var part *wire.Part
	var err error
	switch action {
	case passPlain:
		part, err = p.plain(opYield, uri)
	case seal:
		part, err = in.sealAnswer(in.entry, uri, cryptobox.KindError, p)
	case sealUnderError:
		part, err = in.sealAnswer(errorEntry, uri, cryptobox.KindError, p)
	default:
		return client.InvokeResult{Err: result.Err}
	}
	if err != nil {
		in.session.reject(asError(err))
		return client.InvokeResult{Err: result.Err}
	}
	return client.InvokeResult{Err: result.Err, Args: in.tell(uri, part.Args), Kwargs: part.Kwargs}
}
