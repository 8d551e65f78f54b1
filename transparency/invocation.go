package transparency

import (
	"context"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// invocation is one call that is being served, over all its chunks. nexus hands
// the chunks to the handler one after the other.
type invocation struct {
	session   *Session
	procedure string
	entry     *keyring.Entry // nil where the procedure isn't keyed

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

func (s *Session) newInvocation(procedure string) *invocation {
	entry, _ := s.ring.Lookup(procedure)
	return &invocation{session: s, procedure: procedure, entry: entry}
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
	kind := cryptobox.KindCall
	if more {
		kind = cryptobox.KindCallProgress
	}
	payload, reason, err := in.session.open(in.entry, keyring.RoleResponder, env, expectation{
		uri:  in.procedure,
		kind: kind,
		re:   in.first,
		seq:  in.received,
		from: in.from,
	})
	if reason != 0 {
		return nil, reason, err
	}
	if in.received == 0 {
		in.sealed, in.first, in.from = true, payload.token, payload.info.Sender
	}
	in.received++
	return payload, 0, nil
}

// invocations holds those that wait for more chunks. An invocation is known by
// the channel that tells its handler to stop: nexus makes one for each. Request
// ids are the router's, who can use one twice at a time.
type invocations struct {
	mu   sync.Mutex
	live map[<-chan struct{}]*invocation
}

func (set *invocations) get(ctx context.Context) (*invocation, bool) {
	set.mu.Lock()
	defer set.mu.Unlock()
	in, ok := set.live[ctx.Done()]
	return in, ok
}

// keep holds in until end, or until ctx ends, which nexus sees to when the
// invocation is over. A context that can't end belongs to no invocation.
func (set *invocations) keep(ctx context.Context, in *invocation) {
	if ctx.Done() == nil {
		return
	}
	set.mu.Lock()
	if set.live == nil {
		set.live = map[<-chan struct{}]*invocation{}
	}
	set.live[ctx.Done()] = in
	set.mu.Unlock()
	context.AfterFunc(ctx, func() { set.end(ctx, in) })
}

// end lets go of in: what comes now is its final answer.
func (set *invocations) end(ctx context.Context, in *invocation) {
	in.close()
	set.mu.Lock()
	defer set.mu.Unlock()
	if set.live[ctx.Done()] == in {
		delete(set.live, ctx.Done())
	}
}

// invocationEntry is the context key under which a handler's context leads back
// to what it serves.
type invocationEntry struct{}

func (in *invocation) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, invocationEntry{}, in)
}

// invocationFrom returns the invocation that a handler of this session serves.
func (s *Session) invocationFrom(ctx context.Context) (*invocation, bool) {
	in, ok := ctx.Value(invocationEntry{}).(*invocation)
	return in, ok && in.session == s
}
