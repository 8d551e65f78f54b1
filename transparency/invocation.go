package transparency

import (
	"context"
	"errors"
	"sync"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// invocation is one call that this Session serves, over all its chunks, which come one
// after the other.
type invocation struct {
	served    served
	session   *Session
	procedure string // empty until it is known what was called
	named     string // by the router, with the first chunk
	shown     seen   // of the first chunk

	version  *keyring.Version // that the whole exchange is sealed with; nil for a plain one
	first    cryptobox.Token
	exchange cryptobox.Exchange
	from     speaker
	received uint64 // sealed chunks so far

	// mu is held while a progressive result is numbered and handed to the
	// client, so that they are sent in the order of their numbers.
	mu     sync.Mutex
	sent   uint64 // sealed progressive results so far
	closed bool   // the final answer is on its way

	past  bool // it passes the ring by; not under mu
	keyed bool // the ring has a key for the procedure; not under mu
}

// receive puts into r what is to be handed on of a chunk, the first or a later one.
func (in *invocation) receive(t target, r *client.Received, later bool) error {
	if later {
		return in.receiveLater(t, r)
	}
	procedure, ok := t.resolve(r.Details)
	if !ok {
		return &Error{Reason: WrongURI, Err: errOutsidePattern}
	}
	in.procedure, in.named = procedure, procedure
	m := in.session.askAbout(t, procedure)
	m.facts.form, in.keyed, in.past = formOf(r), m.facts.keyed || m.scrambled, m.facts.past
	action, reason := decide(rowReceive, m.facts)
	switch action {
	case passPlain:
		in.session.notePlain(m.entry)
		r.Details = cleanDetails(r.Details)
		return nil
	case open:
		if err := in.reserveFor(r); err != nil {
			return err
		}
		payload, revealed, err := in.session.openAbout(&t, &m, r)
		in.procedure = revealed
		return in.take(t, payload, err, r)
	}
	return refused(reason, m.closed, r)
}

// receiveLater is receive of a later chunk, which has to come as the first did.
func (in *invocation) receiveLater(t target, r *client.Received) error {
	if !t.continues(r.Details, in.named) {
		return &Error{Reason: WrongURI, Err: errOtherProcedure}
	}
	action, reason := decide(rowContinue, facts{past: in.past, form: formOf(r), exchangeSealed: in.version != nil})
	switch action {
	case passPlain:
		r.Details = cleanDetails(r.Details)
		return nil
	case open:
		if err := in.reserveFor(r); err != nil {
			return err
		}
		payload, err := in.session.openNext(in.version, in.exchange, keyring.RoleResponder, r)
		return in.take(t, payload, err, r)
	}
	return refused(reason, nil, r)
}

// errEnded is of an invocation that has ended while a chunk waited for room.
var errEnded = errors.New("the invocation has ended")

// reserveFor makes room for what is built while it is opened: a record in another dialect
// than ours.
func (in *invocation) reserveFor(r *client.Received) error {
	if r.Envelope.Dialect.Foreign() {
		return in.reserve(cryptobox.MostMemory(len(r.Envelope.Payload)))
	}
	return nil
}

func (in *invocation) reserve(bytes int) error {
	err := in.served.Reserve(bytes)
	if err == nil || errors.Is(err, client.ErrFlood) {
		return err
	}
	return errEnded
}

// turnAway is the answer where there is no room to open a chunk. It is plain, as where there
// is none to take one: a router may give a call that never began to another callee, and a
// replay of one that runs gets no proof that it doesn't.
func (in *invocation) turnAway(later bool) {
	in.close()
	uri := client.ErrorUnavailable
	if later {
		uri = wamp.ErrCanceled
	}
	_ = in.served.Raise(uri, &wire.Part{}, nil) // what can't be sent has nobody to be told to
}

// take checks that an opened chunk is the next one of the invocation, and puts it into r.
func (in *invocation) take(t target, payload *opened, err error, r *client.Received) error {
	if payload != nil && in.received == 0 {
		// Whatever is wrong with it, whoever sent it holds the key.
		in.version, in.first, in.exchange, in.from = payload.version, payload.token, payload.exchange, payload.speaker()
	}
	if err != nil {
		return err
	}
	if err = in.reserve(payload.memory()); err == nil {
		err = in.stillTaken()
	}
	if err != nil {
		payload.record.Release()
		return err
	}
	err = in.session.verify(in.served.Context(), payload, &expectation{
		uri:    in.procedure,
		kind:   callKind(wamp.OptionFlag(r.Details, wamp.OptProgress)),
		re:     in.answers(),
		seq:    in.received,
		from:   in.from,
		memory: in.session.callMemory,
		scope:  callScope,
		since:  t.since,
	})
	if err != nil {
		payload.record.Release()
		return err
	}
	in.received++
	payload.handTo(r)
	return nil
}

// stillTaken refuses a chunk whose version was revoked, or whose caller was taken off the list,
// while it waited for room.
func (in *invocation) stillTaken() error {
	if err := alive(in.version, keyring.ErrRevoked); err != nil {
		return err
	}
	return in.admitted()
}

// answers is the token that a chunk refers to: none for the first.
func (in *invocation) answers() cryptobox.Token {
	if in.received == 0 {
		return cryptobox.Token{}
	}
	return in.first
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

// invocationFrom returns the invocation that a handler of this session serves.
func (s *Session) invocationFrom(ctx context.Context) (*invocation, bool) {
	sv, ok := s.transport.now().Serving(ctx)
	if !ok {
		return nil, false
	}
	in, ok := (*sv.State()).(*invocation)
	return in, ok && in.session == s
}
