package keyservice_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// served is a server of an issuer's folder, with a client that hears what it announces.
type served struct {
	*issuer
	*keyservice.Server
	client  *client.Client
	changed chan *wamp.Event
	told    *errorsOf
	settle  time.Duration
}

func newServed(t *testing.T, settle time.Duration, members ...string) *served {
	t.Helper()
	router := testrouter.Start(t)
	s := &served{issuer: newIssuer(t, members...), client: nexusClient(t, router), changed: make(chan *wamp.Event, 64), told: new(errorsOf), settle: settle}
	require.NoError(t, s.client.SubscribeChan(changedURI, s.changed, nil))
	o := quick(s.told)
	o.Settle, o.Poll = settle, settle
	s.Server = serve(t, nexusClient(t, router), s.issuer, o)
	s.hears(t)
	return s
}

// soon is to see a change at once, and slowly to see several as one, however busy the machine is.
const (
	soon   = 20 * time.Millisecond
	slowly = 200 * time.Millisecond
)

// hears waits for one announcement, and until there is no further one: where changes are seen
// slowly there has to be none.
func (s *served) hears(t *testing.T) {
	t.Helper()
	select {
	case e := <-s.changed:
		require.Empty(t, e.Arguments)
		require.Empty(t, e.ArgumentsKw)
	case <-time.After(serverPatience):
		require.Fail(t, "no change was announced")
	}
	for s.hearsMore() {
		require.Equal(t, soon, s.settle, "a change was announced once more")
	}
}

func (s *served) hearsMore() bool {
	select {
	case <-s.changed:
		return true
	case <-time.After(max(5*s.settle/2, 150*time.Millisecond)): // a change, and a look at it
		return false
	}
}

func (s *served) refuses(t *testing.T, name, end string) {
	t.Helper()
	_, err := call(t, s.client, s.get(t, name))
	requireRefused(t, err, end)
}

func (s *served) path(names ...string) string {
	return filepath.Join(append([]string{s.folder.Path()}, names...)...)
}

// TestServerAnnounces each change of the folder once, and nothing that is none.
func TestServerAnnounces(t *testing.T) {
	s := newServed(t, slowly, "shop", "desk")
	require.False(t, s.hearsMore())
	s.issue(t, "shop", "new keys") // all at once
	s.issue(t, "desk", "new keys")
	s.delegate(t, time.Now().Add(-time.Minute), time.Now().Add(time.Hour))
	s.hears(t)
	require.Equal(t, "new keys", s.asks(t, s.client, "shop").ciphertext)
	require.False(t, s.hearsMore()) // the receipt is no change

	s.keys["new"] = cryptobox.GenerateSigningKey() // one more
	s.issue(t, "new", "keys")
	s.hears(t)
	s.asks(t, s.client, "new")
	require.NoError(t, s.folder.Remove("new"))
	s.hears(t)
	s.refuses(t, "new", "not_authorized")
	require.NoError(t, os.WriteFile(s.path("members", ".shop.grant.new-123"), nil, 0o600))
	require.NoError(t, os.WriteFile(s.path("members", "README"), nil, 0o600))
	require.False(t, s.hearsMore())
	require.Empty(t, s.told.list())
	require.Equal(t, uint64(4), s.Stats().Announced)
}

// TestServerNewMember is answered before the folder's change is noticed.
func TestServerNewMember(t *testing.T) {
	is := newIssuer(t, "shop")
	router := testrouter.Start(t)
	c := nexusClient(t, router)
	serve(t, nexusClient(t, router), is, keyservice.ServeOptions{Settle: time.Hour, Poll: time.Hour})
	is.keys["new"] = cryptobox.GenerateSigningKey()
	is.issue(t, "new", "keys of new")
	is.asks(t, c, "new")
	require.NoError(t, is.folder.Remove("shop"))
	_, err := call(t, c, is.get(t, "shop"))
	requireRefused(t, err, "not_authorized")
}

