package peer

import (
	"errors"
	"fmt"
	"maps"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// ErrNotDue is what a receipt is told of an answer that nobody waits for any more.
var ErrNotDue = errors.New("nobody waits for this any more")

// errorURITooLarge is the error that Autobahn and Crossbar.io use.
const errorURITooLarge = wamp.URI("wamp.error.payload_size_exceeded")

// errorURI names what the other end is told of a message that can't be sent.
func errorURI(err error) wamp.URI {
	if errors.Is(err, link.ErrTooLarge) {
		return errorURITooLarge
	}
	return wamp.ErrInvalidArgument
}

// send writes a message of the client. Its receipt is told when it is flushed, or now
// why it isn't sent: before the client learns of it, whose caller would look at what the
// receipt was told too early.
func (p *Peer) send(msg wamp.Message) {
	msg, receipt := cutReceipt(msg)
	err := p.transmit(msg)
	switch {
	case receipt == nil:
	case err == nil:
		p.written = append(p.written, receipt)
	default:
		receipt(err)
	}
	if errors.Is(err, link.ErrUnsendable) {
		p.instead(msg, err)
	}
}

// drop tells the receipt of a message that it isn't sent.
func (p *Peer) drop(msg wamp.Message) {
	if _, receipt := cutReceipt(msg); receipt != nil {
		receipt(ErrClosed)
	}
}

func cutReceipt(msg wamp.Message) (wamp.Message, wire.Receipt) {
	switch m := msg.(type) {
	case *wamp.Subscribe:
		options, receipt := wire.CutReceiptOption(m.Options)
		return &wamp.Subscribe{Request: m.Request, Options: options, Topic: m.Topic}, receipt
	case *wamp.Register:
		options, receipt := wire.CutReceiptOption(m.Options)
		return &wamp.Register{Request: m.Request, Options: options, Procedure: m.Procedure}, receipt
	}
	part, ok := wire.PartOf(msg)
	if !ok {
		return msg, nil
	}
	args, receipt := wire.CutReceipt(part.Args)
	if receipt == nil {
		return msg, nil
	}
	part.Args = args
	return part.In(msg), receipt
}

func (p *Peer) transmit(msg wamp.Message) error {
	reply, err := p.guard.send(msg)
	if reply != nil {
		p.inject(*reply)
	}
	if err != nil {
		return err
	}
	err = p.put(msg)
	if err == nil || errors.Is(err, link.ErrUnsendable) {
		return err
	}
	return p.broken(err)
}

// broken ends the connection, and returns what receipts are told.
func (p *Peer) broken(err error) error {
	p.fail(err)
	return fmt.Errorf("%w: %w", ErrClosed, err)
}

// put frames msg and writes it.
func (p *Peer) put(msg wamp.Message) error {
	if hello, ok := msg.(*wamp.Hello); ok {
		msg = announce(hello, p.cfg.Framing.Traits().Announce)
	}
	framed, err := p.frame(msg)
	if err != nil {
		return fmt.Errorf("%w: %w", link.ErrUnsendable, err)
	}
	return p.link.Write(framed)
}

func (p *Peer) frame(msg wamp.Message) (wamp.Message, error) {
	part, ok := wire.PartOf(msg)
	if !ok {
		return msg, nil
	}
	env, err := wire.Carried(part)
	switch {
	case err != nil:
		return nil, err
	case env == nil:
		return msg, wire.Foreign(part.Args)
	}
	if err := p.cfg.Framing.Put(part, env); err != nil {
		return nil, err
	}
	return part.In(msg), nil
}

// instead does what is to be done where a message can't be sent, so that nobody
// waits for it: an answer to an invocation becomes an error without arguments, a
// request gets its reply from here. A progressive result has only its receipt.
func (p *Peer) instead(msg wamp.Message, err error) {
	var answer *wamp.Error
	switch m := msg.(type) {
	case *wamp.Hello, *wamp.Authenticate, *wamp.Goodbye, *wamp.Abort:
		p.fail(err)
		return
	case *wamp.Yield:
		if isProgress(m.Options) {
			return
		}
		answer = &wamp.Error{Type: wamp.INVOCATION, Request: m.Request, Error: errorURI(err)}
	case *wamp.Error:
		answer = &wamp.Error{Type: m.Type, Request: m.Request, Error: m.Error}
	default:
		p.takeBack(msg, err)
		return
	}
	answer.Details = wamp.Dict{}
	if p.tryWrite(answer) || answer.Error == errorURI(err) {
		return
	}
	answer.Error = errorURI(err) // even the URI was too much
	p.tryWrite(answer)
}

// takeBack ends a request that couldn't be sent. A router that knows chunks of it
// is told, so that the callee doesn't wait for more.
func (p *Peer) takeBack(msg wamp.Message, err error) {
	reply, begun := p.guard.unsent(msg, err)
	if reply != nil {
		p.inject(*reply)
	}
	if call, ok := msg.(*wamp.Call); ok && begun {
		p.tryWrite(&wamp.Cancel{Request: call.Request, Options: wamp.Dict{wamp.OptMode: wamp.CancelModeKillNoWait}})
	}
}

// tryWrite writes a message of ours. It returns false where that can't be sent.
func (p *Peer) tryWrite(msg wamp.Message) bool {
	err := p.link.Write(msg)
	if err != nil && !errors.Is(err, link.ErrUnsendable) {
		p.fail(err)
	}
	return err == nil
}

// announce returns hello with the features added for each of its roles. nexus
// shares its map of roles between clients.
func announce(hello *wamp.Hello, features []string) *wamp.Hello {
	roles := wamp.NormalizeDict(hello.Details["roles"])
	for _, v := range roles {
		role, ok := v.(wamp.Dict)
		if !ok {
			continue
		}
		announced, ok := role["features"].(wamp.Dict)
		if !ok {
			announced = wamp.Dict{}
			role["features"] = announced
		}
		for _, feature := range features {
			announced[feature] = true
		}
	}
	details := maps.Clone(hello.Details)
	if roles != nil {
		details["roles"] = roles
	}
	return &wamp.Hello{Realm: hello.Realm, Details: details}
}

// header is env without its payload.
func header(env *cryptobox.Envelope) *cryptobox.Envelope {
	return &cryptobox.Envelope{Algorithm: env.Algorithm, Serializer: env.Serializer, KeyID: env.KeyID}
}
