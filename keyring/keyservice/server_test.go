package keyservice_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// joins are the clients that a server can be given, over each serializer.
func joins(t *testing.T, router *testrouter.Router, serialization serialize.Serialization) map[string]transparency.Client {
	t.Helper()
	cfg := client.Config{Realm: "realm1", Serialization: serialization}
	session, err := transparency.ConnectNet(t.Context(), router.WebSocketURL(), cfg, keyring.New())
	require.NoError(t, err)
	own, err := client.ConnectNet(t.Context(), router.WebSocketURL(), cfg)
	require.NoError(t, err)
	wrapped, err := client.ConnectNet(t.Context(), router.WebSocketURL(), cfg)
	require.NoError(t, err)
	wrap, err := transparency.Wrap(wrapped, "realm1", keyring.New())
	require.NoError(t, err)
	all := map[string]transparency.Client{"Session": session, "nexus": own, "Wrap": wrap}
	t.Cleanup(func() {
		for _, c := range all {
			_ = c.Close()
		}
	})
	return all
}

// TestServe: a get is answered with what verifies, whatever client serves it, and the next one of
// who has it all without the ciphertext.
func TestServe(t *testing.T) {
	router := testrouter.Start(t)
	long := make([]byte, statement.MaxCiphertext)
	_, _ = rand.Read(long)
	is := newIssuer(t, "shop", "desk")
	is.issue(t, "desk", string(long))
	for name, serialization := range map[string]serialize.Serialization{"json": client.JSON, "msgpack": client.MSGPACK, "cbor": client.CBOR} {
		for kind, session := range joins(t, router, serialization) {
			t.Run(kind+" "+name, func(t *testing.T) {
				s := serve(t, session, is, keyservice.ServeOptions{})
				member := nexusClient(t, router)
				v := is.asks(t, member, "shop")
				require.Equal(t, "keys of shop", v.ciphertext)
				require.WithinDuration(t, time.Now(), v.fresh, time.Second)
				again := is.asks(t, member, "shop", func(g *statement.Get) { g.Serial, g.Ciphertext = v.Serial, v.Ciphertext })
				require.Equal(t, v.Grant, again.Grant)
				require.Empty(t, again.ciphertext)
				require.True(t, is.asks(t, member, "desk").ciphertext == string(long))
				stats := s.Stats()
				require.Equal(t, uint64(3), stats.Answered)
				require.Equal(t, uint64(len(long)+len("keys of shop")), stats.Bytes)
				require.Equal(t, 2, stats.Members)
				require.NoError(t, stats.LastError)
				require.NoError(t, s.Close())
				require.NoError(t, s.Close())
				_, err := call(t, member, is.get(t, "shop"))
				require.ErrorContains(t, err, string(wamp.ErrNoSuchProcedure))
			})
		}
	}
}

