package hostile

import (
	"context"
	"errors"
	"strings"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// What plain payloads of the router begin with. The latter has parts of an envelope.
const (
	forgedText = "forged"
	partsText  = "parts of an envelope"
)

// keyed reports whether the rings have a key for the URI.
func (w *world) keyed(uri string) bool {
	return strings.HasPrefix(uri, w.base+"a.") || strings.HasPrefix(uri, w.base+"b.")
}

// plain checks what came for a URI without a key. It may be anything that is plain.
func (l *ledger) plain(what string, at *life, details wamp.Dict, args wamp.List, kwargs wamp.Dict) {
	_, sealed := transparency.InfoFrom(details)
	_, enc := kwargs["enc"]
	if len(args) > 0 && internal(args[0]) {
		l.fail("%s at %v has what no application is to see: %T", what, at, args[0])
	}
	if sealed || enc || len(args) > 0 && args[0] == partsText {
		l.fail("%s at %v has parts of an envelope: %v %v", what, at, args, kwargs)
	}
}

// internal reports whether an argument is one of the library's own, such as an envelope
// or why there is none.
func internal(v any) bool {
	switch v.(type) {
	case *wire.Envelope, error:
		return true
	}
	return false
}

// event takes what an event handler got.
func (l *ledger) event(at *life, t *target, ev *wamp.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	topic := t.resolve(ev.Details, "topic")
	if !t.pattern.Matches(topic) {
		l.fail("an event at %v of %q doesn't match %v", at, topic, t.pattern)
	}
	if !l.w.keyed(topic) {
		l.plain("an event", at, ev.Details, ev.Arguments, ev.ArgumentsKw)
		return
	}
	s := l.find(at, "an event", ev.Details, ev.Arguments, ev.ArgumentsKw, cryptobox.KindPublish)
	if s == nil {
		return
	}
	if s.uri != topic {
		l.fail("event %d of %s at %v was published to %s", s.id, topic, at, s.uri)
	}
	if s.from == at && !s.self && !l.w.foreign() {
		l.fail("event %d at %v is its own", s.id, at)
	}
	l.fresh("event", at, s, t.asked)
	l.once("event", at, s, seen{at.events, "events of " + t.pattern.Match.String() + " " + t.pattern.URI, s.id})
}

// invocation takes what an invocation handler got, and returns what it is to do.
func (l *ledger) invocation(at *life, t *target, inv *wamp.Invocation) (*execution, *sent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	procedure := t.resolve(inv.Details, "procedure")
	if !t.pattern.Matches(procedure) {
		l.fail("a call at %v of %q doesn't match %v", at, procedure, t.pattern)
	}
	if !l.w.keyed(procedure) {
		l.plain("a call", at, inv.Details, inv.Arguments, inv.ArgumentsKw)
		return nil, nil
	}
	kind := cryptobox.KindCall
	if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
		kind = cryptobox.KindCallProgress
	}
	s := l.find(at, "a call", inv.Details, inv.Arguments, inv.ArgumentsKw, kind)
	if s == nil || s.call == nil && !l.w.foreign() {
		return nil, nil
	}
	if s.uri != procedure {
		l.fail("call %d of %s at %v was to %s", s.id, procedure, at, s.uri)
	}
	l.fresh("call", at, s, t.asked)
	l.once("call", at, s, seen{at.calls, "calls", s.id})
	key := served{at, s.call}
	e := l.executions[key]
	if e == nil || s.call == nil {
		e = &execution{life: at, call: s.call, procedure: procedure}
		l.executions[key] = e
	}
	if s.index != e.chunks && !l.w.foreign() {
		l.fail("chunk %d at %v is number %d, %d were before", s.id, at, s.index, e.chunks)
	}
	e.chunks++
	return e, s
}

