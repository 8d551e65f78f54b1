package transparency_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestReceiverBeginsAnew: what was sent before a receiver's new subscription is refused
// there, once the skew is over; what is sent from then on is taken.
func TestReceiverBeginsAnew(t *testing.T) {
	k := harness.NewKeys()
	from, box := publisher(t, k)
	send := func() wamp.Dict {
		require.NoError(t, from.Publish(harness.Prefix+"x", nil, nil, nil))
		return box.take()[0]
	}
	old := send()
	time.Sleep(20 * time.Millisecond)
	skewless := transparency.WithClockSkew(0)
	for range 3 {
		p := post(t, k, skewless)
		sub := p.subscribe(harness.Prefix+"x", nil)
		p.refuses(sub, old, transparency.Stale)
		old = send()
		p.takes(sub, old)
		p.refuses(sub, old, transparency.Replayed)
		time.Sleep(20 * time.Millisecond)
	}
}

// TestReconnectWithTheSameMemory: the next Session refuses what the one before had, and
// takes what is new, in flight at the time included.
func TestReconnectWithTheSameMemory(t *testing.T) {
	k := harness.NewKeys()
	from, box := publisher(t, k)
	caller := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	memory := transparency.NewReplayMemory()
	require.False(t, memory.Shared())
	var events, calls []wamp.Dict
	for range 4 {
		p := post(t, k, transparency.WithReplayMemory(memory))
		sub, serve := p.subscribe(harness.Prefix+"x", nil), p.serves(nil)
		for i := range events {
			p.refuses(sub, events[i], transparency.Replayed)
			p.judgesCall(serve, calls[i], transparency.Replayed)
		}
		for range 3 {
			require.NoError(t, from.Publish(harness.Prefix+"x", nil, nil, nil))
			calls = append(calls, caller.Seal(harness.Prefix+"x", caller.Bind(cryptobox.KindCall, nil)))
		}
		sent := box.take()
		events = append(events, sent...)
		for i := range len(sent) - 1 {
			p.takes(sub, sent[i])
			p.judgesCall(serve, calls[len(calls)-3+i], 0)
		}
		// The last ones reach the next Session only.
		next := post(t, k, transparency.WithReplayMemory(memory))
		next.takes(next.subscribe(harness.Prefix+"x", nil), sent[len(sent)-1])
		next.judgesCall(next.serves(nil), calls[len(calls)-1], 0)
	}
}

// TestReconnectWithoutAMemory: nothing that is sent from then on is lost.
func TestReconnectWithoutAMemory(t *testing.T) {
	k := harness.NewKeys()
	from, box := publisher(t, k)
	for range 3 {
		p := post(t, k)
		sub := p.subscribe(harness.Prefix+"x", nil)
		for range 3 {
			require.NoError(t, from.Publish(harness.Prefix+"x", nil, nil, nil))
			p.takes(sub, box.take()[0])
		}
	}
}

// TestBeforeItWasAskedFor: what a Session could have had, but was sent before it
// subscribed or registered, isn't meant for it.
func TestBeforeItWasAskedFor(t *testing.T) {
	p := post(t, harness.NewKeys(), transparency.WithClockSkew(0))
	for range 2 {
		old, call := p.publication(nil), p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, nil))
		time.Sleep(5 * time.Millisecond)
		p.refuses(p.subscribe(harness.Prefix+"x", nil), old, transparency.Stale)
		p.judgesCall(p.serves(nil), call, transparency.Stale)
	}
}

// TestResubscribe: a subscription that is begun anew takes what is new, and still
// refuses what the one before had.
func TestResubscribe(t *testing.T) {
	p := post(t, harness.NewKeys())
	var had []wamp.Dict
	for range 3 {
		sub := p.subscribe(harness.Prefix+"x", nil)
		for _, e := range had {
			p.refuses(sub, e, transparency.Replayed)
		}
		had = append(had, p.publication(nil))
		p.takes(sub, had[len(had)-1])
		require.NoError(t, p.Unsubscribe(harness.Prefix+"x"))
	}
}

// TestEventsWhileSubscribing: what is sent between a subscription's request and its
// handler's first event is taken, by a late subscriber too.
func TestEventsWhileSubscribing(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	from := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
			}
			if from.Publish(harness.Prefix+"x", nil, wamp.List{i}, nil) != nil {
				return
			}
		}
	}()
	for range 10 {
		refused, option := harness.Collect()
		s := local.session(t, r, harness.RingOf(t, k.ResponderKey()), option)
		got := events(t, s, harness.Prefix+"x", nil)
		next := harness.Receive(t, got).Arguments[0].(int64)
		for range 10 {
			next++
			require.Equal(t, next, harness.Receive(t, got).Arguments[0])
		}
		require.Zero(t, refused.Count())
		require.NoError(t, s.Close())
	}
	close(stop)
	harness.Receive(t, done)
}

// told is a memory of the test's own.
type told struct {
	shared bool
	answer error
	mu     sync.Mutex // several calls ask at a time
	asked  []transparency.ReplayMessage
	limits []time.Duration
}

func (m *told) Shared() bool { return m.shared }

func (m *told) Accept(ctx context.Context, msg *transparency.ReplayMessage) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, *msg)
	deadline, _ := ctx.Deadline()
	m.limits = append(m.limits, time.Until(deadline))
	return m.answer
}