// TestServeOptions: what makes no sense is refused, and so is a folder that isn't one.
func TestServeOptions(t *testing.T) {
	router := testrouter.Start(t)
	c := nexusClient(t, router)
	is := newIssuer(t, "shop")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, test := range []struct {
		name, dir string
		session   transparency.Client
		o         keyservice.ServeOptions
		is        error
	}{
		{"no session", is.folder.Path(), nil, keyservice.ServeOptions{}, keyservice.ErrConfig},
		{"prefix without a dot", is.folder.Path(), c, keyservice.ServeOptions{Prefix: "com"}, keyservice.ErrConfig},
		{"prefix that is no URI", is.folder.Path(), c, keyservice.ServeOptions{Prefix: "com .a."}, keyservice.ErrConfig},
		{"empty component", is.folder.Path(), c, keyservice.ServeOptions{Prefix: "com.."}, keyservice.ErrConfig},
		{"negative", is.folder.Path(), c, keyservice.ServeOptions{Poll: -1}, keyservice.ErrConfig},
		{"unknown policy", is.folder.Path(), c, keyservice.ServeOptions{Invoke: "best"}, keyservice.ErrConfig},
		{"no folder", filepath.Join(file, "x"), c, keyservice.ServeOptions{}, keyservice.ErrServe},
		{"not there", file + "x", c, keyservice.ServeOptions{}, os.ErrNotExist},
		{"a file", file, c, keyservice.ServeOptions{}, keyservice.ErrServe},
		{"another folder", filepath.Dir(file), c, keyservice.ServeOptions{}, grants.ErrFolder},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := keyservice.Serve(t.Context(), test.session, test.dir, test.o)
			if err == nil {
				_ = s.Close()
			}
			require.ErrorIs(t, err, test.is)
			var typed *keyservice.Error
			require.ErrorAs(t, err, &typed)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := call(t, c, is.get(t, "shop"))
	require.ErrorContains(t, err, string(wamp.ErrNoSuchProcedure))
}

// TestServePrefix: all URIs begin with the one that is configured.
func TestServePrefix(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop")
	c := nexusClient(t, router)
	changes := make(chan *wamp.Event, 8)
	require.NoError(t, c.SubscribeChan("org.keys.keyring.changed", changes, nil))
	serve(t, nexusClient(t, router), is, keyservice.ServeOptions{Prefix: "org.keys."})
	<-changes
	get := is.get(t, "shop")
	result, err := c.Call(t.Context(), "org.keys.keyring.get", nil, wamp.List{get}, nil, nil)
	require.NoError(t, err)
	is.verify(t, get, result.Arguments[0])
	_, err = c.Call(t.Context(), "org.keys.keyring.get", nil, nil, nil, nil)
	require.ErrorContains(t, err, "org.keys.keyring.error.malformed")
	_, err = call(t, c, get)
	require.ErrorContains(t, err, string(wamp.ErrNoSuchProcedure))
}

// TestServers: several share a realm, whichever copy of the folder they have; one that says another
// way to share is told so.
func TestServers(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop")
	var all []*keyservice.Server
	for range 3 {
		all = append(all, serve(t, nexusClient(t, router), is, keyservice.ServeOptions{}))
	}
	_, err := keyservice.Serve(t.Context(), nexusClient(t, router), is.folder.Path(), keyservice.ServeOptions{Invoke: "single"})
	require.ErrorIs(t, err, keyservice.ErrServe)
	require.ErrorContains(t, err, "have to say the same")
	c := nexusClient(t, router)
	for range 9 {
		is.asks(t, c, "shop")
	}
	for _, s := range all {
		require.Equal(t, uint64(3), s.Stats().Answered)
	}
	require.NoError(t, all[0].Close())
	for range 4 {
		is.asks(t, c, "shop")
	}
	require.Equal(t, uint64(5), all[2].Stats().Answered)
}

// unshared is a session at a router that doesn't announce shared registrations.
type unshared struct {
	transparency.Client
	options wamp.Dict
}

func (*unshared) HasFeature(string, string) bool { return false }
func (u *unshared) Register(uri string, fn client.InvocationHandler, options wamp.Dict) error {
	u.options = options
	return u.Client.Register(uri, fn, options)
}

// TestServersUnshared: where the router doesn't share, one server works and another is refused.
func TestServersUnshared(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop")
	first := &unshared{Client: nexusClient(t, router)}
	serve(t, first, is, keyservice.ServeOptions{})
	require.NotContains(t, first.options, wamp.OptInvoke)
	_, err := keyservice.Serve(t.Context(), &unshared{Client: nexusClient(t, router)}, is.folder.Path(), keyservice.ServeOptions{})
	require.ErrorIs(t, err, keyservice.ErrServe)
	require.ErrorContains(t, err, "run one server on a realm")
	is.asks(t, nexusClient(t, router), "shop")
}

// TestServeReceipts: what a member says that it holds is written down, once a minute and grant, and
// as much as the folder keeps.
func TestServeReceipts(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop", "desk")
	s := serve(t, nexusClient(t, router), is, keyservice.ServeOptions{})
	c := nexusClient(t, router)
	holding := func(serial uint64, next string) []byte {
		return is.get(t, "shop", func(g *statement.Get) { g.Serial, g.NextRecipient = serial, next })
	}
	written := func(n uint64) {
		t.Helper()
		require.Eventually(t, func() bool { return s.Stats().Receipts >= n }, serverPatience, time.Millisecond)
		time.Sleep(20 * time.Millisecond)
		require.Equal(t, n, s.Stats().Receipts)
	}
	ask := func(get []byte) {
		t.Helper()
		_, err := call(t, c, get)
		require.NoError(t, err)
	}
	before := time.Now().Truncate(time.Millisecond)
	first := holding(7, "")
	for range 5 {
		ask(first)
		ask(holding(7, ""))
	}
	written(1)
	receipts, err := is.folder.Receipts("shop")
	require.NoError(t, err)
	require.Len(t, receipts, 1)
	require.Equal(t, first, receipts[0].Get)
	require.False(t, receipts[0].At.Before(before))

	next := holding(7, "age1next")
	ask(next)
	written(2) // another recipient is asked for: at once
	receipts, err = is.folder.Receipts("shop")
	require.NoError(t, err)
	require.Equal(t, next, receipts[0].Get)

	for serial := range uint64(20) {
		ask(holding(100+serial, ""))
	}
	written(22)
	ask(holding(7, "")) // one that the folder wouldn't keep
	ask(holding(110, ""))
	written(22)
	receipts, err = is.folder.Receipts("shop")
	require.NoError(t, err)
	require.Len(t, receipts, grants.MaxReceipts)
	none, err := is.folder.Receipts("desk")
	require.NoError(t, err)
	require.Empty(t, none)

	_, err = call(t, c, is.get(t, "stranger"))
	requireRefused(t, err, "not_authorized")
	_, err = os.Stat(filepath.Join(is.folder.Path(), "receipts", "stranger"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestServeReceiptsAtTheEnd: those that wait are written before Close is back.
func TestServeReceiptsAtTheEnd(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop", "desk")
	s := serve(t, nexusClient(t, router), is, keyservice.ServeOptions{})
	c := nexusClient(t, router)
	for i := range uint64(10) {
		is.asks(t, c, "shop", func(g *statement.Get) { g.Serial = i })
	}
	require.NoError(t, s.Close())
	receipts, err := is.folder.Receipts("shop")
	require.NoError(t, err)
	require.Len(t, receipts, 10)
}

// TestServeReadOnly: where no receipt can be kept, members are answered and the operator is told
// once.
func TestServeReadOnly(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop")
	require.NoError(t, os.Remove(filepath.Join(is.folder.Path(), "receipts")))
	require.NoError(t, os.WriteFile(filepath.Join(is.folder.Path(), "receipts"), nil, 0o600))
	var told errorsOf
	s := serve(t, nexusClient(t, router), is, quick(&told))
	c := nexusClient(t, router)
	for range 5 {
		is.asks(t, c, "shop")
	}
	require.Eventually(t, func() bool { return told.count(keyservice.ErrReceipts, "") == 1 }, serverPatience, time.Millisecond)
	is.asks(t, c, "shop")
	require.NoError(t, s.Close())
	require.Len(t, told.list(), 1)
	require.Zero(t, s.Stats().Receipts)
	require.ErrorIs(t, s.Stats().LastError, keyservice.ErrReceipts)
}

// TestServeEnds with its context, its session, and by Close while it answers.
func TestServeEnds(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop")
	c := nexusClient(t, router)
	t.Run("context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := keyservice.Serve(ctx, nexusClient(t, router), is.folder.Path(), keyservice.ServeOptions{})
		require.NoError(t, err)
		is.asks(t, c, "shop")
		cancel()
		<-s.Done()
		_, err = call(t, c, is.get(t, "shop"))
		require.ErrorContains(t, err, string(wamp.ErrNoSuchProcedure))
		require.NoError(t, s.Close())
	})
	t.Run("session", func(t *testing.T) {
		var told errorsOf
		session := nexusClient(t, router)
		s := serve(t, session, is, quick(&told))
		require.Eventually(t, func() bool { return s.Stats().Announced == 1 }, serverPatience, time.Millisecond)
		require.NoError(t, session.Close())
		<-s.Done()
		require.Equal(t, 1, told.count(keyservice.ErrUnreachable, "its session has ended"))
		require.NoError(t, s.Close())
	})
	t.Run("while it answers", func(t *testing.T) {
		s := serve(t, nexusClient(t, router), is, keyservice.ServeOptions{})
		ended := make(chan error)
		go func() {
			var err error
			for err == nil {
				_, err = call(t, c, is.get(t, "shop"))
			}
			ended <- err
		}()
		require.Eventually(t, func() bool { return s.Stats().Answered > 3 }, serverPatience, time.Millisecond)
		require.NoError(t, s.Close())
		err := <-ended
		crossed := strings.Contains(err.Error(), string(wamp.ErrInvalidArgument)) // UNREGISTER: the client answers, as it knows no handler
		if !crossed && !strings.Contains(err.Error(), string(wamp.ErrNoSuchProcedure)) && !strings.Contains(err.Error(), "busy") {
			requireRefused(t, err, "unavailable")
		}
		require.NoError(t, s.Close())
	})
}

// TestServeSecrets: neither logs nor errors nor what is printed have a key.
func TestServeSecrets(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop")
	log := new(logged)
	var told errorsOf
	o := quick(&told)
	o.Logger = log.logger()
	s := serve(t, nexusClient(t, router), is, o)
	c := nexusClient(t, router)
	is.asks(t, c, "shop", func(g *statement.Get) { g.Serial = 7 })
	_, err := call(t, c, "x")
	requireRefused(t, err, "malformed")
	is.fresh = cryptobox.GenerateSigningKey()
	require.NoError(t, os.WriteFile(filepath.Join(is.folder.Path(), "fresh.key"), is.fresh.UnsafeBytes(), 0o600))
	_, err = call(t, c, is.get(t, "shop"))
	requireRefused(t, err, "unavailable")
	text := log.String() + fmt.Sprint(told.list(), s.Stats())
	require.Contains(t, text, "msg=\"get answered\" member=shop held=7 serial=")
	require.Contains(t, text, "msg=\"get refused\" why=\"the argument isn't a get\"")
	require.NotContains(t, text, fmt.Sprintf("%x", is.fresh.UnsafeBytes()[:4]))
	require.NotContains(t, text, string(is.fresh.UnsafeBytes()[:4]))
}
