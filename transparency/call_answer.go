package transparency

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// progressHandler opens progressive results for progcb. The first that is refused ends
// the call.
func (c *call) progressHandler(progcb nexus.ProgressHandler) client.ProgressHandler {
	if progcb == nil {
		return nil
	}
	return func(result *client.Result) error {
		l := lookAt(&result.Received)
		if err := c.receive(&result.Received, cryptobox.KindProgress); err != nil {
			return c.reject("progress", &l, err)
		}
		progcb(resultOf(result))
		return nil
	}
}

func resultOf(r *client.Result) *wamp.Result {
	return &wamp.Result{Request: r.Request, Details: r.Details, Arguments: r.Args, ArgumentsKw: r.Kwargs}
}

// finish turns what the transport made of the call into what the caller gets.
func (c *call) finish(err error) (*wamp.Result, error) {
	if err != nil {
		if raised, ok := errors.AsType[*client.ErrorAnswer](err); ok {
			return nil, c.receiveError(raised)
		}
		return nil, sendError(opCall, c.procedure, err)
	}
	l := lookAt(&c.result.Received)
	if err := c.receive(&c.result.Received, cryptobox.KindResult); err != nil {
		return nil, c.reject("result", &l, err)
	}
	return resultOf(&c.result), nil
}

// errEarly is for answers that come before anything was sent.
var errEarly = errors.New("it came before the call was sent")

// checkBegun refuses an answer to a call that has not begun.
func (c *call) checkBegun() error {
	if !c.hasBegun() {
		return &Error{Reason: WrongRequest, Err: errEarly}
	}
	return nil
}

func (c *call) hasBegun() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun
}

// receive puts into r what is to be handed on of a result or progress.
func (c *call) receive(r *client.Received, kind cryptobox.Kind) error {
	if err := c.checkBegun(); err != nil {
		return err
	}
	action, reason := decide(rowContinue, facts{past: c.past, form: formOf(r), exchangeSealed: c.version != nil})
	switch action {
	case passPlain:
		r.Details = cleanDetails(r.Details)
	case open:
		if err := c.open(r, c.procedure, kind); err != nil {
			return err
		}
	default:
		return refused(reason, nil, r)
	}
	return c.session.validate(c.past, kind, c.procedure, r.Args, r.Kwargs)
}

// open opens an answer that is sealed as the call was.
func (c *call) open(r *client.Received, uri string, kind cryptobox.Kind) error {
	in, err := c.session.openNext(c.version, c.exchange, keyring.RoleOriginator, r)
	return c.take(in, err, r, uri, kind)
}

// take checks that an opened answer is the next one to this call, and puts it into r.
func (c *call) take(in *opened, err error, r *client.Received, uri string, kind cryptobox.Kind) error {
	if err != nil {
		return err
	}
	if err := c.verify(in, uri, kind); err != nil {
		in.record.Release()
		return err
	}
	in.handTo(r)
	return nil
}

func (c *call) verify(in *opened, uri string, kind cryptobox.Kind) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	want := expectation{
		uri:    uri,
		kind:   kind,
		re:     c.first,
		seq:    c.received,
		from:   c.from,
		memory: c.session.memory,
		scope:  answerScope,
		called: c.began,
	}
	if err := c.session.verify(context.Background(), in, &want); err != nil {
		return err
	}
	if head := in.head(); head != nil && c.received == 0 {
		c.session.compareClocks(c, time.UnixMilli(head.TS), want.now)
	}
	c.from = in.speaker()
	if kind == cryptobox.KindProgress {
		c.received++
	}
	return nil
}

