package transparency

import (
	"context"
	"errors"
	"sync"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

var (
	errOtherForm      = errors.New("the ring scrambles the URI otherwise since the call was begun: begin it again")
	errProgressOption = errors.New("the option progress is for CallProgressive")
	errNoAnswerer     = errors.New("its key lists nobody whose answer would be taken: list answerers, or take any")
)

// Call calls the procedure as client.Client.Call does: sealed where the ring has a key for
// it, plain where the ring declares it plain, or has it in a transition with
// [keyring.SendPlain]. The result of a sealed call belongs to this very call: it is sealed
// with the same version of the key, for this procedure, realm and request. options, args and
// kwargs are not changed. A result or progress that is refused ends the call with an error.
// ctx cancels the call as with the client.
//
// An error that the callee raised comes back as client.RPCError. If the call was
// sealed, its arguments were sealed as well, and [InfoFrom] on Err.Details says
// so; mind that the text of an RPCError prints them. A plain ERROR proves
// nothing: one of the protocol's own (wamp.*) comes back as RPCError without
// arguments, any other as an [*Error] with Plaintext.
//
// Errors before anything is sent are of type [*Error]: WrongRole (also for a signed key without
// answerers), Unsealable, Misuse (an empty URI, the option progress), NotCarried, TooLarge,
// ReservedOption, Invalid, and NoKey for a procedure of which the ring says nothing, or whose key doesn't
// seal now. A testament (a
// call of wamp.session.add_testament) is Plaintext if its topic has a key, and NoKey if the
// ring says nothing of the topic.
func (s *Session) Call(ctx context.Context, procedure string, options wamp.Dict, args wamp.List, kwargs wamp.Dict, progcb nexus.ProgressHandler) (*wamp.Result, error) {
	c, part, err := s.startCall(procedure, options, args, kwargs, progcb != nil)
	if err != nil {
		return nil, err
	}
	return c.finish(s.transport.now().Call(ctx, c.uri, part, c.progressHandler(progcb), &c.result))
}

// startCall returns a call, and its payload as it is to be sent.
func (s *Session) startCall(procedure string, options wamp.Dict, args wamp.List, kwargs wamp.Dict, progress bool) (*call, *wire.Part, error) {
	options, past, err := passesBy(opCall, procedure, options)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.newCall(procedure)
	if err == nil {
		c.past = past
		err = c.begin()
	}
	if err != nil {
		return nil, nil, err
	}
	if c.version != nil && wamp.OptionFlag(options, wamp.OptProgress) {
		return nil, nil, &Error{Op: opCall, URI: procedure, Reason: Misuse, Err: errProgressOption}
	}
	c.progress = progress
	part, err := c.prepare(partOf(options, args, kwargs), false)
	return c, part, err
}

const opCall = "call"

// call is one call of ours, from its first payload to its answer.
type call struct {
	session   *Session
	procedure string
	uri       string           // of the procedure, for the router
	past      bool             // it passes the ring by
	progress  bool             // somebody takes progressive results
	version   *keyring.Version // that the whole call is sealed with; nil for a plain one

	// Only one goroutine at a time prepares what is sent.
	first    cryptobox.Token // of the first sealed payload; answers refer to it
	ref      cryptobox.Ref
	exchange cryptobox.Exchange
	began    time.Time // when that was sealed
	sent     uint64    // sealed payloads so far
	begun    bool      // the first payload is made; set under mu. Who answers reads version and first only then

	mu       sync.Mutex // of what answers
	received uint64     // sealed progress so far
	from     speaker    // the first that answered

	result client.Result // as it came in; here, because a caller's stack is to be small
}

// newCall returns a call that nothing was sent of.
func (s *Session) newCall(procedure string) (*call, error) {
	if err := checkURI(opCall, procedure); err != nil {
		return nil, err
	}
	form, err := s.forms.Send(procedure)
	if err != nil {
		return nil, formError(opCall, procedure, err)
	}
	return &call{session: s, procedure: procedure, uri: form.URI(procedure)}, nil
}

// begin decides whether the call is sealed, when its first payload is there: what it was
// made of may have taken its time.
func (c *call) begin() error {
	entry, version, err := c.decide()
	if err != nil {
		return err
	}
	if version == nil {
		c.session.notePlain(entry)
	}
	c.version = version
	return nil
}

// decide returns what the call would be sealed with now: nothing for a plain one.
func (c *call) decide() (*keyring.Entry, *keyring.Version, error) {
	entry, f, closed := c.session.ask(c.procedure, c.past)
	switch action, reason := decide(rowSend, f); action {
	case passPlain:
		return entry, nil, nil
	case seal:
		version, err := entry.Sealer(keyring.RoleOriginator)
		if err != nil {
			return nil, nil, newError(opCall, c.procedure, err)
		}
		if !version.TakesAnswers() {
			return nil, nil, &Error{Op: opCall, URI: c.procedure, Reason: WrongRole, Err: errNoAnswerer}
		}
		return entry, version, nil
	default:
		return nil, nil, denied(opCall, c.procedure, reason, closed)
	}
}

// prepare returns part, the next payload of the call, as it is to be sent.
func (c *call) prepare(part *wire.Part, more bool) (*wire.Part, error) {
	if err := checkOptions(opCall, c.procedure, part.Dict); err != nil {
		return nil, err
	}
	err := c.session.checkTestament(c.procedure, part)
	if err == nil {
		err = c.checkNamed(part)
	}
	if err == nil {
		err = c.session.validateOwn(c.past, opCall, callKind(more), c.procedure, part, c.version != nil)
	}
	if err != nil {
		return nil, err
	}
	if c.version == nil {
		part, err = plain(opCall, c.procedure, part)
	} else {
		part, err = c.seal(part, more)
	}
	if err != nil {
		return nil, err
	}
	if !c.begun && !c.past && !c.session.forms.InForce(keyring.Exact(c.procedure), c.uri, c.procedure) {
		return nil, &Error{Op: opCall, URI: c.procedure, Reason: NoKey, Err: errOtherForm}
	}
	if !c.progress {
		delete(part.Dict, wamp.OptReceiveProgress) // nobody takes it
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun = true
	return part, nil
}

// callKind is what a payload of a call is sealed as, by whether more are to come.
func callKind(more bool) cryptobox.Kind {
	if more {
		return cryptobox.KindCallProgress
	}
	return cryptobox.KindCall
}

// seal numbers and seals a payload.
func (c *call) seal(part *wire.Part, more bool) (*wire.Part, error) {
	if c.sent == 0 {
		c.began = c.session.cfg.clock()
	}
	out := outgoing{head: cryptobox.Head{Kind: callKind(more), Re: c.first, Seq: c.sent}, exchange: c.exchange}
	if err := c.session.seal(opCall, c.procedure, c.version, part, &out); err != nil {
		return nil, err
	}
	if c.sent == 0 {
		c.first, c.ref, c.exchange = out.token, out.ref, out.exchange
	}
	c.sent++
	return part, nil
}
