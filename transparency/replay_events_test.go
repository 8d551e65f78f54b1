package transparency_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// windowSize is how far behind its sender's newest message one may come.
const windowSize = 8192

func TestReplayOfAnEventAndOfACall(t *testing.T) {
	p := post(t, harness.NewKeys())
	sub, serve := p.subscribe(harness.Prefix+"x", nil), p.serves(nil)
	first, call := p.publication(nil), p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, nil))
	p.takes(sub, first)
	p.judgesCall(serve, call, 0)
	for range 3 {
		p.refuses(sub, first, transparency.Replayed)
		p.judgesCall(serve, call, transparency.Replayed)
	}
	// What counts is the sender's counter, not the payload.
	p.refuses(sub, p.publication(numbered(1)), transparency.Replayed)
	p.judgesCall(serve, p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, numbered(2))), transparency.Replayed)

	// All registrations share the calls.
	p.judgesCall(p.serves(wamp.Dict{"match": "prefix"}), call, transparency.Replayed)
	p.judgesCall(p.serves(nil), call, transparency.Replayed)
}

// TestSubscriptionsThatMatchOneEvent: a broker delivers it once for each.
func TestSubscriptionsThatMatchOneEvent(t *testing.T) {
	p := post(t, harness.NewKeys())
	require.NoError(t, p.ring.Remove(keyring.Prefix("")))
	subs := []*inbox{
		p.subscribe(harness.Prefix+"x", nil),
		p.subscribe(harness.Prefix, wamp.Dict{"match": "prefix"}),
		p.subscribe(harness.Prefix+"x", wamp.Dict{"match": "prefix"}),
		p.subscribe("com..encrypted.x", wamp.Dict{"match": "wildcard"}),
		p.subscribe("com.myapp..x", wamp.Dict{"match": "wildcard"}),
	}
	var events []wamp.Dict
	for range 10 {
		events = append(events, p.publication(nil))
	}
	for _, sub := range subs {
		for _, e := range events {
			p.takes(sub, e)
		}
	}
	for _, sub := range subs {
		for _, e := range events {
			p.refuses(sub, e, transparency.Replayed)
		}
	}
}

// TestWhatIsRefusedUsesUpNoCounter: the message it stands for still comes.
func TestWhatIsRefusedUsesUpNoCounter(t *testing.T) {
	p := post(t, harness.NewKeys())
	sub, serve := p.subscribe(harness.Prefix+"x", nil), p.serves(nil)
	for name, change := range map[string]func(*harness.Bound){
		"another realm": func(b *harness.Bound) { b.Realm = "realm2" },
		"another kind":  func(b *harness.Bound) { b.Kind = cryptobox.KindResult },
		"too old":       sentAgo(time.Hour),
		"ahead":         sentAgo(-time.Hour),
		"far too old":   sentAgo(10_000 * time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range []cryptobox.Kind{cryptobox.KindPublish, cryptobox.KindCall} {
				wrong := p.Bind(kind, change)
				right := p.Bind(kind, numbered(wrong.N))
				if kind == cryptobox.KindCall {
					require.Equal(t, harness.OpaqueError, serve(harness.Timeout(t), &wamp.Invocation{ArgumentsKw: p.Seal(harness.Prefix+"x", wrong)}).Err)
					p.judgesCall(serve, p.Seal(harness.Prefix+"x", right), 0)
					continue
				}
				refused := len(p.refused)
				sub.deliver(event(p.Seal(harness.Prefix+"x", wrong), false))
				sub.deliver(event(p.Seal(harness.Prefix+"y", right), false))
				require.Len(t, p.refused, refused+2)
				p.takes(sub, p.Seal(harness.Prefix+"x", right))
			}
		})
	}
}

// TestOrder: messages may come in any order within the window of their sender.
func TestOrder(t *testing.T) {
	p := post(t, harness.NewKeys())
	sub := p.subscribe(harness.Prefix+"x", nil)
	const newest = 3 * windowSize
	p.takes(sub, p.publication(numbered(newest)))
	p.takes(sub, p.publication(numbered(newest-windowSize+1)))
	p.refuses(sub, p.publication(numbered(newest-windowSize+1)), transparency.Replayed)
	p.refuses(sub, p.publication(numbered(newest-windowSize)), transparency.Replayed)
	p.refuses(sub, p.publication(numbered(1)), transparency.Replayed)
	for _, i := range rand.Perm(400) {
		p.takes(sub, p.publication(numbered(newest-1-20*uint64(i))))
	}
	p.takes(sub, p.publication(numbered(newest+1)))
	p.refuses(sub, p.publication(numbered(newest-windowSize+1)), transparency.Replayed)
}

// TestGaps: one counter serves all that a sender sends, so any may be missing here.
func TestGaps(t *testing.T) {
	p := post(t, harness.NewKeys())
	sub := p.subscribe(harness.Prefix+"x", nil)
	n := uint64(0)
	for i := range uint64(50) {
		n += i * i * i
		p.takes(sub, p.publication(numbered(n+1)))
	}
	p.takes(sub, p.publication(numbered(1<<64-1)))
	p.refuses(sub, p.publication(numbered(1<<64-1)), transparency.Replayed)
}

