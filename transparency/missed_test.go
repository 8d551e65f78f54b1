package transparency_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// missing adds up what is missing, and checks each count against the number that is in the
// event.
type missing struct {
	t        *testing.T
	mu       sync.Mutex
	arrived  int64
	missed   uint64
	expected int64
	last     chan struct{}
	once     sync.Once
}

func (m *missing) handle(ev *wamp.Event) {
	info, ok := transparency.InfoFrom(ev.Details)
	if !ok {
		m.t.Error("not sealed")
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	number, _ := ev.Arguments[0].(int64)
	if m.arrived > 0 && int64(info.Missed) != number-m.expected {
		m.t.Errorf("event %d: %d missed before it, and %d counted", number, number-m.expected, info.Missed)
	}
	m.arrived++
	m.missed += info.Missed
	if m.expected = number + 1; len(ev.Arguments) > 1 {
		m.once.Do(func() { close(m.last) })
	}
}

func (m *missing) counts() (arrived int64, missed uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.arrived, m.missed
}

// manyEvents are published as fast as it goes.
const manyEvents = 100_000

// TestMissedEventsAreCounted: through a router that drops one in five.
func TestMissedEventsAreCounted(t *testing.T) {
	k := harness.NewKeys()
	from := playQuietly(t, ours, handrouter.RawSocket, "cbor", k.OriginatorKey(), k.ResponderKey())
	to := playQuietly(t, ours, handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
	m := &missing{t: t, last: make(chan struct{})}
	harness.Confirmed(t, to.Conn, func() error { return to.Subscribe(keyedURI, m.handle, nil) }, subscription)
	var passed, dropped atomic.Int64
	from.Serve(func(message []any) {
		if kind, _ := wamp.AsInt64(message[0]); kind != int64(wamp.PUBLISH) {
			return
		}
		if at := passed.Load() + dropped.Load(); at != 0 && at != manyEvents-1 && rand.IntN(5) == 0 {
			dropped.Add(1)
			return
		}
		passed.Add(1)
		to.Send(wamp.EVENT, subscription, publication, wamp.Dict{}, message[4], message[5])
	})
	publishMany(t, from.Session)
	harness.Receive(t, m.last)
	arrived, missed := m.counts()
	require.NotZero(t, missed)
	require.EqualValues(t, dropped.Load(), missed)
	require.Equal(t, missed, to.Stats().Missed)
	require.Equal(t, passed.Load(), arrived)
}

// publishMany publishes them, and marks the last one.
func publishMany(t *testing.T, from *transparency.Session) {
	t.Helper()
	for i := range manyEvents - 1 {
		require.NoError(t, from.Publish(keyedURI, nil, wamp.List{i}, nil))
	}
	require.NoError(t, from.Publish(keyedURI, nil, wamp.List{manyEvents - 1, "last"}, nil))
}

// TestMissedEventsOfNexus: which is overrun, and drops some in silence.
func TestMissedEventsOfNexus(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	m := &missing{t: t, last: make(chan struct{})}
	require.NoError(t, links[3].session(t, r, harness.RingOf(t, k.ResponderKey())).Subscribe(keyedURI, m.handle, nil))
	from := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	publishMany(t, from)
	sent := uint64(manyEvents)
	require.Eventually(t, func() bool { // until one comes through that says that it is the last
		if harness.Arrives(m.last) {
			return true
		}
		require.NoError(t, from.Publish(keyedURI, nil, wamp.List{sent, "last"}, nil))
		sent++
		return false
	}, harness.Patience, 1)
	arrived, missed := m.counts()
	t.Logf("%d arrived, %d missed", arrived, missed)
}

// missedOf delivers an event with a number, and returns how many it says are missing.
func missedOf(t *testing.T, p *posted, sub *inbox, number uint64, change func(*harness.Bound)) uint64 {
	t.Helper()
	p.takes(sub, p.publication(func(b *harness.Bound) {
		b.Seq = number
		if change != nil {
			change(b)
		}
	}))
	info, ok := transparency.InfoFrom(sub.got[len(sub.got)-1].Details)
	require.True(t, ok)
	return info.Missed
}

// TestMissedIsCountedForEachSender, topic and subscription.
func TestMissedIsCountedForEachSender(t *testing.T) {
	p := post(t, harness.NewKeys())
	require.NoError(t, p.ring.Remove(keyring.Prefix("")))
	exact, wide := p.subscribe(keyedURI, nil), p.subscribe(harness.Prefix, wamp.Dict{"match": "prefix"})
	require.Zero(t, missedOf(t, p, exact, 7, nil), "the first")
	require.Zero(t, missedOf(t, p, exact, 8, nil))
	require.EqualValues(t, 3, missedOf(t, p, exact, 12, nil))
	require.Zero(t, missedOf(t, p, exact, 10, nil), "late")
	require.Zero(t, missedOf(t, p, exact, 13, nil))
	require.Zero(t, missedOf(t, p, wide, 20, nil), "the first of another subscription")
	require.EqualValues(t, 1, missedOf(t, p, wide, 22, nil))

	other := func(b *harness.Bound) { b.From = cryptobox.SenderID{7} }
	require.Zero(t, missedOf(t, p, exact, 100, other), "the first of another sender")
	require.EqualValues(t, 9, missedOf(t, p, exact, 110, other))
	require.EqualValues(t, 2, missedOf(t, p, exact, 16, nil))

	require.Zero(t, missedOf(t, p, exact, 0, func(b *harness.Bound) { b.Unnumbered = true }), "to a selection")
	require.Zero(t, missedOf(t, p, exact, 17, nil))
	require.EqualValues(t, uint64(1<<64-1)-18, missedOf(t, p, exact, 1<<64-1, nil))

	third := func(b *harness.Bound) { b.From = cryptobox.SenderID{8} }
	require.Zero(t, missedOf(t, p, exact, 0, func(b *harness.Bound) {
		third(b)
		b.Unnumbered = true
	}))
	require.Zero(t, missedOf(t, p, exact, 50, third), "the first that has a number")

	deliver := func(topic string, number uint64) uint64 {
		kwargs := p.Seal(topic, p.Bind(cryptobox.KindPublish, func(b *harness.Bound) { b.Seq = number }))
		p.judges(wide, &wamp.Event{Details: wamp.Dict{"topic": topic}, ArgumentsKw: kwargs}, 0)
		info, _ := transparency.InfoFrom(wide.got[len(wide.got)-1].Details)
		return info.Missed
	}
	require.Zero(t, deliver(harness.Prefix+"y", 50), "the first of another topic")
	require.EqualValues(t, 2, deliver(harness.Prefix+"y", 53))
}

// TestLateAndOwnEventsMissNothing, and don't count.
func TestLateAndOwnEventsMissNothing(t *testing.T) {
	p := post(t, harness.NewKeys())
	sub := p.subscribe(keyedURI, getRetained)
	require.Zero(t, missedOf(t, p, sub, 5, nil))
	p.judges(sub, event(p.publication(func(b *harness.Bound) {
		keptFor(0)(b)
		b.Seq = 50
	}), true), 0)
	info, _ := transparency.InfoFrom(sub.got[1].Details)
	require.Zero(t, info.Missed)
	require.Zero(t, missedOf(t, p, sub, 6, nil))

	// Own events: a Session with both halves.
	r := startRouter(t)
	both := links[1].session(t, r, harness.RingOf(t, keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())))
	got := events(t, both, keyedURI, nil)
	for _, excluded := range []bool{false, true, true, false} {
		require.NoError(t, both.Publish(keyedURI, wamp.Dict{"exclude_me": excluded, "acknowledge": true}, nil, nil))
	}
	for range 2 {
		info, ok := transparency.InfoFrom(harness.Receive(t, got).Details)
		require.True(t, ok)
		require.Zero(t, info.Missed)
	}
}

// nextNumber takes the next PUBLISH, and returns its number.
func (p *played) nextNumber(options wamp.Dict, topic string) (request any, record *harness.Record) {
	p.t.Helper()
	msg, record, _ := p.sealedMessage(wamp.PUBLISH, nil, options, topic)
	return msg[1], record
}

func TestPublicationsAreNumbered(t *testing.T) {
	k := harness.NewKeys()
	r := handrouter.Start(t, handrouter.RawSocket, "msgpack")
	r.Limit(2) // 2 KiB
	p := playOn(t, r, ours, "msgpack", k.OriginatorKey(), k.ResponderKey())
	publish := func(topic string, options wamp.Dict) *harness.Record {
		t.Helper()
		require.NoError(t, p.Publish(topic, options, nil, nil))
		_, record := p.nextNumber(options, topic)
		return record
	}
	for i := range uint64(3) {
		require.Equal(t, i, publish(keyedURI, wamp.Dict{}).Seq)
		require.Equal(t, i, publish(harness.Prefix+"y", wamp.Dict{}).Seq, "each topic has its own")
	}
	// A selection of sessions would miscount, and so would all others.
	for _, option := range []string{"eligible", "eligible_authid", "eligible_authrole", "exclude", "exclude_authid", "exclude_authrole"} {
		record := publish(keyedURI, wamp.Dict{option: []any{"x"}})
		require.True(t, record.Unnumbered, option)
	}
	record := publish(keyedURI, wamp.Dict{"exclude_me": false})
	require.False(t, record.Unnumbered)
	require.EqualValues(t, 3, record.Seq, "a selection doesn't count")

	// What isn't sent doesn't count.
	require.Error(t, p.Publish(keyedURI, nil, wamp.List{make(chan int)}, nil))
	for _, acknowledge := range []bool{false, true} {
		err := p.Publish(keyedURI, wamp.Dict{"acknowledge": acknowledge}, wamp.List{make([]byte, 1<<12)}, nil)
		harness.RequireReason(t, err, transparency.TooLarge)
	}
	require.EqualValues(t, 4, publish(keyedURI, wamp.Dict{}).Seq)
}

// TestAcknowledgedPublicationsAreNumbered: in the order in which they are sent. What one
// waits for holds up no other.
func TestAcknowledgedPublicationsAreNumbered(t *testing.T) {
	k := harness.NewKeys()
	p := play(t, ours, handrouter.RawSocket, "msgpack", k.OriginatorKey(), k.ResponderKey())
	acknowledge := wamp.Dict{"acknowledge": true}
	waiting := map[any]<-chan error{}
	for i := range uint64(3) {
		done := harness.Go(func() error { return p.Publish(keyedURI, acknowledge, nil, nil) })
		request, record := p.nextNumber(acknowledge, keyedURI)
		require.Equal(t, 2*i, record.Seq)
		waiting[request] = done
		require.NoError(t, p.Publish(keyedURI, nil, nil, nil))
		_, record = p.nextNumber(wamp.Dict{}, keyedURI)
		require.Equal(t, 2*i+1, record.Seq)
	}
	for request, done := range waiting {
		p.Send(wamp.ERROR, wamp.PUBLISH, request, wamp.Dict{}, "wamp.error.not_authorized")
		require.Error(t, harness.Receive(t, done))
	}
	require.NoError(t, p.Publish(keyedURI, nil, nil, nil))
	_, record := p.nextNumber(wamp.Dict{}, keyedURI)
	require.EqualValues(t, 6, record.Seq, "what a router refuses was sent, and counts")
}

// TestPublicationsHaveOneOrder: of their numbers and on the wire, whoever publishes.
func TestPublicationsHaveOneOrder(t *testing.T) {
	const publishers, each = 8, 200
	k := harness.NewKeys()
	p := play(t, ours, handrouter.RawSocket, "cbor", k.OriginatorKey(), k.ResponderKey())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	for i := range publishers {
		options := wamp.Dict{}
		if i%4 == 0 {
			options["acknowledge"] = true
		}
		wg.Go(func() {
			for range each {
				if err := p.Publish(keyedURI, options, nil, nil); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range uint64(publishers * each) {
		msg := p.nextMessage()
		record, _ := p.OpenPayload(p.bytesIn(harness.At(t, msg[4:], ours.where...)))
		require.Equal(t, i, record.Seq)
		if wamp.OptionFlag(dictOf(msg[2]), "acknowledge") {
			p.Send(wamp.PUBLISHED, msg[1], i+1)
		}
	}
	wg.Wait()
}

func dictOf(v any) wamp.Dict {
	dict, _ := wamp.AsDict(v)
	return dict
}

// TestForeignPublicationsMissNothing: they have no numbers, so nothing is counted of them.
func TestForeignPublicationsMissNothing(t *testing.T) {
	forEachForeign(t, func(t *testing.T, _ dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		for range 3 {
			s.sendEvent(s.foreignTail(keyedURI))
			requireForeign(t, s.played, harness.Receive(t, s.events).Details)
		}
	})
}
