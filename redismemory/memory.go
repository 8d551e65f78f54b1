package redismemory

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/clock"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// maxWaiting is how many messages ask Redis at a time; others wait their turn. It
// bounds what a Redis that doesn't answer can hold up.
const maxWaiting = 256

// births is how often the memory can be born anew while an Accept asks it. Where Redis was
// replaced, each callee may have it so once.
const births = 10

// shortest is the least time for which anything is remembered.
const shortest = time.Second

// Memory is a [transparency.ReplayMemory] that several processes share. Its
// methods may be called by several goroutines. It has nothing to close but
// the client, which is the caller's.
type Memory struct {
	client     redis.UniversalClient
	prefix     string
	unboundFor time.Duration
	waiting    chan struct{} // has an element for each question under way
	clock      func() time.Time
	birth      atomic.Pointer[birth] // the one that is known here
}

// birth is when the memory began.
type birth struct {
	noted string    // in Redis: the time, the run of the server, and a name
	began time.Time // by this process's clocks
	next  string    // what the one is named that is noted in its place
}

// newBirth is one that is noted so, or none yet.
func newBirth(noted string, began time.Time) *birth {
	return &birth{noted, began, rand.Text()}
}

var _ transparency.ReplayMemory = (*Memory)(nil)

// New returns a memory in the Redis that client leads to. It asks nothing yet: see
// [Memory.Check]. From now on the client takes no reply of more than 16 MB, over new
// connections: give the memory a client of its own. The error wraps [transparency.ErrOption].
// A [redis.Ring] can't be used: while one node is away, it asks another one, which doesn't
// remember what the first did.
func New(client redis.UniversalClient, opts ...Option) (*Memory, error) {
	if client == nil || (reflect.ValueOf(client).Kind() == reflect.Pointer && reflect.ValueOf(client).IsNil()) {
		return nil, fmt.Errorf("%w: a client is needed; redis.NewClient makes one", transparency.ErrOption)
	}
	if _, isRing := client.(*redis.Ring); isRing {
		return nil, fmt.Errorf("%w: a redis.Ring has no memory of what another node has seen; use one server, Sentinel or a cluster", transparency.ErrOption)
	}
	m := &Memory{client: client, unboundFor: defaultUnboundFor, waiting: make(chan struct{}, maxWaiting), clock: time.Now}
	m.birth.Store(newBirth("", time.Time{}))
	opts = append([]Option{WithPrefix(defaultPrefix)}, opts...)
	for _, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("%w: an Option that is nil: leave it out", transparency.ErrOption)
		}
		if err := opt(m); err != nil {
			return nil, err
		}
	}
	bound(client)
	return m, nil
}

// Shared implements [transparency.ReplayMemory]: it is true.
func (*Memory) Shared() bool { return true }

// Accept implements [transparency.ReplayMemory], in one round trip, or two where the
// memory's birth is new to this process. It returns nil once among all who share the memory;
// then [transparency.Replayed], or [transparency.Stale] for what was sent longer than
// msg.Skew before the birth. Any other error means that Redis can't be asked, [ErrAnswer]
// among them. It returns when ctx ends at the latest, whatever the client does; without a
// deadline, when the client gives up.
func (m *Memory) Accept(ctx context.Context, msg *transparency.ReplayMessage) error {
	now := m.clock()
	return m.note(ctx, m.messageKey(msg), m.keep(msg, now), func(born time.Time) error {
		began := clock.WallTime(born, now)
		if !msg.Bound || !msg.Sent.Add(msg.Skew).Before(began) {
			return nil
		}
		return fmt.Errorf("%w: sent %s before the shared memory began, at %s, beyond the skew of %s, or the sender's clock is behind, or this one ahead",
			transparency.Stale, clock.Text(began.Sub(msg.Sent)), began.UTC().Format(time.RFC3339Nano), clock.Text(msg.Skew))
	})
}

// keep is for how long a message is remembered.
func (m *Memory) keep(msg *transparency.ReplayMessage, now time.Time) time.Duration {
	if !msg.Bound {
		return m.unboundFor
	}
	// Expires is by this clock. That of another callee may be behind.
	return max(msg.Expires.Add(msg.Skew).Sub(now), shortest) // which is cut to what fits
}

// note notes a Redis key if it is new, in a memory that judge has nothing against by its birth.
func (m *Memory) note(ctx context.Context, key string, keep time.Duration, judge func(born time.Time) error) error {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	for range births {
		known := m.birth.Load()
		if err := judge(known.began); err != nil {
			return err
		}
		answer, err := m.ask(ctx, acceptScript.Run, []string{m.birthKey(), key}, known.noted, keep.Milliseconds(), id[:], known.next)
		if err != nil {
			return err
		}
		noted, age, err := verdict(answer)
		if noted == "" {
			return err
		}
		// The answer has been on its way: the birth is no later than this.
		m.birth.Store(newBirth(noted, m.clock().Add(-age)))
	}
	return fmt.Errorf("%w: it is born again and again: see its log", ErrAnswer)
}

// Check tries whether Redis can be used. It looks whether it evicts, and does what Accept
// does, with a Redis key that expires after a second: so Redis can be reached, is no replica,
// has room, and lets this user do what is needed. It notes the birth if there is none. Call it
// when a program starts. The errors are those of Accept; any may come later as well, such as
// when Redis is full.
func (m *Memory) Check(ctx context.Context) error {
	// Accept sends a script that Redis doesn't know yet, which takes another permission.
	answer, err := m.ask(ctx, checkScript.Eval, []string{m.birthKey()})
	if err != nil {
		return err
	}
	if n, ok := answer.(int64); !ok || n != 1 {
		return fmt.Errorf("%w: unexpected answer", ErrAnswer)
	}
	return m.note(ctx, m.prefix+"check:"+rand.Text(), shortest, func(time.Time) error { return nil })
}

func (m *Memory) birthKey() string { return m.prefix + "birth" }

// verdict reads what acceptScript answers: that, or another birth than the one that it was
// told, and how long ago it was.
func verdict(answer any) (noted string, age time.Duration, err error) {
	list, _ := answer.([]any)
	what := int64(0)
	if len(list) > 0 {
		what, _ = list[0].(int64)
	}
	switch {
	case what == isNew && len(list) == 1:
		return "", 0, nil
	case what == isSeen && len(list) == 1:
		return "", 0, transparency.Replayed
	case what == otherBirth && len(list) == 3:
		noted, _ := list[1].(string)
		ms, counted := list[2].(int64)
		if noted != "" && counted && ms >= 0 && ms <= math.MaxInt64/int64(time.Millisecond) {
			return noted, time.Duration(ms) * time.Millisecond, nil
		}
	}
	return "", 0, fmt.Errorf("%w: unexpected answer", ErrAnswer)
}

// ask runs a script, and returns when ctx ends even if the client doesn't: by
// default, go-redis waits for an answer as long as its own timeouts say.
func (m *Memory) ask(ctx context.Context, run runner, keys []string, args ...any) (any, error) {
	select {
	case m.waiting <- struct{}{}:
	case <-ctx.Done():
		return nil, explain(ctx.Err())
	}
	type answer struct {
		value any
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		defer func() { <-m.waiting }()
		var a answer
		if panicked := shield.Run("the client of Redis", func() { a.value, a.err = run(ctx, m.client, keys, args...).Result() }); panicked != nil {
			a.err = panicked
		}
		answered <- a
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return nil, explain(a.err)
		}
		return a.value, nil
	case <-ctx.Done():
		return nil, explain(ctx.Err())
	}
}
