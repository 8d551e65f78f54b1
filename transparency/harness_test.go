package transparency_test

import (
	"context"
	"io"
	"log"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	realm  = "realm1"
	prefix = "com.myapp.encrypted."
	// patience bounds every wait for something that has to happen.
	patience = 10 * time.Second
)

// keys is one pattern's pair of key pairs, or one key that both ends hold.
type keys struct {
	originator, responder cryptobox.PrivateKey
	shared                *keyring.Key
}

func newKeys() keys {
	return keys{originator: cryptobox.GenerateKey(), responder: cryptobox.GenerateKey()}
}

func sharedKeys(key keyring.Key) keys { return keys{shared: &key} }

func (k keys) originatorKey() keyring.Key {
	if k.shared != nil {
		return *k.shared
	}
	return keyring.Originator(k.originator, k.responder.Public())
}

func (k keys) responderKey() keyring.Key {
	if k.shared != nil {
		return *k.shared
	}
	return keyring.Responder(k.responder, k.originator.Public())
}

// ringOf returns a ring with key under the test prefix.
func ringOf(t testing.TB, key keyring.Key) *keyring.Ring {
	t.Helper()
	ring := keyring.New()
	require.NoError(t, ring.Set(prefix, keyring.Prefix, key))
	return ring
}

// link is one way to reach the router.
type link struct {
	name          string
	url           func(*testrouter.Router) string // nil for a local link
	serialization serialize.Serialization
	framing       transparency.Framing // zero for the default
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

func (l link) config() client.Config {
	return client.Config{
		Realm:           realm,
		Serialization:   l.serialization,
		Logger:          log.New(io.Discard, "", 0),
		ResponseTimeout: patience,
	}
}

// session connects a Session over the link.
func (l link) session(t testing.TB, r *testrouter.Router, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session {
	t.Helper()
	if l.framing != 0 {
		opts = append(opts, transparency.WithFraming(l.framing))
	}
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
	r, err := testrouter.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// scheme is a framing that nexus's router carries, with keys of a kind.
type scheme struct {
	name    string
	framing transparency.Framing
	keys
}

var schemes = []scheme{
	{"enc", transparency.EncArgument, newKeys()},
	{"ppt", transparency.PPT, newKeys()},
	{"ppt-xsalsa20poly1305", transparency.PPT, sharedKeys(keyring.Symmetric("2026-11", cryptobox.GenerateSymmetricKey()))},
	{"ppt-aes256gcm", transparency.PPT, sharedKeys(keyring.AES256GCM("2026-12", cryptobox.GenerateSymmetricKey()))},
}

// links are all ways to reach the router, with the framing.
func (s scheme) links() []link {
	framed := slices.Clone(links)
	for i := range framed {
		framed[i].framing = s.framing
	}
	return framed
}

// forEachScheme runs the test for each framing and kind of keys, with links that
// have the framing.
func forEachScheme(t *testing.T, test func(t *testing.T, k keys, links []link)) {
	t.Helper()
	for _, s := range schemes {
		t.Run(s.name, func(t *testing.T) { test(t, s.keys, s.links()) })
	}
}

// pairTest is a test of two peers with each other. They share a router, and nexus
// drops registrations some time after a session's GOODBYE: a test has to unregister.
type pairTest func(t *testing.T, r *testrouter.Router, k keys, from, to link)

// forEachPair runs the test in the default framing for every way to link two peers,
// with every serializer at either end, and in the others for some.
func forEachPair(t *testing.T, test pairTest) {
	t.Helper()
	schemes[0].everyPair(t, test)
	for _, s := range schemes[1:] {
		s.somePairs(t, test)
	}
}

func (s scheme) everyPair(t *testing.T, test pairTest) {
	t.Helper()
	r := startRouter(t)
	for _, from := range s.links() {
		for _, to := range s.links() {
			t.Run(s.name+"/"+from.name+"/"+to.name, func(t *testing.T) { test(t, r, s.keys, from, to) })
		}
	}
}

// somePairs are those of each link with the next one of the list.
func (s scheme) somePairs(t *testing.T, test pairTest) {
	t.Helper()
	r := startRouter(t)
	all := s.links()
	for i, from := range all {
		to := all[(i+1)%len(all)]
		t.Run(s.name+"/"+from.name+"/"+to.name, func(t *testing.T) { test(t, r, s.keys, from, to) })
	}
}

// rejections collects what a Session refuses.
type rejections struct {
	mu   sync.Mutex
	list []*transparency.Error
	c    chan *transparency.Error
}

func collect() (*rejections, transparency.Option) {
	r := &rejections{c: make(chan *transparency.Error, 1000)}
	return r, transparency.WithOnReject(func(err *transparency.Error) {
		r.mu.Lock()
		r.list = append(r.list, err)
		r.mu.Unlock()
		select {
		case r.c <- err:
		default: // more than a test looks at
		}
	})
}

// next returns the next refusal.
func (r *rejections) next(t testing.TB) *transparency.Error {
	t.Helper()
	select {
	case err := <-r.c:
		return err
	case <-time.After(patience):
		require.Fail(t, "nothing was refused")
		return nil
	}
}

func (r *rejections) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.list)
}

// events subscribes and returns the events that reach the handler.
func events(t testing.TB, s transparency.Client, topic string, options wamp.Dict) <-chan *wamp.Event {
	t.Helper()
	c := make(chan *wamp.Event, 1000)
	require.NoError(t, s.Subscribe(topic, func(ev *wamp.Event) { c <- ev }, options))
	return c
}

func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		require.Fail(t, "nothing arrived")
		panic("unreachable")
	}
}

func nothing[T any](t testing.TB, c <-chan T) {
	t.Helper()
	select {
	case v := <-c:
		require.Failf(t, "something arrived", "%T", v)
	default:
	}
}

// echo answers with what it is called with.
func echo(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	return client.InvokeResult{Args: inv.Arguments, Kwargs: inv.ArgumentsKw}
}

func timeout(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// requireReason checks that err is an Error with that reason.
func requireReason(t testing.TB, err error, reason transparency.Reason) {
	t.Helper()
	var e *transparency.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, reason)
	require.Equal(t, reason, e.Reason)
}
