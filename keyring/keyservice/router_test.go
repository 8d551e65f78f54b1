package keyservice_test

import (
	"errors"
	"io"
	"log"
	"net"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// service is a real authority, its folder of grants and a real server, on a real router.
type service struct {
	t       *testing.T
	a       *authority.Authority
	folder  *grants.Folder
	router  *testrouter.Router
	revoked []string // who is refused from now on
}

func newService(t *testing.T) *service {
	a, err := authority.Init(join(t, "authority"), authority.Options{})
	require.NoError(t, err)
	t.Cleanup(a.Close)
	dir := join(t, "grants")
	folder, err := grants.Create(dir)
	require.NoError(t, err)
	s := &service{t: t, a: a, folder: folder, router: testrouter.Start(t)}
	s.issue()
	server, err := keyservice.Serve(t.Context(), nexusClient(t, s.router), dir, keyservice.ServeOptions{Settle: 10 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return s
}

func (s *service) issue() {
	s.t.Helper()
	_, err := s.a.Issue(s.folder, authority.IssueOptions{})
	require.NoError(s.t, err)
}

// enrols makes a member.
func (s *service) enrols(name string) *keyservice.Identity {
	me := newIdentity(s.t, name, false)
	require.NoError(s.t, s.a.Enrol(enrolment(s.t, me)))
	return me
}

func (s *service) config(me *keyservice.Identity) keyservice.Config {
	return keyservice.Config{Identity: me, Authorities: []cryptobox.VerifyKey{s.a.Key()}, OnError: func(err error) {
		if !slices.Contains(s.revoked, me.Name()) || !errors.Is(err, keyservice.ErrRefused) {
			s.t.Error(err)
		}
	}}
}

// joins watches with a ring of its own and a Session that has it.
func (s *service) joins(me *keyservice.Identity, url string, cfg client.Config) (*keyservice.Watcher, *transparency.Session, *keyring.Ring) {
	s.t.Helper()
	ring := keyring.New()
	cfg.Realm, cfg.Logger = "realm1", log.New(io.Discard, "", 0)
	session, err := transparency.ConnectNet(s.t.Context(), url, cfg, ring)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = session.Close() })
	w, err := keyservice.Watch(s.t.Context(), session, ring, s.config(me))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, w.Close()) })
	return w, session, ring
}

// TestThroughARouter: two members get keys through the router that they use them on, with each
// transport and serializer, exchange sealed and signed events, and see a change soon.
func TestThroughARouter(t *testing.T) {
	s := newService(t)
	for _, by := range []struct {
		name, url string
		cfg       client.Config
	}{
		{"websocket.json", s.router.WebSocketURL(), client.Config{Serialization: client.JSON}},
		{"websocket.msgpack", s.router.WebSocketURL(), client.Config{Serialization: client.MSGPACK}},
		{"websocket.cbor", s.router.WebSocketURL(), client.Config{Serialization: client.CBOR}},
		{"rawsocket.json", s.router.RawSocketURL(), client.Config{Serialization: client.JSON}},
		{"rawsocket.cbor", s.router.RawSocketURL(), client.Config{Serialization: client.CBOR}},
	} {
		t.Run(by.name, func(t *testing.T) {
			s := &service{t: t, a: s.a, folder: s.folder, router: s.router}
			p, topic := keyring.Prefix(by.name+"."), by.name+".hello"
			shop, desk := s.enrols("shop-"+by.name), s.enrols("desk-"+by.name)
			require.NoError(t, s.a.Grant(authority.GrantOptions{Suite: cryptobox.SuiteSigned},
				authority.Granting{Member: shop.Name(), Pattern: p, As: authority.Sender}, authority.Granting{Member: desk.Name(), Pattern: p, As: authority.Reader}))
			s.issue()
			w, shops, _ := s.joins(shop, by.url, by.cfg)
			reading, desks, _ := s.joins(desk, by.url, by.cfg)
			events := make(chan *wamp.Event, 1)
			require.NoError(t, desks.SubscribeChan(topic, events, nil))
			require.NoError(t, shops.Publish(topic, nil, wamp.List{"Hello"}, nil))
			select {
			case e := <-events:
				require.Equal(t, wamp.List{"Hello"}, e.Arguments)
			case <-time.After(10 * time.Second):
				t.Fatal("no event")
			}

			before := [2]uint64{w.Stats().Serial, reading.Stats().Serial}
			s.issue()
			require.Eventually(t, func() bool {
				return w.Stats().Serial > before[0] && reading.Stats().Serial > before[1]
			}, 15*time.Second, 10*time.Millisecond, "it was told that something has changed")
			require.Eventually(t, func() bool {
				receipts, err := s.folder.Receipts(shop.Name())
				return err == nil && len(receipts) > 0
			}, 10*time.Second, 10*time.Millisecond)
		})
	}
}

