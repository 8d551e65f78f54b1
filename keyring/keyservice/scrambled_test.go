package keyservice_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// hidden is a service whose members' URIs below com.myapp. are scrambled, with a tap between them
// and the router.
type hidden struct {
	*service
	tap     *proxy.Proxy
	members map[string]*secretive
}

// secretive is a member.
type secretive struct {
	*transparency.Session
	w      *keyservice.Watcher
	ring   *keyring.Ring
	events chan *wamp.Event
}

// words are components that no router is to see.
var words = []string{"orders", "berlin", "newest", "summing"}

const (
	hiddenTopic = "com.myapp.orders.berlin"
	tillTopic   = "com.myapp.newest.berlin"
)

func newHidden(t *testing.T, names ...string) *hidden {
	t.Helper()
	h := &hidden{service: newService(t), members: map[string]*secretive{}}
	h.tap = proxy.Start(t, h.router.WebSocketURL())
	identities := map[string]*keyservice.Identity{}
	for _, name := range names {
		identities[name] = h.enrols(name)
		require.NoError(t, h.a.Grant(authority.GrantOptions{}, authority.Granting{Member: name, Pattern: app, As: authority.Both}))
	}
	_, err := h.a.Scramble(app.URI, authority.Scrambling{})
	require.NoError(t, err)
	h.issue()
	for _, name := range names {
		m := &secretive{events: make(chan *wamp.Event, 4096)}
		m.w, m.Session, m.ring = h.joins(identities[name], h.tap.URL(), client.Config{Serialization: client.JSON})
		switch name { // not the same events: nexus's router races with itself then
		case "desk":
			require.NoError(t, m.SubscribeChan(app.URI+"orders.", m.events, wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}))
		case "till":
			require.NoError(t, m.SubscribeChan(tillTopic, m.events, nil))
		}
		h.members[name] = m
	}
	return h
}

// fetch has members take their last grants over.
func (h *hidden) fetch(names ...string) {
	h.t.Helper()
	for _, name := range names {
		before := h.members[name].w.Stats().Serial
		require.NoError(h.t, h.members[name].w.Fetch(h.t.Context()))
		require.GreaterOrEqual(h.t, h.members[name].w.Stats().Serial, before)
	}
}

// seen gives the URIs that a member would know a URI by in what the router has.
func (m *secretive) seen(t *testing.T, uri string) (all []string) {
	t.Helper()
	forms, _, err := m.ring.Forms("realm1").Receive(keyring.Exact(uri))
	require.NoError(t, err)
	for _, form := range forms {
		all = append(all, form.URI(uri))
	}
	return all
}

// requireUnseen: none of the words crossed the tap, as they are or encoded.
func (h *hidden) requireUnseen() {
	h.t.Helper()
	for _, word := range words {
		found, err := h.tap.Find([]byte(word))
		require.NoError(h.t, err)
		require.Empty(h.t, found, word)
	}
}

// crossed tells whether a URI crossed the tap.
func (h *hidden) crossed(uri string) bool {
	h.t.Helper()
	found, err := h.tap.Contains(uri)
	require.NoError(h.t, err)
	return found
}

func (m *secretive) publish(t *testing.T, uri string, args ...any) {
	t.Helper()
	require.NoError(t, m.Publish(uri, wamp.Dict{wamp.OptAcknowledge: true}, args, nil))
}

// number is what an event says.
func number(e *wamp.Event) int64 {
	n, _ := wamp.AsInt64(e.Arguments[0])
	return n
}

// TestScrambledByGrants: members whose grants have the secrets use real URIs, in events, calls and
// errors, and no component of these reaches the router.
func TestScrambledByGrants(t *testing.T) {
	h := newHidden(t, "shop", "desk")
	shop, desk := h.members["shop"], h.members["desk"]
	shop.publish(t, hiddenTopic, "x")
	event := harness.Receive(t, desk.events)
	require.Equal(t, wamp.List{"x"}, event.Arguments)
	topic, _ := wamp.AsURI(event.Details["topic"])
	require.Equal(t, hiddenTopic, string(topic))

	procedure, failure := app.URI+"summing.newest", wamp.URI(app.URI+"orders.none")
	require.NoError(t, desk.Register(procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		if len(inv.Arguments) == 0 {
			return client.InvokeResult{Err: failure}
		}
		return client.InvokeResult{Args: inv.Arguments}
	}, nil))
	result, err := shop.Call(t.Context(), procedure, nil, wamp.List{"y"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, wamp.List{"y"}, result.Arguments)
	_, err = shop.Call(t.Context(), procedure, nil, nil, nil, nil)
	var raised client.RPCError
	require.ErrorAs(t, err, &raised)
	require.Equal(t, failure, raised.Err.Error)
	require.True(t, h.crossed(shop.seen(t, hiddenTopic)[0]), "it is there, scrambled")
	h.requireUnseen()
}