// TestServerOtherCase: a disk that doesn't tell cases apart has a file for each way to write a name.
// Whoever asks for these proves nothing, and costs no memory.
func TestServerOtherCase(t *testing.T) {
	is := newIssuer(t, "shop")
	router := testrouter.Start(t)
	c := nexusClient(t, router)
	s := serve(t, nexusClient(t, router), is, keyservice.ServeOptions{Settle: time.Hour, Poll: time.Hour})
	for _, name := range []string{"SHOP", "Shop", "sHop"} {
		err := os.Link(filepath.Join(is.folder.Path(), "members", "shop.grant"), filepath.Join(is.folder.Path(), "members", name+".grant"))
		require.True(t, err == nil || errors.Is(err, fs.ErrExist), err)
		_, err = call(t, c, is.get(t, name))
		requireRefused(t, err, "not_authorized")
	}
	require.Equal(t, 1, s.Stats().Members)
}

// TestServerCopied: a folder that is copied file by file over the one that is served is served
// meanwhile, old or new.
func TestServerCopied(t *testing.T) {
	s := newServed(t, soon, "shop", "desk")
	source, err := grants.Create(filepath.Join(t.TempDir(), "source"))
	require.NoError(t, err)
	target := s.folder
	s.folder = source
	s.issue(t, "shop", "new keys")
	s.issue(t, "desk", "new keys")
	s.delegate(t, time.Now().Add(-time.Minute), time.Now().Add(time.Hour))
	for _, name := range []string{"members/desk.grant", "members/shop.grant", "fresh.key"} {
		copied(t, filepath.Join(source.Path(), name), filepath.Join(target.Path(), name))
		for _, member := range []string{"shop", "desk"} {
			v := s.asks(t, s.client, member)
			require.Contains(t, []string{"new keys", "keys of " + member}, v.ciphertext)
		}
	}
	s.hears(t)
	require.Equal(t, "new keys", s.asks(t, s.client, "shop").ciphertext)
	require.Equal(t, "new keys", s.asks(t, s.client, "desk").ciphertext)
	require.Empty(t, s.told.list())
}

// copied copies a file as rsync does: beside, in pieces, and renamed.
func copied(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	require.NoError(t, err)
	temp := filepath.Join(filepath.Dir(to), "."+filepath.Base(to)+".Ab3xYz")
	require.NoError(t, os.WriteFile(temp, text[:len(text)/2], 0o600))
	require.NoError(t, os.WriteFile(temp, text, 0o600))
	require.NoError(t, os.Rename(temp, to))
}

// TestServerFolderReplaced: another folder is put in place by a rename, and by a link, and none is
// there in between.
func TestServerFolderReplaced(t *testing.T) {
	s := newServed(t, soon, "shop")
	at := s.folder
	for i, how := range []func(from string) error{
		func(from string) error { return os.Rename(from, at.Path()) },
		func(from string) error { return os.Symlink(from, at.Path()) },
		func(from string) error {
			if err := os.Symlink(from, at.Path()+".link"); err != nil {
				return err
			}
			return os.Rename(at.Path()+".link", at.Path())
		},
	} {
		next, err := grants.Create(filepath.Join(t.TempDir(), "next"))
		require.NoError(t, err)
		s.folder = next
		keys := "keys " + string(rune('0'+i))
		s.issue(t, "shop", keys)
		s.delegate(t, time.Now().Add(-time.Minute), time.Now().Add(time.Hour))
		if i < 2 {
			require.NoError(t, os.Rename(at.Path(), at.Path()+keys))
			_, err := call(t, s.client, s.get(t, "shop"))
			requireRefused(t, err, "not_authorized")
		}
		require.NoError(t, how(next.Path()))
		s.hears(t)
		require.Equal(t, keys, s.asks(t, s.client, "shop").ciphertext)
	}
}

