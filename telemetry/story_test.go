package telemetry_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	ordered = harness.Prefix + "ordered"
	order   = harness.Prefix + "order"
	moving  = "com.myapp.moving." // in transition
)

// story is a shop behind a router that drops and repeats, a customer, and a client without keys.
type story struct {
	t              *testing.T
	router         *testrouter.Router
	hostile        *proxy.Proxy
	shop, customer *transparency.Session
	stranger       *client.Client
	events         chan *wamp.Event
	keys           harness.Keys
}

func newStory(t *testing.T, s *scope) *story {
	r := testrouter.Start(t)
	st := &story{t: t, router: r, hostile: proxy.Start(t, r.RawSocketURL(), proxy.Hostile(proxy.Wampbox)), events: make(chan *wamp.Event, 10), keys: harness.NewKeys()}
	ring := func(key keyring.Key, plaintext keyring.Plaintext) *keyring.Ring {
		ring := keyring.New()
		require.NoError(t, ring.Set(keyring.Prefix(harness.Prefix), key))
		require.NoError(t, ring.Set(keyring.Prefix(moving), key))
		require.NoError(t, ring.Transition(keyring.Prefix(moving), plaintext, time.Now().Add(time.Hour)))
		return ring
	}
	connect := func(url, name string, ring *keyring.Ring) *transparency.Session {
		session, err := transparency.ConnectNet(t.Context(), url, harness.Config(client.CBOR), ring, transparency.WithObserver(s.Observer(name)))
		require.NoError(t, err)
		t.Cleanup(func() { _ = session.Close() })
		shows(t)(s.Session(name, session))
		return session
	}
	st.shop = connect(st.hostile.URL(), "shop", ring(st.keys.ResponderKey(), keyring.AcceptPlain))
	st.customer = connect(r.RawSocketURL(), "customer", ring(st.keys.OriginatorKey(), keyring.SendPlain))
	var err error
	st.stranger, err = client.ConnectLocal(r.Router(), harness.Config(client.CBOR))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.stranger.Close()) })
	for _, topic := range []string{ordered, moving + "x"} {
		require.NoError(t, st.shop.Subscribe(topic, func(e *wamp.Event) { st.events <- e }, nil))
	}
	require.NoError(t, st.shop.Register(order, func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: wamp.List{"the answer"}}
	}, nil))
	return st
}

// play has every counter move: of three events the shop gets one for a subscription that it
// doesn't have, and another one twice; it answers a call; a plain event comes in transition, and
// one where it mustn't.
func (st *story) play() {
	t := st.t
	t.Helper()
	var n atomic.Int64
	st.hostile.Conn(st.shop.ID()).On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
		if !m.Is(wamp.EVENT) {
			send(m)
			return
		}
		switch n.Add(1) {
		case 2:
			m.List[1] = uint64(987654321)
			send(m) // of a subscription that there isn't
		case 3:
			send(m, m.Clone())
		default:
			send(m)
		}
	})
	for i := range 3 {
		require.NoError(t, st.customer.Publish(ordered, nil, wamp.List{"a secret", i}, nil))
	}
	require.NoError(t, st.customer.Publish(moving+"x", nil, wamp.List{"not a secret"}, nil))
	for range 3 {
		harness.Receive(t, st.events)
	}
	_, err := st.customer.Call(t.Context(), order, nil, wamp.List{"a secret"}, nil, nil)
	require.NoError(t, err)
	require.NoError(t, st.stranger.Publish(ordered, nil, wamp.List{"forged"}, nil))
}

const (
	isPlain  = "payload is not sealed"
	replayed = "replayed"
	astray   = "sealed for another request"
)