// answer takes an answer to a call. total is set for the last one.
func (l *ledger) answer(c *call, what, uri string, s *sent, total bool) {
	switch {
	case s == nil:
		return
	case l.w.foreign():
		l.unbound(c, what, uri, s)
	case s.answer == nil || s.answer.call != c:
		l.fail("%s %d at %v answers another call", what, s.id, c.caller)
		return
	case s.uri != uri:
		l.fail("%s %d at %v was sent as %s, came as %s", what, s.id, c.caller, s.uri, uri)
	case c.answer != nil && c.answer != s.answer:
		l.fail("%s %d at %v is by another Session than what was before", what, s.id, c.caller)
	case c.done:
		l.fail("%s %d at %v came after the end of its call", what, s.id, c.caller)
	case s.index != c.progress:
		l.fail("%s %d at %v is number %d, %d came before", what, s.id, c.caller, s.index, c.progress)
	}
	c.answer = s.answer
	if total {
		c.done = true
	} else {
		c.progress++
	}
}

// unbound checks what holds of an answer that no binding ties to its call: its URI, and
// that it comes once.
func (l *ledger) unbound(c *call, what, uri string, s *sent) {
	switch {
	case s.uri != uri:
		l.fail("%s %d at %v was sent as %s, came as %s", what, s.id, c.caller, s.uri, uri)
	case c.done:
		l.fail("%s %d at %v came after the end of its call", what, s.id, c.caller)
	}
	l.once(what, c.caller, s, seen{c.caller.events, "answers", s.id})
}

// progress takes a progressive result that the caller got.
func (l *ledger) progress(c *call, result *wamp.Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.w.keyed(c.procedure) {
		l.plain("progress", c.caller, result.Details, result.Arguments, result.ArgumentsKw)
		return
	}
	s := l.find(c.caller, "progress", result.Details, result.Arguments, result.ArgumentsKw, cryptobox.KindProgress)
	l.answer(c, "progress", c.procedure, s, false)
}

// returned takes what a call returned.
func (l *ledger) returned(c *call, result *wamp.Result, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.callError(c, err)
		return
	}
	if !l.w.keyed(c.procedure) {
		l.plain("a result", c.caller, result.Details, result.Arguments, result.ArgumentsKw)
		return
	}
	s := l.find(c.caller, "a result", result.Details, result.Arguments, result.ArgumentsKw, cryptobox.KindResult)
	l.answer(c, "result", c.procedure, s, true)
}

func (l *ledger) callError(c *call, err error) {
	var raised client.RPCError
	if !errors.As(err, &raised) {
		l.typed("a call", c.caller, err)
		return
	}
	answer := raised.Err
	keyedError := l.w.foreign() && l.w.keyed(string(answer.Error)) // whatever call it answers
	if !l.w.keyed(c.procedure) && !keyedError {
		l.plain("an error", c.caller, answer.Details, answer.Arguments, answer.ArgumentsKw)
		return
	}
	_, sealed := transparency.InfoFrom(answer.Details)
	if !sealed && l.w.foreign() {
		c.done = true // it is delivered, and proves nothing
		l.plain("an error", c.caller, answer.Details, answer.Arguments, answer.ArgumentsKw)
		return
	}
	if !sealed && strings.HasPrefix(string(answer.Error), "wamp.") {
		if len(answer.Arguments)+len(answer.ArgumentsKw) > 0 {
			l.fail("%s at %v has arguments: %v %v", answer.Error, c.caller, answer.Arguments, answer.ArgumentsKw)
		}
		return
	}
	s := l.find(c.caller, "an error", answer.Details, answer.Arguments, answer.ArgumentsKw, cryptobox.KindError)
	l.answer(c, "error", string(answer.Error), s, true)
}

// typed checks that an error is one to branch on.
func (l *ledger) typed(what string, at *life, err error) {
	var refused *transparency.Error
	switch {
	case errors.As(err, &refused):
		if refused.Reason == 0 || strings.HasPrefix(refused.Reason.Error(), "reason ") {
			l.fail("%s at %v failed without a reason: %v", what, at, err)
		}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
	case errors.Is(err, client.ErrNotConn), errors.Is(err, client.ErrReplyTimeout), errors.Is(err, client.ErrCallerNoProg):
	default:
		l.fail("%s at %v failed with %T: %v", what, at, err, err)
	}
}