// TestServerUnavailable: what isn't there, isn't whole or has expired is refused as unavailable, and
// the operator is told once, with what to do; when it's there again, members are answered.
func TestServerUnavailable(t *testing.T) {
	s := newServed(t, soon, "shop", "desk")
	good, err := os.ReadFile(s.path("fresh.key"))
	require.NoError(t, err)
	other, err := grants.Create(filepath.Join(t.TempDir(), "other"))
	require.NoError(t, err)
	now := time.Now()
	fresh := func(from, until time.Time) func() {
		return func() { s.delegate(t, from, until) }
	}
	grant := func(edit func(*statement.Grant, *grants.Member)) func() {
		return func() { s.issue(t, "shop", "keys of shop", edit) }
	}
	for _, test := range []struct {
		name   string
		change func()
		says   string
		all    bool // not the one member alone
	}{
		{"no fresh key", func() { require.NoError(t, os.Remove(s.path("fresh.key"))) }, "no such file", true},
		{"half a fresh key", func() {
			require.NoError(t, os.WriteFile(s.path("half"), good[:50], 0o600)) // in one step
			require.NoError(t, os.Rename(s.path("half"), s.path("fresh.key")))
		}, "malformed", true},
		{"a fresh key that others can read", func() { require.NoError(t, os.Chmod(s.path("fresh.key"), 0o644)) }, "chmod", true},
		{"an ended delegation", fresh(now.Add(-time.Hour), now.Add(-time.Second)), "has ended at", true},
		{"a delegation ahead", fresh(now.Add(5*time.Minute), now.Add(time.Hour)), "by NTP", true},
		{"another key's delegation", func() {
			at, key := s.folder, s.fresh
			s.folder, s.fresh = other, cryptobox.GenerateSigningKey()
			fresh(now, now.Add(time.Hour))()
			d, err := other.Fresh()
			require.NoError(t, err)
			s.folder, s.fresh = at, key
			require.NoError(t, s.folder.PutFresh(grants.Fresh{Key: s.fresh, Delegation: d.Delegation}))
		}, "of another key", true},
		{"an expired grant", grant(func(g *statement.Grant, _ *grants.Member) { g.Expires = now.Add(-time.Second) }), `"shop" has expired`, false},
		{"another's grant", grant(func(g *statement.Grant, _ *grants.Member) { g.Member = "desk" }), `it is that of "desk"`, false},
		{"another ciphertext", grant(func(_ *statement.Grant, m *grants.Member) { m.Ciphertext = []byte("other") }), "don't belong together", false},
		{"another recipient", grant(func(_ *statement.Grant, m *grants.Member) { m.Recipient = "age1other" }), "don't belong together", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			told := len(s.told.list())
			test.change()
			s.hears(t)
			for range 3 {
				s.refuses(t, "shop", "unavailable")
			}
			if test.all {
				s.refuses(t, "desk", "unavailable")
			} else {
				s.asks(t, s.client, "desk")
			}
			require.Len(t, s.told.list(), told+1, "%v", s.told.list())
			err := s.Stats().LastError
			require.ErrorIs(t, err, keyservice.ErrUnavailable)
			require.ErrorContains(t, err, test.says)
			fresh(now.Add(-time.Minute), now.Add(time.Hour))()
			s.issue(t, "shop", "keys of shop")
			s.hears(t)
			s.asks(t, s.client, "shop")
			require.NoError(t, s.Stats().LastError)
		})
	}
}

// TestServerEnding: the operator is warned before the fresh key ends, and a clock that is a little
// behind the authority's doesn't matter.
func TestServerEnding(t *testing.T) {
	s := newServed(t, soon, "shop")
	s.delegate(t, time.Now().Add(-time.Hour), time.Now().Add(10*time.Minute))
	s.hears(t)
	require.Equal(t, 1, s.told.count(keyservice.ErrEnding, "issue a new one"))
	require.Len(t, s.told.list(), 1)
	s.asks(t, s.client, "shop")

	from := time.Now().Add(30 * time.Second).Truncate(time.Millisecond)
	s.delegate(t, from, from.Add(time.Hour))
	s.hears(t)
	require.True(t, s.asks(t, s.client, "shop").fresh.Equal(from))
	require.Len(t, s.told.list(), 1)
}

