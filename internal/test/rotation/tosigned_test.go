package main

import (
	"context"
	"io"
	"log"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	told    = 500 * time.Millisecond // the last peer is told that much before the day
	grace   = time.Second            // how long after it what isn't signed still opens
	skew    = 100 * time.Millisecond // by which the dates differ from peer to peer, as if by their clocks
	perStep = 500                    // messages that have to be opened before and after the day, at least
)

// goingOver are four workers in this process, whose keys are a box at first.
type goingOver struct {
	t       *testing.T
	workers map[string][]*worker // by role
	box     map[string]keyring.Key
	read    cryptobox.ReadingKey
	sign    map[*worker]cryptobox.SigningKey

	mu      sync.Mutex
	refused []*transparency.Error
}

func newGoingOver(t *testing.T, url string) *goingOver {
	t.Helper()
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	read, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSigned)
	require.NoError(t, err)
	g := &goingOver{
		t: t, workers: map[string][]*worker{}, read: read, sign: map[*worker]cryptobox.SigningKey{},
		box: map[string]keyring.Key{"originator": keyring.Originator(o, r.Public()), "responder": keyring.Responder(r, o.Public())},
	}
	for role := range g.box {
		for _, name := range responders {
			w := &worker{name: name, others: responders, ring: keyring.New(), byKey: map[string]uint64{}, said: map[string]keyring.State{}}
			require.NoError(t, w.ring.Set(pattern, g.box[role]))
			w.session = g.connect(url, w.ring, transparency.WithOnReject(g.note))
			g.workers[role] = append(g.workers[role], w)
			g.sign[w] = cryptobox.GenerateSigningKey()
		}
	}
	return g
}

func (g *goingOver) connect(url string, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session {
	g.t.Helper()
	cfg := client.Config{Realm: "realm1", Serialization: serialize.MSGPACK, Logger: log.New(io.Discard, "", 0)}
	s, err := transparency.ConnectNet(g.t.Context(), url, cfg, ring, opts...)
	require.NoError(g.t, err)
	g.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (g *goingOver) note(err *transparency.Error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused = append(g.refused, err)
}

// parties lists the workers of a role.
func (g *goingOver) parties(role string) (list []keyring.Party) {
	for _, w := range g.workers[role] {
		list = append(list, keyring.Party{Name: role + " " + w.name, Key: g.sign[w].Public()})
	}
	return list
}

// tell has a worker go over on a day: two changes of its ring.
func (g *goingOver) tell(role string, w *worker, day time.Time) {
	g.t.Helper()
	parts := keyring.Signing{Suite: cryptobox.SuiteSigned, Sign: g.sign[w], Seal: g.read.Public(), Answerers: g.parties("responder")}
	if role == "responder" {
		parts = keyring.Signing{Suite: cryptobox.SuiteSigned, Sign: g.sign[w], Read: g.read, Senders: g.parties("originator")}
	}
	require.NoError(g.t, w.ring.AllowUnsigned(pattern, day.Add(grace)))
	require.NoError(g.t, w.ring.Add(pattern, keyring.Signed(parts), keyring.Dates{ActiveFrom: day}))
}

// opened is how many messages were opened so far, by all.
func (g *goingOver) opened() (n uint64) {
	for _, list := range g.workers {
		for _, w := range list {
			n += w.session.Stats().Opened
		}
	}
	return n
}

// goOn waits until so many more have been.
func (g *goingOver) goOn() {
	g.t.Helper()
	enough := g.opened() + perStep
	require.Eventually(g.t, func() bool { return g.opened() >= enough }, time.Minute, 5*time.Millisecond)
}

// TestFromABoxToASignedKey: publishers and callers that go on all the time change their key from
// a box to a signed one, each by a date of its own. Nothing is lost and nothing refused. From
// the end of the grace on, what isn't signed is refused, though its key is there.
func TestFromABoxToASignedKey(t *testing.T) {
	router := testrouter.Start(t, "realm1")
	g := newGoingOver(t, router.RawSocketURL())
	for _, w := range g.workers["responder"] {
		require.NoError(t, w.serve())
	}
	sending, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	errs := make(chan error, len(responders))
	for _, w := range g.workers["originator"] {
		group.Go(func() { errs <- w.originate(sending) })
	}
	g.goOn()
	day := time.Now().Add(4*told + skew)
	for i, role := range []string{"originator", "responder", "responder", "originator"} { // in any order
		g.tell(role, g.workers[role][i%2], day.Add(time.Duration(i-2)*skew))
		time.Sleep(told / 2)
	}
	require.True(t, time.Now().Before(day.Add(-2*skew)), "it took too long to tell all")
	g.goOn()
	time.Sleep(time.Until(day.Add(skew)))
	g.goOn()
	time.Sleep(time.Until(day.Add(grace + skew)))
	g.goOn()
	stop()
	group.Wait()
	for range g.workers["originator"] {
		require.NoError(t, <-errs)
	}
	require.Empty(t, g.refused)
	signed := cryptobox.SignedID(g.read.Public()).String()
	require.NoError(t, g.total().check([]string{g.box["originator"].ID(), signed}))
	t.Logf("%+v", g.total())
	g.lateComer(router.RawSocketURL())
}

// lateComer wasn't told, and speaks under the box that the others still have.
func (g *goingOver) lateComer(url string) {
	g.t.Helper()
	ring := keyring.New()
	require.NoError(g.t, ring.Set(pattern, g.box["originator"]))
	s := g.connect(url, ring)
	_, err := s.Call(g.t.Context(), prefix+"double.1", nil, wamp.List{1}, nil, nil)
	require.ErrorIs(g.t, err, transparency.Refused)
	require.NoError(g.t, s.Publish(prefix+"tick", nil, wamp.List{"1", 0}, nil))
	refusals := func() int {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.refused)
	}
	require.Eventually(g.t, func() bool { return refusals() == 3 }, time.Minute, time.Millisecond) // the call, and the event twice
	for _, refused := range g.refused {
		require.ErrorIs(g.t, refused, transparency.NotOpened)
		require.ErrorIs(g.t, refused, keyring.ErrUnsigned)
	}
}

// total sums up what all have counted.
func (g *goingOver) total() *tally {
	all := &tally{ByKey: map[string]uint64{}}
	for _, list := range g.workers {
		for _, w := range list {
			all.add(w.counted())
		}
	}
	return all
}