func TestLongStream(t *testing.T) {
	k := harness.NewKeys()
	from, box := publisher(t, k)
	p := post(t, k)
	sub := p.subscribe(harness.Prefix+"x", nil)
	const events = 20_000
	for i := range events {
		require.NoError(t, from.Publish(harness.Prefix+"x", nil, wamp.List{i}, nil))
		sub.deliver(event(box.take()[0], false))
		if len(sub.got) != i+1 {
			t.Fatalf("event %d was refused: %v", i, p.refused)
		}
	}
	require.EqualValues(t, events, sub.got[events-1].Arguments[0].(int64)+1)
}

// publisher returns a Session with the originator's key.
func publisher(t testing.TB, k harness.Keys) (*transparency.Session, *scripted) {
	t.Helper()
	box := &scripted{}
	s, err := transparency.Wrap(box, harness.Realm, harness.RingOf(t, k.OriginatorKey()))
	require.NoError(t, err)
	return s, box
}

// TestSendersOnOneKey: several Sessions, each with a counter of its own, some of which
// are begun anew; what they send is mixed up.
func TestSendersOnOneKey(t *testing.T) {
	k := harness.NewKeys()
	p := post(t, k)
	subs := []*inbox{p.subscribe(harness.Prefix+"x", nil), p.subscribe(harness.Prefix, wamp.Dict{"match": "prefix"})}
	const senders, each = 10, 100
	var all []wamp.Dict
	for i := range senders {
		from, box := publisher(t, k)
		for j := range each {
			require.NoError(t, from.Publish(harness.Prefix+"x", nil, wamp.List{fmt.Sprint(i, " ", j)}, nil))
		}
		all = append(all, box.take()...)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, sub := range subs {
		for _, e := range all {
			p.takes(sub, e)
		}
		seen := map[any]bool{}
		for _, ev := range sub.got {
			seen[ev.Arguments[0]] = true
		}
		require.Len(t, seen, senders*each)
	}
}

// TestSendersAtOnce: through a real router, whose other end calls and is called back.
func TestSendersAtOnce(t *testing.T) {
	both := harness.SharedKeys(keyring.Shared(cryptobox.GenerateSymmetricKey()))
	r := startRouter(t)
	refused, option := harness.Collect()
	callee := local.session(t, r, harness.RingOf(t, both.ResponderKey()), option)
	require.NoError(t, callee.Register(harness.Prefix+"x", harness.Echo, nil))
	const senders, at, each = 4, 5, 20 // nexus drops what doesn't fit its queues
	failed := make(chan error, senders*at)
	for range senders {
		s := links[1].session(t, r, harness.RingOf(t, both.OriginatorKey()), option)
		for range at {
			go func() { failed <- callEach(t, s, each) }()
		}
	}
	for range senders * at {
		require.NoError(t, <-failed) // each call is waited for, not all of them
	}
	require.Zero(t, refused.Count())
}

// callEach makes calls one after the other, each with its own result.
func callEach(t *testing.T, s *transparency.Session, calls int) error {
	for i := range calls {
		res, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{i}, nil, nil)
		if err != nil {
			return err
		}
		if res.Arguments[0] != int64(i) {
			return fmt.Errorf("another call's result")
		}
	}
	return nil
}

// TestKeysAreApart: a sender's counter under one key says nothing of another.
func TestKeysAreApart(t *testing.T) {
	first, second := harness.NewKeys(), harness.NewKeys()
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(harness.Prefix), first.ResponderKey()))
	require.NoError(t, ring.Set(keyring.Exact(harness.Prefix+"x"), second.ResponderKey()))
	p := &posted{t: t, box: &scripted{}, Forger: harness.NewForger(t, harness.RingOf(t, first.OriginatorKey()), keyring.RoleOriginator)}
	other := harness.NewForger(t, harness.RingOf(t, second.OriginatorKey()), keyring.RoleOriginator)
	other.From = p.From
	var err error
	p.Session, err = transparency.Wrap(p.box, harness.Realm, ring, transparency.WithOnReject(func(e *transparency.Error) { p.refused = append(p.refused, e) }))
	require.NoError(t, err)
	sub := p.subscribe(harness.Prefix, wamp.Dict{"match": "prefix"})
	deliver := func(f *harness.Forger, topic string, n uint64, reason transparency.Reason) {
		kwargs := f.Seal(topic, f.Bind(cryptobox.KindPublish, numbered(n)))
		p.judges(sub, &wamp.Event{Details: wamp.Dict{"topic": topic}, ArgumentsKw: kwargs}, reason)
	}
	deliver(p.Forger, harness.Prefix+"y", 2*windowSize, 0)
	deliver(other, harness.Prefix+"x", 1, 0)
	deliver(p.Forger, harness.Prefix+"y", 1, transparency.Replayed)
	deliver(other, harness.Prefix+"x", 1, transparency.Replayed)
}
