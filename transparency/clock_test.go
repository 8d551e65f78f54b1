package transparency_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// early is for a message that was sent before a Session began, by more than the skew, and
// isn't too old by now.
var early = sentAgo(2 * time.Minute)

// years are no leap of an hour or two.
const years = 3 * 365 * 24 * time.Hour

// remembersNothing has only the times of messages count.
func remembersNothing() transparency.Option { return transparency.WithReplayMemory(&told{}) }

// startsAt is a Session that begins when its clock is so far ahead. Its peers' clock is right.
func startsAt(t *testing.T, ahead time.Duration, opts ...transparency.Option) (*posted, *harness.Clock) {
	t.Helper()
	clock := new(harness.Clock)
	clock.Set(ahead)
	return post(t, harness.NewKeys(), append(opts, transparency.WithClock(clock.Now))...), clock
}

// published and called are an event and a call that were sealed when change says.
func published(f *harness.Forger, change func(*harness.Bound)) wamp.Dict {
	return f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindPublish, change))
}

func called(f *harness.Forger, change func(*harness.Bound)) wamp.Dict {
	return f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindCall, change))
}

// TestTheClockIsSetRight: a Session that began with a clock far away refuses what was sent
// before, and takes the rest, once its clock is right: by when it asked, and by its memory.
func TestTheClockIsSetRight(t *testing.T) {
	for name, ahead := range map[string]time.Duration{
		"ahead": time.Hour, "behind": -time.Hour, "minutes ahead": 2 * time.Minute, "minutes behind": -2 * time.Minute,
		"years ahead": years, "years behind": -years,
	} {
		for what, memory := range map[string][]transparency.Option{"all": nil, "when it asked": {remembersNothing()}} {
			t.Run(name+"/"+what, func(t *testing.T) {
				p, clock := startsAt(t, ahead, memory...)
				sub, serve := p.subscribe(harness.Prefix+"x", getRetained), p.serves(nil)
				clock.Set(0)
				p.refuses(sub, published(p.Forger, early), transparency.Stale)
				p.judgesCall(serve, called(p.Forger, early), transparency.Stale)
				p.takes(sub, published(p.Forger, nil))
				p.judgesCall(serve, called(p.Forger, nil), 0)
				p.judges(sub, event(published(p.Forger, keptFor(time.Hour)), true), 0)
			})
		}
	}
}

// TestTheClockIsSetFarAway: nothing comes until it is right again, and what was refused or
// accepted before stays so.
func TestTheClockIsSetFarAway(t *testing.T) {
	for name, c := range map[string]struct {
		ahead             time.Duration
		meanwhile, hadOne transparency.Reason
	}{
		"ahead":       {time.Hour, transparency.Stale, transparency.Stale}, // who called is forgotten
		"back":        {-time.Hour, transparency.ClockSkew, transparency.Replayed},
		"years ahead": {years, transparency.Stale, transparency.Stale},
		"years back":  {-years, transparency.ClockSkew, transparency.Replayed},
	} {
		t.Run(name, func(t *testing.T) {
			p, clock := startsAt(t, 0)
			sub, serve := p.subscribe(harness.Prefix+"x", nil), p.serves(nil)
			had, call := published(p.Forger, nil), called(p.Forger, nil)
			p.takes(sub, had)
			p.judgesCall(serve, call, 0)
			clock.Set(c.ahead)
			p.refuses(sub, published(p.Forger, nil), c.meanwhile)
			p.judgesCall(serve, called(p.Forger, nil), c.meanwhile)
			there := sentAgo(-c.ahead) // its peers' clocks were set as well
			p.takes(sub, published(p.Forger, there))
			p.judgesCall(serve, called(p.Forger, there), 0)
			p.refuses(sub, published(p.Forger, sentAgo(2*time.Minute-c.ahead)), transparency.Stale)
			clock.Set(0)
			time.Sleep(2 * time.Millisecond) // what is new has to be newer than what was forgotten
			p.refuses(sub, published(p.Forger, early), transparency.Stale)
			p.takes(sub, published(p.Forger, nil))
			p.judgesCall(serve, called(p.Forger, nil), 0)
			p.refuses(sub, had, transparency.Replayed)
			p.judgesCall(serve, call, c.hadOne)
			if c.hadOne == transparency.Stale {
				require.Contains(t, p.refused[len(p.refused)-1].Error(), "too old: sent 0s before the newest of what was forgotten, "+
					"for want of room or because a clock was ahead, or the sender's clock is behind (")
			}
		})
	}
}

// TestTheClockOfAMemory is set right, or set while Sessions come and go.
func TestTheClockOfAMemory(t *testing.T) {
	for name, c := range map[string]struct{ born, now time.Duration }{
		"ahead, set right": {time.Hour, 0}, "behind, set right": {-time.Hour, 0},
		"set ahead": {0, time.Hour}, "set back": {0, -time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			var clock harness.Clock
			clock.Set(c.born)
			memory := transparency.NewReplayMemoryBy(clock.Now)
			clock.Set(c.now)
			sent := func(ago time.Duration) *transparency.ReplayMessage {
				at := clock.Now().Add(-ago)
				return &transparency.ReplayMessage{
					Scope: "call", Secret: "k", Bound: true, Sender: cryptobox.NewSenderID(), Counter: 1,
					Sent: at, Expires: at.Add(5 * time.Minute), Skew: 30 * time.Second,
				}
			}
			require.ErrorIs(t, memory.Accept(t.Context(), sent(2*time.Minute)), transparency.Stale)
			message := sent(0)
			require.NoError(t, memory.Accept(t.Context(), message))
			require.ErrorIs(t, memory.Accept(t.Context(), message), transparency.Replayed)

			p := post(t, harness.NewKeys(), transparency.WithReplayMemory(memory), transparency.WithClock(clock.Now))
			p.takes(p.subscribe(harness.Prefix+"x", nil), published(p.Forger, sentAgo(-c.now)))
		})
	}
}

