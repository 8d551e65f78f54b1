package transparency

import (
	"context"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// invocation is one call that this Session serves, over all its chunks, which come one
// after the other.
type invocation struct {
	served    served
	session   *Session
	procedure string         // empty until it is known what was called
	entry     *keyring.Entry // nil where the procedure isn't keyed
	since     time.Time      // when the registration was asked for

	sealed   bool // the first payload was
	first    cryptobox.Token
	from     cryptobox.SenderID
	received uint64 // sealed chunks so far

	// mu is held while a progressive result is numbered and handed to the
	// client, so that they are sent in the order of their numbers.
	mu     sync.Mutex
	sent   uint64 // sealed progressive results so far
	closed bool   // the final answer is on its way
}

// receive puts into r what is to be handed on of a chunk, the first or a later one.
func (in *invocation) receive(t target, r *client.Received, later bool) error {
	row, f := rowReceive, facts{form: formOf(r), exchangeSealed: in.sealed, required: in.session.cfg.required}
	if later {
		// It has to come as the first did.
		row = rowContinue
		if !t.continues(r.Details, in.procedure) {
			return &Error{Reason: WrongURI, Err: errOtherProcedure}
		}
	} else {
		procedure, ok := t.resolve(r.Details)
		if !ok {
			return &Error{Reason: WrongURI, Err: errOutsidePattern}
		}
		in.procedure = procedure
		in.entry, f.keyed = in.session.ring.Lookup(procedure)
		f.plainAllowed = in.session.cfg.allowsPlain(procedure)
	}
	action, reason := decide(row, f)
	switch action {
	case passPlain:
		r.Details = cleanDetails(r.Details)
		return nil
	case open:
		return in.open(r)
	}
	return refused(reason, r)
}

// open opens a chunk and checks that it is the next one of the invocation.
func (in *invocation) open(r *client.Received) error {
	payload, err := in.session.open(in.entry, keyring.RoleResponder, r)
	if err == nil {
		err = in.session.verify(in.served.Context(), in.entry, payload, &expectation{
			uri:    in.procedure,
			kind:   callKind(wamp.OptionFlag(r.Details, wamp.OptProgress)),
			re:     in.first,
			seq:    in.received,
			from:   in.from,
			memory: in.session.callMemory,
			scope:  callScope,
			since:  in.since,
		})
	}
	if err != nil {
		return err
	}
	if in.received == 0 {
		in.sealed, in.first = true, payload.token
	}
	if payload.info.Bound {
		// A sender that bound one chunk, whichever that was, has to bind the rest.
		in.from = payload.info.Sender
	}
	in.received++
	payload.handTo(r)
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

// invocationFrom returns the invocation that a handler of this session serves.
func (s *Session) invocationFrom(ctx context.Context) (*invocation, bool) {
	sv, ok := s.transport.now().Serving(ctx)
	if !ok {
		return nil, false
	}
	in, ok := (*sv.State()).(*invocation)
	return in, ok && in.session == s
}
