package transparency

import (
	"context"
	"errors"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/peer"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// nexus's client hands messages to the connection and never learns whether they
// were sent. Over our own Peer a receipt tells.

// tell returns args with a receipt that tells fn why the message isn't sent, if so.
// fn must not block.
func (s *Session) tell(op, uri string, args wamp.List, fn func(error)) wamp.List {
	if s.peer == nil {
		return args
	}
	return wire.WithReceipt(args, func(err error) {
		if err != nil {
			fn(sendError(op, uri, err))
		}
	})
}

// deliver runs send, which sends one message with the arguments that it is given, and
// returns when the message is sent, or why it isn't. When ctx ends it waits no longer.
func (s *Session) deliver(ctx context.Context, op, uri string, args wamp.List, send func(wamp.List) error) error {
	if s.peer == nil {
		return send(args)
	}
	outcome := make(chan error, 1)
	err := send(wire.WithReceipt(args, func(err error) { outcome <- err }))
	if err != nil {
		select {
		case failed := <-outcome:
			if failed != nil {
				return sendError(op, uri, failed) // it says more
			}
		default:
		}
		return err
	}
	select {
	case err = <-outcome:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.client.Done():
		select {
		case err = <-outcome:
		default:
			err = peer.ErrClosed
		}
	}
	if err != nil {
		return sendError(op, uri, err)
	}
	return nil
}

// ask runs send, which makes a request with the options that it is given, and returns
// why the request isn't sent, or what became of it.
func (s *Session) ask(op, uri string, options wamp.Dict, send func(wamp.Dict) error) error {
	options = copyOptions(options)
	if s.peer == nil {
		return send(options)
	}
	outcome := make(chan error, 1)
	options[wire.ReceiptOption] = wire.Receipt(func(err error) { outcome <- err })
	err := send(options)
	if err == nil {
		return nil
	}
	select {
	case failed := <-outcome:
		if failed != nil {
			return sendError(op, uri, failed)
		}
	default:
	}
	return err
}

// sendError turns what a receipt was told into what an application gets.
func sendError(op, uri string, err error) error {
	if errors.Is(err, peer.ErrClosed) {
		return client.ErrNotConn
	}
	if errors.Is(err, peer.ErrNotDue) {
		return client.ErrCallerNoProg
	}
	return &Error{Op: op, URI: uri, Reason: reasonOf(err), Err: err}
}