// TestScrambledRotationByGrant: another secret comes by a grant, is gone over to by its date, and the
// old one ends, while messages go on; none is lost, and none comes twice.
func TestScrambledRotationByGrant(t *testing.T) {
	h := newHidden(t, "shop", "desk")
	shop, desk := h.members["shop"], h.members["desk"]
	require.NoError(t, desk.Register(app.URI+"summing.newest", harness.Echo, nil))
	first := shop.seen(t, hiddenTopic)[0]
	stop, sent := make(chan struct{}), 0
	var all sync.WaitGroup
	all.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			if err := shop.Publish(hiddenTopic, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{sent}, nil); err != nil {
				t.Error(err)
				return
			}
			if _, err := shop.Call(context.Background(), app.URI+"summing.newest", nil, wamp.List{sent}, nil, nil); err != nil {
				t.Error(err)
				return
			}
			sent++
		}
	})
	at := time.Now()
	made, err := h.a.RotateScramble(app.URI, authority.Rotation{Activate: at.Add(2 * time.Second), Retire: at.Add(4 * time.Second)})
	require.NoError(t, err)
	h.issue()
	h.fetch("shop", "desk")
	both := shop.seen(t, hiddenTopic)
	require.Len(t, both, 2)
	require.Equal(t, first, both[0])
	require.Less(t, time.Now(), made.ActiveFrom, "the machine is too slow for this test")
	time.Sleep(time.Until(made.OldUntil.Add(time.Second)))
	close(stop)
	all.Wait()
	require.Equal(t, both[1:], shop.seen(t, hiddenTopic))
	require.True(t, h.crossed(both[0]))
	require.True(t, h.crossed(both[1]))
	require.Greater(t, sent, 50)
	for i := range sent {
		event := harness.Receive(t, desk.events)
		require.EqualValues(t, i, number(event))
	}
	require.Empty(t, desk.events)
	h.requireUnseen()
	t.Logf("%d events and calls", sent)
}

// TestScrambledRevocation: who was revoked can't tell any more what URIs stand for, of words that it
// knows too, and nobody asks the router by what it knows.
func TestScrambledRevocation(t *testing.T) {
	h := newHidden(t, "shop", "desk", "till")
	shop, desk, till := h.members["shop"], h.members["desk"], h.members["till"]
	shop.publish(t, hiddenTopic, 1)
	harness.Receive(t, desk.events)
	shop.publish(t, tillTopic, 1)
	harness.Receive(t, till.events)
	known := till.seen(t, hiddenTopic)
	require.True(t, h.crossed(known[0]), "till can tell what stands for it")

	h.revoked = append(h.revoked, "till")
	r, err := h.a.Revoke("till")
	require.NoError(t, err)
	require.Len(t, r.Scrambled, 1)
	h.issue()
	h.fetch("shop", "desk")
	require.Equal(t, known, till.seen(t, hiddenTopic), "it has nothing new")
	h.tap.Forget()
	require.Eventually(t, func() bool { // until desk's subscriptions have gone over
		shop.publish(t, hiddenTopic, 2)
		return len(desk.events) > 0
	}, 10*time.Second, 10*time.Millisecond)
	require.EqualValues(t, 2, number(harness.Receive(t, desk.events)))
	shop.publish(t, tillTopic, 2)
	for _, word := range words {
		for _, uri := range till.seen(t, app.URI+word+"."+word) {
			for _, component := range strings.Split(uri, ".")[2:] {
				require.False(t, h.crossed(component), "what till makes of %s", word)
			}
		}
	}
	for _, uri := range known {
		require.False(t, h.crossed(uri))
	}
	require.NotEqual(t, known, shop.seen(t, hiddenTopic))
	require.Empty(t, till.events)
	h.requireUnseen()
	_, err = h.folder.Member("till")
	require.Error(t, err, "no grant is there for it")
}

// TestScrambledFetched: a file that was fetched has the secrets, of the member's prefixes alone.
func TestScrambledFetched(t *testing.T) {
	s := newService(t)
	me := s.enrols("shop")
	require.NoError(t, s.a.Grant(authority.GrantOptions{}, authority.Granting{Member: "shop", Pattern: app, As: authority.Both}))
	s.enrols("desk")
	other := keyring.Prefix("com.other.")
	require.NoError(t, s.a.Grant(authority.GrantOptions{}, authority.Granting{Member: "desk", Pattern: other, As: authority.Both}))
	for _, p := range []keyring.Pattern{app, other} {
		_, err := s.a.Scramble(p.URI, authority.Scrambling{})
		require.NoError(t, err)
	}
	s.issue()
	file, err := keyservice.Fetch(t.Context(), nexusClient(t, s.router), s.config(me))
	require.NoError(t, err)
	require.Len(t, file.Scrambles, 1)
	require.Equal(t, app.URI, file.Scrambles[0].Prefix)
	ring, err := file.Ring()
	require.NoError(t, err)
	_, hides := ring.Hides(hiddenTopic)
	require.True(t, hides)
	require.NotContains(t, fmt.Sprintf("%+v", file), "scramble:")
}