// receiveError returns the error to hand to the caller for an ERROR.
func (c *call) receiveError(raised *client.ErrorAnswer) error {
	l := lookAt(&raised.Received)
	if err := c.checkBegun(); err != nil {
		return c.rejectError(raised.URI, &l, err)
	}
	errorEntry, errorKeyed := c.session.hasKey(raised.URI)
	action, reason := decide(rowError, facts{
		past:           c.past,
		form:           l.form,
		errorKeyed:     errorKeyed,
		otherDialect:   c.otherDialect(l.dialect),
		exchangeSealed: c.version != nil,
		foreign:        c.version != nil && c.version.Dialect().Foreign(),
		protocolError:  strings.HasPrefix(raised.URI, "wamp."),
		hidden:         raised.URI == string(URIError),
	})
	var err error
	switch action {
	case passPlain:
		raised.Details = cleanDetails(raised.Details)
	case withoutArguments:
		raised.Details = cleanDetails(raised.Details)
		raised.Args, raised.Kwargs = nil, nil
	case open:
		err = c.openSealedError(raised, &l)
	case openUnderError:
		var in *opened
		in, err = c.session.openFirst(errorEntry, keyring.RoleOriginator, &raised.Received)
		err = c.take(in, err, &raised.Received, raised.URI, cryptobox.KindError)
	default:
		err = refused(reason, nil, &raised.Received)
	}
	if err == nil {
		err = c.session.validate(c.past, cryptobox.KindError, raised.URI, raised.Args, raised.Kwargs)
	}
	if err != nil {
		return c.rejectError(raised.URI, &l, err)
	}
	return nexus.RPCError{
		Err: &wamp.Error{
			Type: wamp.CALL, Request: raised.Request, Details: raised.Details,
			Error: wamp.URI(raised.URI), Arguments: raised.Args, ArgumentsKw: raised.Kwargs,
		},
		Procedure: c.procedure,
	}
}

// otherDialect tells whether an answer in that dialect doesn't belong to the call.
func (c *call) otherDialect(d cryptobox.Dialect) bool {
	if c.version == nil {
		return !d.Foreign()
	}
	return c.version.Dialect() != d
}

// openSealedError opens an error in our dialect, whose URI is inside, or a refusal.
func (c *call) openSealedError(raised *client.ErrorAnswer, l *seen) error {
	in, err := c.session.openNext(c.version, c.exchange, keyring.RoleOriginator, &raised.Received)
	switch {
	case errors.Is(err, cryptobox.ErrOpen) && l.size == refusalSize:
		return &Error{Reason: Refused, Err: errRefused}
	case err != nil:
		return err
	case in.record.Kind == cryptobox.KindRefusal:
		return c.readRefusal(in)
	}
	uri := in.record.URI()
	if err := c.take(in, nil, &raised.Received, uri, cryptobox.KindError); err != nil {
		return err
	}
	raised.URI = uri
	return nil
}

// reject refuses an answer.
func (c *call) reject(op string, l *seen, err error) error {
	e := newError(op, c.procedure, err)
	e.countUnder(c.sealedWith())
	e.Ref, e.From = c.refText(), &Origin{KeyID: l.keyID()}
	return c.session.reject(e)
}

// refText names the call to both ends, if it is sealed in our dialect.
func (c *call) refText() string {
	if v := c.sealedWith(); v == nil || v.Dialect().Foreign() {
		return ""
	}
	return c.ref.String()
}

// sealedWith is the version of a call that has begun, nil for a plain one.
func (c *call) sealedWith() *keyring.Version {
	if !c.hasBegun() {
		return nil
	}
	return c.version
}

// rejectError refuses an ERROR. Its URI is the router's word; which call it was
// to answer is ours.
func (c *call) rejectError(uri string, l *seen, err error) error {
	e := newError("error", uri, err)
	e.countUnder(c.sealedWith())
	e.Ref, e.From = c.refText(), &Origin{KeyID: l.keyID()}
	answering := fmt.Sprintf("answering a call of %.*q", maxPrintedURI, c.procedure)
	if e.Err != nil {
		e.Err = fmt.Errorf("%s: %w", answering, e.Err)
	} else {
		e.Err = errors.New(answering)
	}
	return c.session.reject(e)
}
