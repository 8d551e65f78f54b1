package transparency

import (
	"context"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// invocation is one call that is being served, over all its chunks. nexus hands
// the chunks to the handler one after the other.
type invocation struct {
	ctx       context.Context // nexus's; ends with the invocation
	session   *Session
	procedure string
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

func (s *Session) newInvocation(ctx context.Context, procedure string, since time.Time) *invocation {
	entry, _ := s.ring.Lookup(procedure)
	return &invocation{ctx: ctx, session: s, procedure: procedure, entry: entry, since: since}
}

// admit decides on the next payload. Later ones have to come as the first did.
func (in *invocation) admit(f form, later bool) (action, Reason) {
	if later {
		return decide(rowContinue, facts{form: f, exchangeSealed: in.sealed})
	}
	return decide(rowReceive, facts{
		keyed:        in.entry != nil,
		form:         f,
		required:     in.session.cfg.required,
		plainAllowed: in.session.cfg.allowsPlain(in.procedure),
	})
}

// open opens a chunk and checks that it is the next one of the invocation.
func (in *invocation) open(env *cryptobox.Envelope, more bool) (*opened, Reason, error) {
	payload, reason, err := in.session.open(in.entry, keyring.RoleResponder, env)
	if reason == 0 {
		reason, err = in.verify(payload, more)
	}
	if reason != 0 {
		return nil, reason, err
	}
	if in.received == 0 {
		in.sealed, in.first = true, payload.token
	}
	if payload.info.Bound {
		// Who has begun to bind goes on so, whichever chunk that was.
		in.from = payload.info.Sender
	}
	in.received++
	return payload, 0, nil
}

func (in *invocation) verify(payload *opened, more bool) (Reason, error) {
	return in.session.verify(in.ctx, in.entry, payload, &expectation{
		uri:   in.procedure,
		kind:  callKind(more),
		re:    in.first,
		seq:   in.received,
		from:  in.from,
		scope: in.session.callScope(),
		since: in.since,
	})
}

// invocations holds those of one registration that came with more to follow. The
// zero value is ready to use.
type invocations struct {
	mu   sync.Mutex
	live map[invocationID]*invocation
}

// invocationID tells an invocation from all others. Request ids are the router's,
// who can use one twice at a time; nexus makes a context for each invocation,
// and with it the channel that tells the handler to stop. That is one of its own
// only for a context that has not ended before it was asked for.
type invocationID struct {
	stop    <-chan struct{}
	request wamp.ID
}

func (set *invocations) get(id invocationID) (*invocation, bool) {
	set.mu.Lock()
	defer set.mu.Unlock()
	in, ok := set.live[id]
	return in, ok
}

// keep holds in until ctx ends, which nexus sees to when the invocation is over.
// A context that can't end belongs to no invocation.
func (set *invocations) keep(ctx context.Context, id invocationID, in *invocation) {
	if id.stop == nil {
		return
	}
	set.mu.Lock()
	if set.live == nil {
		set.live = map[invocationID]*invocation{}
	}
	set.live[id] = in
	set.mu.Unlock()
	context.AfterFunc(ctx, func() {
		set.mu.Lock()
		delete(set.live, id)
		set.mu.Unlock()
		in.close()
	})
}

// invocationEntry is the context key under which a handler's context leads back
// to what it serves.
type invocationEntry struct{}

// context returns what a handler gets.
func (in *invocation) context() context.Context {
	return context.WithValue(in.ctx, invocationEntry{}, in)
}

// invocationFrom returns the invocation that a handler of this session serves.
func (s *Session) invocationFrom(ctx context.Context) (*invocation, bool) {
	in, ok := ctx.Value(invocationEntry{}).(*invocation)
	return in, ok && in.session == s
}
