package redismemory

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// maxWaiting is how many messages ask Redis at a time; others wait their turn. It
// bounds what a Redis that doesn't answer can hold up.
const maxWaiting = 256

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
}

var _ transparency.ReplayMemory = (*Memory)(nil)

// New returns a memory in the Redis that client leads to. It asks nothing yet: see
// [Memory.Check]. The error wraps [transparency.ErrOption]. A [redis.Ring] can't be
// used: what it finds on another node while one is away is no memory of the first.
func New(client redis.UniversalClient, opts ...Option) (*Memory, error) {
	if client == nil || (reflect.ValueOf(client).Kind() == reflect.Pointer && reflect.ValueOf(client).IsNil()) {
		return nil, fmt.Errorf("%w: a client is needed; redis.NewClient makes one", transparency.ErrOption)
	}
	if _, isRing := client.(*redis.Ring); isRing {
		return nil, fmt.Errorf("%w: a redis.Ring has no memory of what another node has seen; use one server, Sentinel or a cluster", transparency.ErrOption)
	}
	m := &Memory{client: client, unboundFor: defaultUnboundFor, waiting: make(chan struct{}, maxWaiting)}
	opts = append([]Option{WithPrefix(defaultPrefix)}, opts...)
	for _, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("%w: nil", transparency.ErrOption)
		}
		if err := opt(m); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Shared implements [transparency.ReplayMemory]: it is true.
func (*Memory) Shared() bool { return true }

// Accept implements [transparency.ReplayMemory], in one round trip. It returns nil
// once among all who share the memory; then [transparency.Replayed], or
// [transparency.Stale] for what was sent longer than msg.Skew before the birth. Any
// other error means that Redis can't be asked, [ErrAnswer] among them. It returns
// when ctx ends at the latest, whatever the client does; without a deadline, when
// the client gives up.
func (m *Memory) Accept(ctx context.Context, msg *transparency.ReplayMessage) error {
	now := time.Now()
	keep, latest := m.unboundFor, ""
	if msg.Bound {
		// Expires is by this clock. That of another callee may be behind.
		keep = max(msg.Expires.Sub(now)+msg.Skew, shortest)
		latest = strconv.FormatInt(msg.Sent.Add(msg.Skew).UnixMilli(), 10)
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	answer, err := m.ask(ctx, acceptScript, []string{m.birthKey(), m.messageKey(msg)},
		now.UnixMilli(), latest, keep.Milliseconds(), id[:])
	if err != nil {
		return err
	}
	return verdict(answer)
}

// Check asks Redis whether it can be used: it can be reached, runs scripts, tells
// its run id and evicts nothing. Accept finds out the same sooner or later, except
// that maxmemory-policy has been changed since the birth. Call it when a program
// starts.
func (m *Memory) Check(ctx context.Context) error {
	answer, err := m.ask(ctx, checkScript, []string{m.birthKey()})
	if err != nil {
		return err
	}
	if n, ok := answer.(int64); !ok || n != 1 {
		return fmt.Errorf("%w: unexpected answer", ErrAnswer)
	}
	return nil
}

func (m *Memory) birthKey() string { return m.prefix + "birth" }

// verdict reads what acceptScript answers.
func verdict(answer any) error {
	list, ok := answer.([]any)
	if !ok || len(list) != 2 {
		return fmt.Errorf("%w: unexpected answer", ErrAnswer)
	}
	what, _ := list[0].(int64)
	birth, _ := list[1].(int64)
	switch what {
	case isNew:
		return nil
	case isSeen:
		return transparency.Replayed
	case isStale:
		return fmt.Errorf("%w: sent before the shared memory began, at %s",
			transparency.Stale, time.UnixMilli(birth).UTC().Format(time.RFC3339Nano))
	}
	return fmt.Errorf("%w: unexpected answer", ErrAnswer)
}

// ask runs a script, and returns when ctx ends even if the client doesn't: by
// default, go-redis waits for an answer as long as its own timeouts say.
func (m *Memory) ask(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
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
		value, err := script.Run(ctx, m.client, keys, args...).Result()
		answered <- answer{value, err}
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