// TestWhatAMemoryIsTold: by the Session, and what its answers mean.
func TestWhatAMemoryIsTold(t *testing.T) {
	k := harness.NewKeys()
	for _, shared := range []bool{false, true} {
		memory := &told{shared: shared}
		p := post(t, k, transparency.WithReplayMemory(memory), transparency.WithMaxAge(time.Minute), transparency.WithClockSkew(time.Second))
		sub, serve := p.subscribe(harness.Prefix+"x", nil), p.serves(nil)
		first := p.publication(nil)
		p.takes(sub, first)
		if shared {
			require.Empty(t, memory.asked, "of events a shared memory is told nothing")
			p.refuses(sub, first, transparency.Replayed)
		} else {
			require.Len(t, memory.asked, 1)
			require.Equal(t, "event exact "+harness.Prefix+"x", memory.asked[0].Scope)
		}
		memory.asked = nil
		bind := p.Bind(cryptobox.KindCall, nil)
		kwargs, _ := p.SealToken(harness.Prefix+"x", bind)
		p.judgesCall(serve, kwargs, 0)
		require.Len(t, memory.asked, 1)
		msg := memory.asked[0]
		require.NotZero(t, msg.Token)
		msg.Token = cryptobox.Token{}
		require.Equal(t, transparency.ReplayMessage{
			Scope: "call", Secret: p.Version.Secret(), Bound: true, Sender: bind.From, Counter: bind.N,
			Sent: time.UnixMilli(bind.TS), Expires: time.UnixMilli(bind.TS).Add(61 * time.Second), Skew: time.Second,
		}, msg)
		limit := memory.limits[len(memory.limits)-1]
		require.Positive(t, limit, "it isn't waited for without end")
		require.LessOrEqual(t, limit, 5*time.Second)

		for answer, reason := range map[error]transparency.Reason{
			transparency.Replayed:       transparency.Replayed,
			transparency.Stale:          transparency.Stale,
			errors.New("can't connect"): transparency.StoreDown,
		} {
			memory.answer = answer
			p.judgesCall(serve, p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, nil)), reason)
		}
		memory.answer = nil
		p.judgesCall(serve, p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, nil)), 0)
	}
}

// TestMemoryAsAnImplementation has the verdicts of the one inside the process.
func TestMemoryAsAnImplementation(t *testing.T) {
	memory := transparency.NewReplayMemory()
	now := time.Now()
	message := func(n uint64, sent time.Time) *transparency.ReplayMessage {
		return &transparency.ReplayMessage{
			Scope: "call", Secret: "k", Bound: true, Sender: cryptobox.SenderID{1}, Counter: n,
			Sent: sent, Expires: sent.Add(time.Minute), Skew: time.Second,
		}
	}
	ctx := context.Background()
	require.NoError(t, memory.Accept(ctx, message(1, now)))
	require.ErrorIs(t, memory.Accept(ctx, message(1, now)), transparency.Replayed)
	require.NoError(t, memory.Accept(ctx, message(2, now.Add(-900*time.Millisecond))))
	require.ErrorIs(t, memory.Accept(ctx, message(3, now.Add(-2*time.Second))), transparency.Stale, "before it began")
	require.NoError(t, memory.Accept(ctx, message(3, now)), "what is refused uses up no counter")
}

// TestMemoryOfSigners: none has another's message refused, by the other's sender and counters
// up to the greatest, nor by a hundred thousand senders that it invents. What is forgotten is
// its own, and so is what is refused for that.
func TestMemoryOfSigners(t *testing.T) {
	memory := transparency.NewReplayMemory()
	now := time.Now()
	message := func(signer string, sender, n uint64, sent time.Time) *transparency.ReplayMessage {
		m := &transparency.ReplayMessage{
			Scope: "call", Secret: "k", Signer: signer, Bound: true, Counter: n,
			Sent: sent, Expires: sent.Add(time.Minute), Skew: time.Minute,
		}
		binary.BigEndian.PutUint64(m.Sender[:], sender)
		return m
	}
	ctx := t.Context()
	require.NoError(t, memory.Accept(ctx, message("victim", 1, 1, now)))
	require.NoError(t, memory.Accept(ctx, message("", 1, 1, now)))
	require.NoError(t, memory.Accept(ctx, message("forger", 1, 2, now)))
	require.NoError(t, memory.Accept(ctx, message("forger", 1, math.MaxUint64, now)))
	for sender := range uint64(100_000) {
		if err := memory.Accept(ctx, message("forger", 2+sender, 1, now.Add(time.Duration(sender+1)*time.Millisecond/4))); sender < 256 {
			require.NoError(t, err)
		}
	}
	require.ErrorIs(t, memory.Accept(ctx, message("forger", 2, 2, now)), transparency.Stale, "it has room for 256")
	for _, signer := range []string{"victim", "third", ""} {
		require.NoError(t, memory.Accept(ctx, message(signer, 1, 2, now)))
		require.NoError(t, memory.Accept(ctx, message(signer, 1<<40, 1, now.Add(-time.Second))), "its floor is what it was")
	}
	require.ErrorIs(t, memory.Accept(ctx, message("victim", 1, 1, now)), transparency.Replayed)
}
