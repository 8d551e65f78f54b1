package transparency_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// link is one way to reach the router.
type link struct {
	name          string
	url           func(*testrouter.Router) string // nil for a local link
	serialization serialize.Serialization
}

var links = func() []link {
	all := []link{{name: "local"}}
	for _, s := range []struct {
		name string
		id   serialize.Serialization
	}{{"json", client.JSON}, {"msgpack", client.MSGPACK}, {"cbor", client.CBOR}} {
		all = append(all,
			link{name: "websocket-" + s.name, url: (*testrouter.Router).WebSocketURL, serialization: s.id},
			link{name: "rawsocket-" + s.name, url: (*testrouter.Router).RawSocketURL, serialization: s.id})
	}
	return all
}()

func (l link) config() client.Config { return harness.Config(l.serialization) }

// session connects a Session over the link.
func (l link) session(t testing.TB, r *testrouter.Router, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session {
	t.Helper()
	var s *transparency.Session
	var err error
	if l.url == nil {
		s, err = transparency.ConnectLocal(r.Router(), l.config(), ring, opts...)
	} else {
		s, err = transparency.ConnectNet(context.Background(), l.url(r), l.config(), ring, opts...)
	}
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// plain connects a nexus client without any sealing over the link.
func (l link) plain(t testing.TB, r *testrouter.Router) *client.Client {
	t.Helper()
	var c *client.Client
	var err error
	if l.url == nil {
		c, err = client.ConnectLocal(r.Router(), l.config())
	} else {
		c, err = client.ConnectNet(context.Background(), l.url(r), l.config())
	}
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

var local = links[0]

func startRouter(t testing.TB) *testrouter.Router {
	t.Helper()
	return testrouter.Start(t)
}

// scheme is keys of a kind, in a dialect that nexus's router carries.
type scheme struct {
	name string
	harness.Keys
}

var schemes = []scheme{
	{"wampbox", harness.NewKeys()},
	{"wampbox-xbox", harness.Keys{Originator: cryptobox.GenerateKey(), Responder: cryptobox.GenerateKey(), Suite: cryptobox.SuiteXBox}},
	{"wampbox-shared", harness.SharedKeys(keyring.Shared(cryptobox.GenerateSymmetricKey()))},
	{"wampbox-signed", harness.SignedKeys(cryptobox.SuiteSigned, false)},
	{"wampbox-signed-once", harness.SignedKeys(cryptobox.SuiteSigned, true)},
	{"wampbox-signed-pq", harness.SignedKeys(cryptobox.SuiteSignedPQ, false)},
	{"passthru", harness.NewKeys().In(cryptobox.Passthru)},
	{"passthru-xsalsa20poly1305", harness.SharedKeys(keyring.Shared(cryptobox.GenerateSymmetricKey()).ForPassthru("2026-11"))},
	{"passthru-aes256gcm", harness.SharedKeys(keyring.AES256GCM("2026-12", cryptobox.GenerateSymmetricKey()))},
}

// forEachScheme runs the test for each dialect that nexus's router carries, and kind of
// keys.
func forEachScheme(t *testing.T, test func(t *testing.T, k harness.Keys)) {
	t.Helper()
	for _, s := range schemes {
		t.Run(s.name, func(t *testing.T) { test(t, s.Keys) })
	}
}

// requireProvedAs checks what a handler is told of a sealed message: in the foreign
// dialects, nothing but its key.
func requireProvedAs(t testing.TB, details wamp.Dict, kind cryptobox.Kind) {
	t.Helper()
	info, ok := transparency.InfoFrom(details)
	require.True(t, ok, "not sealed")
	require.NotEmpty(t, info.KeyID)
	if info.Dialect.Foreign() {
		require.Equal(t, transparency.Info{Pattern: info.Pattern, KeyID: info.KeyID, Dialect: info.Dialect}, info)
		return
	}
	require.Equal(t, kind, info.Kind)
	require.NotZero(t, info.Suite)
}

// pairTest is a test of two peers with each other. They share a router, and nexus
// drops registrations some time after a session's GOODBYE: a test has to unregister.
type pairTest func(t *testing.T, r *testrouter.Router, k harness.Keys, from, to link)

// forEachPair runs the test in our dialect for every way to link two peers,
// with every serializer at either end, and in the others for some.
func forEachPair(t *testing.T, test pairTest) {
	t.Helper()
	schemes[0].everyPair(t, test)
	for _, s := range schemes[1:] {
		s.somePairs(t, test)
	}
}

// forEachTwo runs the test for the same with a Session at either end.
func forEachTwo(t *testing.T, test func(t *testing.T, originator, responder *transparency.Session)) {
	t.Helper()
	forEachPair(t, func(t *testing.T, r *testrouter.Router, k harness.Keys, from, to link) {
		responder := to.session(t, r, harness.RingOf(t, k.ResponderKey()))
		originator := from.session(t, r, harness.RingOf(t, k.OriginatorKey()))
		test(t, originator, responder)
		require.NoError(t, originator.Close())
		require.NoError(t, responder.Close())
	})
}

// two connects two Sessions to a router of their own.
func two(t *testing.T, k harness.Keys, from, to link) (originator, responder *transparency.Session) {
	t.Helper()
	r := startRouter(t)
	responder = to.session(t, r, harness.RingOf(t, k.ResponderKey()))
	return from.session(t, r, harness.RingOf(t, k.OriginatorKey())), responder
}

func (s scheme) everyPair(t *testing.T, test pairTest) {
	t.Helper()
	r := startRouter(t)
	for _, from := range links {
		for _, to := range links {
			t.Run(s.name+"/"+from.name+"/"+to.name, func(t *testing.T) { test(t, r, s.Keys, from, to) })
		}
	}
}

// somePairs are those of each link with the next one of the list.
func (s scheme) somePairs(t *testing.T, test pairTest) {
	t.Helper()
	r := startRouter(t)
	for i, from := range links {
		to := links[(i+1)%len(links)]
		t.Run(s.name+"/"+from.name+"/"+to.name, func(t *testing.T) { test(t, r, s.Keys, from, to) })
	}
}

// events subscribes and returns the events that reach the handler.
func events(t testing.TB, s transparency.Client, topic string, options wamp.Dict) <-chan *wamp.Event {
	t.Helper()
	c := make(chan *wamp.Event, 1000)
	require.NoError(t, s.Subscribe(topic, func(ev *wamp.Event) { c <- ev }, options))
	return c
}
