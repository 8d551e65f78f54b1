package transparency

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// callAnswers is what is known of the answers to a call of ours.
type callAnswers struct {
	mu       sync.Mutex
	received uint64             // sealed progress so far
	from     cryptobox.SenderID // the first that answered
	failure  error              // what ended the call from our side
}

// fail ends the call with err, unless it has failed before.
func (c *call) fail(err error) {
	c.answers.mu.Lock()
	if c.answers.failure == nil {
		c.answers.failure = err
	}
	c.answers.mu.Unlock()
	c.cancel()
}

func (c *call) failed() error {
	c.answers.mu.Lock()
	defer c.answers.mu.Unlock()
	return c.answers.failure
}

// progressHandler opens progressive results for progcb. The first that is
// refused cancels the call.
func (c *call) progressHandler(progcb client.ProgressHandler) client.ProgressHandler {
	if progcb == nil {
		return nil
	}
	return func(result *wamp.Result) {
		if c.session.peer != nil {
			c.session.peer.ProgressTaken(result.Request)
		}
		if c.failed() != nil {
			return
		}
		open, err := c.receive("progress", result, cryptobox.KindProgress)
		if err != nil {
			c.fail(c.session.reject(err))
			return
		}
		progcb(open)
	}
}

// finish turns what nexus's client returned into what the caller gets.
func (c *call) finish(result *wamp.Result, err error) (*wamp.Result, error) {
	if failure := c.failed(); failure != nil {
		return nil, failure
	}
	if err != nil {
		var raised client.RPCError
		if errors.As(err, &raised) && raised.Err != nil {
			return nil, c.receiveError(raised)
		}
		return nil, err
	}
	open, refused := c.receive("result", result, cryptobox.KindResult)
	if refused != nil {
		return nil, c.session.reject(refused)
	}
	return open, nil
}

// receive returns the result or progress to hand on.
func (c *call) receive(op string, result *wamp.Result, kind cryptobox.Kind) (*wamp.Result, *Error) {
	rules := func(f form) (action, Reason) {
		return decide(rowContinue, facts{form: f, exchangeSealed: c.entry != nil})
	}
	opens := func(env *cryptobox.Envelope) (*opened, Reason, error) {
		return c.open(c.entry, env, c.procedure, kind)
	}
	part, reason, err := c.session.receive(&wire.Part{Dict: result.Details, Args: result.Arguments, Kwargs: result.ArgumentsKw}, rules, opens)
	if reason != 0 {
		return nil, &Error{Op: op, URI: c.procedure, Reason: reason, Err: err}
	}
	received := *result
	received.Details, received.Arguments, received.ArgumentsKw = part.Dict, part.Args, part.Kwargs
	return &received, nil
}

// open opens an answer and checks that it is the next one to this call.
func (c *call) open(entry *keyring.Entry, env *cryptobox.Envelope, uri string, kind cryptobox.Kind) (*opened, Reason, error) {
	in, reason, err := c.session.open(entry, keyring.RoleOriginator, env)
	if reason == 0 {
		reason, err = c.verify(entry, in, uri, kind)
	}
	if reason != 0 {
		return nil, reason, err
	}
	return in, 0, nil
}

func (c *call) verify(entry *keyring.Entry, in *opened, uri string, kind cryptobox.Kind) (Reason, error) {
	c.answers.mu.Lock()
	defer c.answers.mu.Unlock()
	reason, err := c.session.verify(context.Background(), entry, in, &expectation{
		uri:   uri,
		kind:  kind,
		re:    c.outgoing.first,
		seq:   c.answers.received,
		from:  c.answers.from,
		scope: c.session.answerScope(),
	})
	if reason != 0 {
		return reason, err
	}
	if in.info.Bound {
		c.answers.from = in.info.Sender
	}
	if kind == cryptobox.KindProgress {
		c.answers.received++
	}
	return 0, nil
}

// receiveError returns the error to hand to the caller for an ERROR.
func (c *call) receiveError(raised client.RPCError) error {
	answer := raised.Err
	uri := string(answer.Error)
	env, form, cause := c.session.take(&wire.Part{Dict: answer.Details, Args: answer.Arguments, Kwargs: answer.ArgumentsKw})
	errorEntry, errorKeyed := c.session.ring.Lookup(uri)
	action, reason := decide(rowError, facts{
		form:           form,
		errorKeyed:     errorKeyed,
		exchangeSealed: c.entry != nil,
		unbound:        c.entry != nil && c.entry.Unbound(),
		protocolError:  strings.HasPrefix(uri, "wamp."),
		required:       c.session.cfg.required,
	})
	received := *answer
	received.Details = cleanDetails(answer.Details)
	entry := c.entry
	switch action {
	case passPlain:
		return client.RPCError{Err: &received, Procedure: raised.Procedure}
	case withoutArguments:
		received.Arguments, received.ArgumentsKw = nil, nil
		return client.RPCError{Err: &received, Procedure: raised.Procedure}
	case openUnderError:
		entry = errorEntry
	case open:
	default:
		return c.rejectError(uri, reason, cause)
	}
	in, reason, err := c.open(entry, env, uri, cryptobox.KindError)
	if reason != 0 {
		return c.rejectError(uri, reason, err)
	}
	received.Details = provedDetails(answer.Details, in.info)
	received.Arguments, received.ArgumentsKw = in.record.Args, in.record.Kwargs
	return client.RPCError{Err: &received, Procedure: raised.Procedure}
}

// rejectError refuses an ERROR. Its URI is the router's word; which call it was
// to answer is ours.
func (c *call) rejectError(uri string, reason Reason, cause error) error {
	err := fmt.Errorf("answering a call of %.*q", maxPrintedURI, c.procedure)
	if cause != nil {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return c.session.reject(&Error{Op: "error", URI: uri, Reason: reason, Err: err})
}