// TestOtherClients: nexus's own client, and one that is wrapped.
func TestOtherClients(t *testing.T) {
	s := newService(t)
	p := keyring.Prefix("com.myapp.")
	me := s.enrols("shop")
	require.NoError(t, s.a.Grant(authority.GrantOptions{}, authority.Granting{Member: "shop", Pattern: p, As: authority.Both}))
	s.issue()
	ring := keyring.New()
	wrapped, err := transparency.Wrap(nexusClient(t, s.router), "realm1", ring)
	require.NoError(t, err)
	for name, session := range map[string]transparency.Client{"nexus": nexusClient(t, s.router), "wrapped": wrapped} {
		t.Run(name, func(t *testing.T) {
			if name == "nexus" {
				ring = keyring.New()
			}
			w, err := keyservice.Watch(t.Context(), session, ring, s.config(me))
			require.NoError(t, err)
			require.NoError(t, w.Fetch(t.Context()))
			require.NotEmpty(t, idOf(ring))
			require.NoError(t, w.Close())
			file, err := keyservice.Fetch(t.Context(), session, s.config(me))
			require.NoError(t, err)
			require.Len(t, file.Entries, 1)
		})
	}
}

// counted counts the bytes of a connection.
type counted struct {
	net.Conn
	bytes *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.bytes.Add(int64(n))
	return n, err
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.bytes.Add(int64(n))
	return n, err
}

// TestCostOfAFetch measures what goes over a connection where nothing has changed.
func TestCostOfAFetch(t *testing.T) {
	s := newService(t)
	me := s.enrols("shop")
	require.NoError(t, s.a.Grant(authority.GrantOptions{}, authority.Granting{Member: "shop", Pattern: app, As: authority.Both}))
	s.issue()
	var bytes atomic.Int64
	w, _, _ := s.joins(me, s.router.WebSocketURL(), client.Config{
		Serialization: client.CBOR,
		WsCfg: transport.WebsocketConfig{Dial: func(network, address string) (net.Conn, error) {
			conn, err := net.Dial(network, address)
			return counted{conn, &bytes}, err
		}},
	})
	time.Sleep(3 * time.Second) // what follows the first grant is over

	const gets = 4
	bytes.Store(0)
	for range gets {
		require.NoError(t, w.Fetch(t.Context()))
	}
	each := bytes.Load() / gets
	t.Logf("a fetch: %d bytes both ways; every %v: %d bytes an hour", each, keyservice.DefaultEvery, each*int64(time.Hour/keyservice.DefaultEvery))
	require.Less(t, each, int64(1500))
}

// TestCostOfWatching measures goroutines, and the memory of one beside its Ring, while nothing
// changes.
func TestCostOfWatching(t *testing.T) {
	w := newWorld(t)
	w.issue("one")
	const watchers = 100
	all := make([]*keyservice.Watcher, watchers)
	rings := make([]*keyring.Ring, watchers)
	for i := range rings {
		rings[i] = keyring.New()
	}
	memory, goroutines := inUse(), runtime.NumGoroutine()
	for i := range all {
		var err error
		all[i], err = keyservice.Watch(t.Context(), w.c, rings[i], w.config())
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { calls, _ := w.c.Counts(); return calls >= 2*watchers }, 10*time.Second, 10*time.Millisecond)
	time.Sleep(100 * time.Millisecond)
	memory, goroutines = (inUse()-memory)/watchers, runtime.NumGoroutine()-goroutines
	t.Logf("a Watcher: %.2f goroutines, %d bytes", float64(goroutines)/watchers, memory)
	require.Equal(t, 2*watchers, goroutines)
	require.Less(t, memory, int64(64<<10))
	for _, one := range all {
		require.NoError(t, one.Close())
	}
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// TestRecipientChangesAtTheAuthority: what a member asks for is taken in by collect, and the next
// issue encrypts to it, again and again; what it had before is erased.
func TestRecipientChangesAtTheAuthority(t *testing.T) {
	s := newService(t)
	path := join(t, "shop.identity")
	require.NoError(t, s.enrols("shop").Save(path))
	require.NoError(t, s.a.Grant(authority.GrantOptions{}, authority.Granting{Member: "shop", Pattern: app, As: authority.Both}))
	s.issue()
	me := loaded(t, path)
	ring := keyring.New()
	cfg := s.config(me)
	cfg.Cache, cfg.ChangeRecipient = join(t, "shop.cache"), true
	w, err := keyservice.Watch(t.Context(), nexusClient(t, s.router), ring, cfg)
	require.NoError(t, err)
	defer w.Close()
	for range 3 {
		before := me.Recipient()
		require.Eventually(t, func() bool {
			if len(recipientsIn(t, path)) < 2 {
				return false
			}
			_, err := s.a.Collect(s.folder)
			require.NoError(t, err)
			s.issue()
			require.NoError(t, w.Fetch(t.Context()))
			return me.Recipient() != before
		}, 30*time.Second, time.Second)
		require.NotContains(t, recipientsIn(t, path), before)
	}
}
