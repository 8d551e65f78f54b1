package interop_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestScrambledRulesRotation: with rules for both secrets in the router before the next one is
// handed out, nothing is lost or refused while it takes the place of the first. Where the rules
// name the first alone, the router refuses from then on, and a Session says before that it will.
func TestScrambledRulesRotation(t *testing.T) {
	keys := harness.NewKeys()
	first, second := cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	rules := scrambledRules(t, scrambledRing(t, keys.PairKey(), first, second))
	for _, way := range scrambledWays {
		rules["late"] = append(rules["late"], allow(t, scrambledRing(t, keys.PairKey(), first), way.asked, "publish", "subscribe")...)
	}
	eachRuled(t, rules, func(r ruled) {
		ring := scrambledRing(r.T, keys.PairKey(), first)
		front, back := r.join("front", ring), r.join("back", ring)
		events := map[string]<-chan *wamp.Event{}
		for _, way := range scrambledWays {
			events[way.uri] = r.subscribed(back, way.asked.URI, matching(way.asked))
			require.NoError(r, back.Register(way.asked.URI, harness.Echo, matching(way.asked)))
		}
		late := r.join("late", ring)
		require.NoError(r, late.Publish(exactURI, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{0}, nil))
		require.Equal(r, int64(0), next(r.live, events[exactURI]).Arguments[0])

		quiet := prefix + "dunlin.avocet.osprey" // which nobody publishes: nexus races with itself for two subscribers
		r.subscribed(late, quiet, nil)
		require.NoError(r, late.Ready())

		admin, before := r.join("admin", ring), r.routed(front, 1)
		require.NoError(r, ring.AddScramble(prefix, second, keyring.Dates{ActiveFrom: farAway}))
		r.inPlace(admin, r.routed(front, 2)[1], true)
		r.eventually(func() bool { return late.Ready() != nil })
		require.ErrorContains(r, late.Ready(), quiet)
		r.refused(late.Ready())
		r.refused(late.Subscribe(exactURI, func(*wamp.Event) {}, nil))
		at := time.Now()
		require.NoError(r, ring.SetScrambleDates(prefix, second.ID().String(), keyring.Dates{ActiveFrom: at.Add(200 * time.Millisecond)}))
		require.NoError(r, ring.SetScrambleDates(prefix, first.ID().String(), keyring.Dates{NotAfter: at.Add(time.Second)}))
		for n := int64(1); time.Since(at) < 2*time.Second; n++ {
			for _, way := range scrambledWays {
				require.NoError(r, front.Publish(way.uri, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{n}, nil))
				require.Equal(r, n, next(r.live, events[way.uri]).Arguments[0], "%s", way.uri)
				require.Equal(r, wamp.List{n}, r.live.calls(front, way.uri, wamp.List{n}, nil).Arguments)
			}
			time.Sleep(20 * time.Millisecond)
		}
		for _, c := range events {
			require.Empty(r, c, "none came twice")
		}
		require.NotEqual(r, before, r.routed(front, 1))
		r.refused(late.Publish(exactURI, wamp.Dict{wamp.OptAcknowledge: true}, nil, nil))
		r.inPlace(admin, before[0], false)
		r.hidden(ring)
	})
}

// routed gives the URIs under which the router gets one, of which there are so many.
func (r ruled) routed(s *transparency.Session, known int) []transparency.RouterURI {
	r.Helper()
	uris, err := s.RouterURIs(exactURI, nil)
	require.NoError(r, err)
	require.Len(r, uris, known)
	return uris
}

// inPlace waits until the router has a registration and a subscription under a URI, or neither.
func (r ruled) inPlace(admin *transparency.Session, uri transparency.RouterURI, is bool) {
	r.Helper()
	for _, kind := range []string{"registration", "subscription"} {
		r.eventually(func() bool {
			found := r.live.calls(admin, "wamp."+kind+".lookup", wamp.List{uri}, nil).Arguments
			id, _ := wamp.AsID(found[0]) // nexus gives 0 for none, Crossbar.io null
			return (id != 0) == is
		})
	}
}

// TestScrambledRetained: a router keeps an event under the URI that it came by. After a change of
// the secret, who subscribes gets what was retained under both, until the first one's end.
func TestScrambledRetained(t *testing.T) {
	l := startLive(t)
	first, second := cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring := scrambledRing(t, l.PairKey(), first)
	publisher, topic := l.connectRing(usual, ring), keyed("retained")
	retain := func(text string) {
		t.Helper()
		require.NoError(t, publisher.Publish(topic, wamp.Dict{"retain": true, wamp.OptAcknowledge: true}, wamp.List{text}, nil))
	}
	retained := func(want ...string) {
		t.Helper()
		events := l.subscribed(l.connectRing(usual, ring), topic, wamp.Dict{"get_retained": true})
		var got []string
		for range want {
			text, _ := wamp.AsString(next(l, events).Arguments[0])
			got = append(got, text)
		}
		require.ElementsMatch(t, want, got)
		require.False(t, harness.Arrives(events))
	}
	retain("one")
	retained("one")
	require.NoError(t, ring.AddScramble(prefix, second, keyring.Dates{ActiveFrom: time.Now().Add(-time.Second)}))
	retained("one")
	retain("two")
	retained("one", "two")
	require.NoError(t, ring.RemoveScramble(prefix, first.ID().String()))
	retained("two")
}