// TestSession: each count of a Session on a real router, without patterns.
func TestSession(t *testing.T) {
	s := newScope(t)
	st := newStory(t, s)
	st.play()
	got := s.untilIs(t, `messages.refused{reason="`+isPlain+`",session="shop"}`, 1)
	require.Equal(t, series{
		`messages.sealed{dialect="wampbox",session="customer",suite="box"}`: 4,
		`messages.sealed{dialect="wampbox",session="shop",suite="box"}`:     1,
		`messages.opened{dialect="wampbox",session="customer",suite="box"}`: 1,
		`messages.opened{dialect="wampbox",session="shop",suite="box"}`:     3,
		`messages.plain{session="customer"}`:                                1,
		`messages.plain{session="shop"}`:                                    1,
		`messages.refused{reason="` + isPlain + `",session="shop"}`:         1,
		`messages.refused{reason="replayed",session="shop"}`:                1,
		`messages.refused{reason="` + astray + `",session="shop"}`:          1,
	}, got.of("messages."))
	require.Equal(t, series{`events.missed{session="customer"}`: 0, `events.missed{session="shop"}`: 1}, got.of("events."))
	require.Equal(t, series{`session.ready{session="customer"}`: 1, `session.ready{session="shop"}`: 1}, got.of("session."))
	times := func(of string) series {
		return series{
			`seal.` + of + `{dialect="wampbox",kind="publish",session="customer",suite="box"}`: 3,
			`seal.` + of + `{dialect="wampbox",kind="call",session="customer",suite="box"}`:    1,
			`seal.` + of + `{dialect="wampbox",kind="result",session="shop",suite="box"}`:      1,
			`open.` + of + `{dialect="wampbox",kind="publish",session="shop",suite="box"}`:     2,
			`open.` + of + `{dialect="wampbox",kind="call",session="shop",suite="box"}`:        1,
			`open.` + of + `{dialect="wampbox",kind="result",session="customer",suite="box"}`:  1,
		}
	}
	for name, want := range times("duration") {
		require.Equal(t, want, got[name], name)
	}
	for name, want := range times("size") {
		require.Equal(t, want, got[name], name)
	}
	require.Len(t, append(keysOf(got.of("seal.")), keysOf(got.of("open."))...), 12)
	require.GreaterOrEqual(t, got[`replay.senders{session="shop"}`], 2.0) // of a topic, and of calls
	require.Positive(t, got[`replay.memory{session="shop"}`])
	require.Contains(t, got, `replay.messages{session="shop"}`)

	require.NoError(t, st.shop.Close())
	require.Equal(t, series{`session.ready{session="customer"}`: 1, `session.ready{session="shop"}`: 0}, s.collect(t).of("session."))
}

// TestSessionWithPatterns: the same, with each pattern and key apart.
func TestSessionWithPatterns(t *testing.T) {
	s := newScope(t, telemetry.WithPatterns(10))
	st := newStory(t, s)
	st.play()
	in := func(of string) string { return `match="prefix",pattern="` + of + `",` }
	id := `key.id="` + st.keys.ResponderKey().ID() + `",`
	plain := `messages.refused{` + in(harness.Prefix) + `reason="` + isPlain + `",session="shop"}`
	got := s.untilIs(t, plain, 1)
	require.Equal(t, series{
		`messages.sealed{dialect="wampbox",` + id + in(harness.Prefix) + `session="customer",suite="box"}`: 4,
		`messages.sealed{dialect="wampbox",` + id + in(harness.Prefix) + `session="shop",suite="box"}`:     1,
		`messages.opened{dialect="wampbox",` + id + in(harness.Prefix) + `session="customer",suite="box"}`: 1,
		`messages.opened{dialect="wampbox",` + id + in(harness.Prefix) + `session="shop",suite="box"}`:     3,
		`messages.plain{` + in(moving) + `session="customer"}`:                                             1,
		`messages.plain{` + in(moving) + `session="shop"}`:                                                 1,
		plain: 1,
		`messages.refused{reason="` + isPlain + `",session="shop"}`:                                 0,
		`messages.refused{` + id + in(harness.Prefix) + `reason="` + replayed + `",session="shop"}`: 1,
		`messages.refused{reason="` + replayed + `",session="shop"}`:                                0,
		`messages.refused{reason="` + astray + `",session="shop"}`:                                  1,
	}, got.of("messages."))
	got.about(t, `key.opened.ago{`+id+in(harness.Prefix)+`session="shop"}`, 0)
	require.Equal(t, 3.0, got[`seal.duration{dialect="wampbox",kind="publish",`+in(harness.Prefix)+`session="customer",suite="box"}`], "%v", got.of("seal."))
}
