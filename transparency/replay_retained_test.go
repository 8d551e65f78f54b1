package transparency_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

var getRetained = wamp.Dict{"get_retained": true}

// TestRetainedEvents: only one that its publisher meant to be kept, that the router
// says was kept, on a subscription that asked for such, may be old.
func TestRetainedEvents(t *testing.T) {
	const year = 365 * 24 * time.Hour
	old := func(b *harness.Bound) { sentAgo(year)(b) }
	for _, c := range []struct {
		name     string
		options  wamp.Dict
		change   func(*harness.Bound)
		retained bool
		reason   transparency.Reason
	}{
		{"asked for", getRetained, keptFor(year), true, 0},
		{"not asked for", nil, keptFor(year), true, transparency.Stale},
		{"asked for not to come", wamp.Dict{"get_retained": false}, keptFor(year), true, transparency.Stale},
		{"not meant to be kept", getRetained, old, true, transparency.Stale},
		{"not said to be kept", getRetained, keptFor(year), false, transparency.Stale},
		{"new", getRetained, keptFor(0), true, 0},
		{"ahead", getRetained, keptFor(-time.Minute), true, transparency.ClockSkew},
		{"of another realm", getRetained, func(b *harness.Bound) {
			keptFor(year)(b)
			b.Realm = "realm2"
		}, true, transparency.WrongRealm},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := post(t, harness.NewKeys())
			p.judges(p.subscribe(harness.Prefix+"x", c.options), event(p.publication(c.change), c.retained), c.reason)
		})
	}
}

// TestRetainedOnce: on each subscription that asked for it, whether it comes late, live
// or as both.
func TestRetainedOnce(t *testing.T) {
	for name, age := range map[string]time.Duration{"new": 0, "old": time.Hour} {
		t.Run("late, then again/"+name, func(t *testing.T) {
			p := post(t, harness.NewKeys())
			sub := p.subscribe(harness.Prefix+"x", getRetained)
			kept := p.publication(keptFor(age))
			p.judges(sub, event(kept, true), 0)
			p.judges(sub, event(kept, true), transparency.Replayed)
		})
	}
	t.Run("late, then live", func(t *testing.T) {
		p := post(t, harness.NewKeys())
		sub := p.subscribe(harness.Prefix+"x", getRetained)
		kept := p.publication(keptFor(0))
		p.judges(sub, event(kept, true), 0)
		p.refuses(sub, kept, transparency.Replayed)
	})
	t.Run("live, then late", func(t *testing.T) {
		p := post(t, harness.NewKeys())
		sub := p.subscribe(harness.Prefix+"x", getRetained)
		kept := p.publication(keptFor(0))
		p.takes(sub, kept)
		p.judges(sub, event(kept, true), transparency.Replayed)
		p.refuses(sub, kept, transparency.Replayed)
	})
	t.Run("on each subscription", func(t *testing.T) {
		p := post(t, harness.NewKeys())
		kept := p.publication(keptFor(time.Hour))
		for _, sub := range []*inbox{
			p.subscribe(harness.Prefix+"x", getRetained),
			p.subscribe(harness.Prefix, wamp.Dict{"get_retained": true, "match": "prefix"}),
		} {
			p.judges(sub, event(kept, true), 0)
			p.judges(sub, event(kept, true), transparency.Replayed)
		}
	})
}

// TestRetainedSkipsTheWindow: of senders that have long gone on, or are gone.
func TestRetainedSkipsTheWindow(t *testing.T) {
	p := post(t, harness.NewKeys())
	sub := p.subscribe(harness.Prefix+"x", getRetained)
	p.takes(sub, p.publication(numbered(10*windowSize)))
	kept := p.publication(func(b *harness.Bound) {
		keptFor(time.Hour)(b)
		b.N = 1
	})
	p.judges(sub, event(kept, true), 0)
	p.judges(sub, event(kept, true), transparency.Replayed)
	p.takes(sub, p.publication(numbered(10*windowSize-1)))
}

// TestRetainedForANewSubscription: it has the event again, be it of the same Session or
// of the next one with the same memory, and whether the one before had it late or live.
func TestRetainedForANewSubscription(t *testing.T) {
	k := harness.NewKeys()
	memory := transparency.NewReplayMemory()
	first := post(t, k, transparency.WithReplayMemory(memory))
	early, late := first.publication(keptFor(0)), first.publication(keptFor(0))
	sub := first.subscribe(harness.Prefix+"x", getRetained)
	first.takes(sub, early)
	first.judges(sub, event(late, true), 0)
	for _, p := range []*posted{first, post(t, k, transparency.WithReplayMemory(memory))} {
		for _, kept := range []wamp.Dict{early, late} {
			again := p.subscribe(harness.Prefix+"x", getRetained)
			p.refuses(again, kept, transparency.Replayed)
			p.judges(again, event(kept, true), 0)
			p.judges(again, event(kept, true), transparency.Replayed)
			p.refuses(again, kept, transparency.Replayed)
			p.refuses(p.subscribe(harness.Prefix+"x", nil), kept, transparency.Replayed)
		}
	}
}