// TestRetainedWhileTheClockIsSet: what came late doesn't come live to the next
// subscription, though the memory began when the clock was ahead.
func TestRetainedWhileTheClockIsSet(t *testing.T) {
	p, clock := startsAt(t, time.Hour)
	sub := p.subscribe(harness.Prefix+"x", getRetained)
	clock.Set(0)
	kept := published(p.Forger, keptFor(0))
	p.judges(sub, event(kept, true), 0)
	p.judges(sub, event(kept, true), transparency.Replayed)
	p.refuses(sub, kept, transparency.Replayed)
	p.refuses(p.subscribe(harness.Prefix+"x", nil), kept, transparency.Replayed)
}

// TestTimeTexts: whose clock may be wrong is said of both ends, and each thing once.
func TestTimeTexts(t *testing.T) {
	const clocks = ", or the sender's clock is behind, or this one ahead"
	beforeIt := transparency.NewReplayMemory().Accept(t.Context(), &transparency.ReplayMessage{Bound: true, Sent: time.Now().Add(-time.Hour), Skew: 30 * time.Second})
	for name, c := range map[string]struct {
		change func(*harness.Bound)
		memory *told
		text   string
	}{
		"ahead":             {sentAgo(-time.Hour), &told{}, "sent in the future: sent 1h0m0s ahead of this clock, beyond the skew of 30s: set this one or the sender's, or allow a larger skew"},
		"years ahead":       {func(b *harness.Bound) { b.TS = math.MaxInt64 }, &told{}, "sent in the future: sent more than 292 years ahead of this clock, beyond the skew of 30s: set this one or the sender's, or allow a larger skew"},
		"too old":           {sentAgo(time.Hour), &told{}, "too old: sent 1h0m0s ago, beyond the max age of 5m0s" + clocks},
		"before it asked":   {early, &told{}, "too old: sent 2m0s before this session asked for it, beyond the skew of 30s" + clocks},
		"before its memory": {nil, &told{answer: beforeIt}, "too old: sent 1h0m0s before the memory of this session began, beyond the skew of 30s" + clocks},
	} {
		t.Run(name, func(t *testing.T) {
			p := post(t, harness.NewKeys(), transparency.WithReplayMemory(c.memory))
			p.subscribe(harness.Prefix+"x", nil).deliver(event(published(p.Forger, c.change), false))
			require.Len(t, p.refused, 1)
			require.Contains(t, p.refused[0].Error(), `x": `+c.text+" (key id ")
		})
	}
}

// TestTheClockOfACaller: answers have no beginning, so none is moved along; and what a
// refusal says of clocks is by the clock as it stands.
func TestTheClockOfACaller(t *testing.T) {
	var clock harness.Clock
	clock.Set(time.Hour)
	k := harness.NewKeys()
	r := startRouter(t)
	s := local.session(t, r, harness.RingOf(t, k.OriginatorKey()), transparency.WithClock(clock.Now))
	callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
	require.NoError(t, callee.Register(harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		_ = callee.SendProgress(ctx, nil, nil)
		return client.InvokeResult{}
	}, nil))
	call := func() error {
		_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, func(*wamp.Result) {})
		return err
	}
	clock.Set(20 * time.Minute)
	e := harness.RequireRefused(t, call(), transparency.ClockSkew)
	require.InDelta(t, -20*time.Minute, e.Peer.Skew, float64(time.Minute))
	clock.Set(0)
	require.NoError(t, call())
}

// TestTheClockIsSetWhileReconnecting: when the next connection asked moves with the clock.
func TestTheClockIsSetWhileReconnecting(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			var clock harness.Clock
			r := handrouter.Start(t, handrouter.RawSocket, "cbor")
			key := keyring.Shared(cryptobox.GenerateSymmetricKey())
			refused, collecting := harness.Collect()
			again := make(chan struct{}, 1)
			p := playOn(t, r, ours, "cbor", key, key, collecting, remembersNothing(), transparency.WithClock(clock.Now),
				transparency.WithReconnect(transparency.ReconnectPolicy{Min: time.Millisecond, OnReconnect: func() { again <- struct{}{} }}))
			got := p.subscribed(harness.Prefix + "x")
			p.registered(harness.Prefix+"x", harness.Echo)
			clock.Set(ahead)
			p.Conn.Close()
			p.Conn = r.Welcome()
			defer p.Conn.Close()
			p.Send(wamp.SUBSCRIBED, p.Next()[1], subscription)
			p.Send(wamp.REGISTERED, p.Next()[1], registration)
			harness.Receive(t, again)
			clock.Set(0)
			send := func(id int, change func(*harness.Bound)) {
				p.Send(wamp.EVENT, subscription, publication, wamp.Dict{}, wamp.List{}, published(p.Forger, change))
				p.Send(wamp.INVOCATION, id, registration, wamp.Dict{}, wamp.List{}, called(p.Forger, change))
			}
			send(1, early)
			require.EqualValues(t, wamp.ERROR, p.Next()[0])
			for range 2 {
				harness.RequireReason(t, refused.Next(t), transparency.Stale)
			}
			send(2, nil)
			require.EqualValues(t, wamp.YIELD, p.Next()[0])
			harness.Receive(t, got)
			require.Equal(t, 2, refused.Count())
		})
	}
}