// TestServerOddFiles: what else lies among the grants harms nobody, and leads nowhere.
func TestServerOddFiles(t *testing.T) {
	s := newServed(t, soon, "shop", "desk", "pipe", "linked", "away", "self", "folder", "huge", "garbage", "zero")
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("attack at dawn"), 0o600))
	odd := map[string]func(path string) error{
		"pipe":    pipe,
		"linked":  func(path string) error { return os.Symlink("desk.grant", path) },
		"away":    func(path string) error { return os.Symlink(secret, path) },
		"self":    func(path string) error { return os.Symlink(path, path) },
		"folder":  func(path string) error { return os.Mkdir(path, 0o700) },
		"garbage": func(path string) error { return os.WriteFile(path, []byte("attack at dawn"), 0o600) },
		"zero":    func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"huge": func(path string) error {
			f, err := os.Create(path)
			if err == nil {
				err = f.Truncate(1 << 40)
			}
			return err
		},
	}
	for name, make := range odd {
		require.NoError(t, os.Remove(s.path("members", name+".grant")))
		require.NoError(t, make(s.path("members", name+".grant")))
	}
	for _, name := range []string{"..grant", ".grant", "a b.grant", "*.grant", "new\nline.grant", "\xff.grant", "shop.grant~"} {
		require.NoError(t, os.WriteFile(s.path("members", name), []byte("x"), 0o600))
	}
	s.hears(t)
	for name := range odd {
		_, err := call(t, s.client, s.get(t, name))
		requireRefused(t, err, "not_authorized")
	}
	s.asks(t, s.client, "shop")
	s.asks(t, s.client, "desk")
	require.Equal(t, 10, s.Stats().Members)
	for _, err := range s.told.list() {
		require.ErrorIs(t, err, keyservice.ErrUnavailable)
		require.NotContains(t, err.Error(), "attack")
		require.NotContains(t, err.Error(), "\n")
	}
	require.Len(t, s.told.list(), len(odd)-1, "each once but for the one that is a member's: %v", s.told.list())
}

// TestServerReconnects: a session that is lost and back is served on, and what has changed in
// between is announced then.
func TestServerReconnects(t *testing.T) {
	router := testrouter.Start(t)
	tap := proxy.Start(t, router.WebSocketURL())
	is := newIssuer(t, "shop")
	back := make(chan struct{}, 8)
	proceed := make(chan struct{})
	session, err := transparency.ConnectNet(t.Context(), tap.URL(), client.Config{Realm: "realm1"}, keyring.New(), transparency.WithReconnect(transparency.ReconnectPolicy{
		Min: time.Millisecond, Max: 10 * time.Millisecond,
		OnDisconnect: func(error) { <-proceed },
		OnReconnect:  func() { back <- struct{}{} },
	}))
	require.NoError(t, err)
	defer session.Close()
	var told errorsOf
	s := serve(t, session, is, quick(&told))
	c := nexusClient(t, router)
	changed := make(chan *wamp.Event, 8)
	require.NoError(t, c.SubscribeChan(changedURI, changed, nil))
	is.asks(t, c, "shop")
	require.Eventually(t, func() bool { return s.Stats().Announced == 1 }, serverPatience, time.Millisecond)

	tap.Conns()[0].Close()
	require.Eventually(t, func() bool { return !session.Connected() }, serverPatience, time.Millisecond)
	is.issue(t, "shop", "new keys")
	time.Sleep(500 * time.Millisecond)
	require.Equal(t, uint64(1), s.Stats().Announced, "there is no connection")
	close(proceed)
	<-back
	<-changed
	require.Equal(t, "new keys", is.asks(t, c, "shop").ciphertext)
	require.NoError(t, s.Close())
	require.Empty(t, told.list())
}

// TestServerUnreachedRouter: a router that reads nothing doesn't keep Close.
func TestServerUnreachedRouter(t *testing.T) {
	router := testrouter.Start(t)
	tap := proxy.Start(t, router.RawSocketURL(), proxy.Hostile(proxy.Passthru))
	is := newIssuer(t, "shop")
	session, err := transparency.ConnectNet(t.Context(), tap.URL(), client.Config{Realm: "realm1", ResponseTimeout: time.Second}, keyring.New())
	require.NoError(t, err)
	defer session.Close()
	s := serve(t, session, is, keyservice.ServeOptions{})
	is.asks(t, nexusClient(t, router), "shop")
	tap.On(proxy.Up, func(*proxy.Message, func(...*proxy.Message)) {})
	begun := time.Now()
	require.Error(t, s.Close(), "nothing answers it")
	require.Less(t, time.Since(begun), serverPatience)
}
