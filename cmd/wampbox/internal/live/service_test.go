package live_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// operated is an authority with its folder of grants, and members' identity files.
type operated struct {
	dir    string
	key    string
	folder *grants.Folder
}

// operate makes an authority of which two members hold a pattern: shop sends, desk takes in.
func operate(t testing.TB, suite cryptobox.Suite) *operated {
	t.Helper()
	o := &operated{dir: t.TempDir()}
	var err error
	o.folder, err = grants.Create(o.path("grants"))
	require.NoError(t, err)
	a, err := authority.Init(o.path("authority"), authority.Options{})
	require.NoError(t, err)
	defer a.Close()
	o.key = a.Key().String()
	for name, as := range map[string]authority.As{"shop": authority.Originator, "desk": authority.Responder} {
		me, err := keyservice.GenerateIdentity(name, false)
		require.NoError(t, err)
		require.NoError(t, me.Save(o.path(name)))
		e, err := me.Enrolment()
		require.NoError(t, err)
		require.NoError(t, a.Enrol(e))
		require.NoError(t, a.Grant(authority.GrantOptions{Suite: suite}, authority.Granting{Member: name, Pattern: keyring.Prefix(prefix), As: as}))
	}
	_, err = a.Issue(o.folder, authority.IssueOptions{})
	require.NoError(t, err)
	return o
}

func (o *operated) path(name string) string { return filepath.Join(o.dir, name) }

// change changes the authority, and issues.
func (o *operated) change(t testing.TB, change func(*authority.Authority)) {
	t.Helper()
	a, err := authority.Open(o.path("authority"), authority.Options{})
	require.NoError(t, err)
	defer a.Close()
	change(a)
	_, err = a.Issue(o.folder, authority.IssueOptions{})
	require.NoError(t, err)
}

// as gives the flags of a member.
func (o *operated) as(url, member string) []string {
	return []string{"-router", url, "-realm", realm, "-member", o.path(member), "-authority", o.key}
}

// serves starts a server. stop interrupts it, and requires a good end; the test's end does too.
func (o *operated) serves(t testing.TB, url string) (s *run, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s = new(run).start(ctx, "serve", "-router", url, "-realm", realm, "-dir", o.folder.Path())
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, s.wait(t))
	})
	t.Cleanup(stop)
	s.says(t, "serving the grants of 2 members from "+o.folder.Path()+"\n")
	return s, stop
}

// TestService: sub, pub and call get their keys from a server, and sub is brought new ones.
func TestService(t *testing.T) {
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteSigned} {
		t.Run(suite.String(), func(t *testing.T) {
			router := testrouter.Start(t)
			o := operate(t, suite)
			url := router.WebSocketURL()
			server, stop := o.serves(t, url)
			sub := new(run).start(t.Context(), with("sub", o.as(url, "desk"), "-n", "2", prefix)...)
			sub.says(t, "keys of desk by grant ")
			sub.says(t, "subscribed to")
			pub := fine(t, with("pub", append(o.as(url, "shop"), "-cache", o.path("shop.cache")), "-json", prefix+"x", `"one"`)...)
			require.Equal(t, true, pub.lines(t)[0]["sealed"])
			server.says(t, "get answered member=shop held=0 serial=")

			o.change(t, func(a *authority.Authority) {
				_, err := a.Rotate(keyring.Prefix(prefix), authority.Rotation{Activate: time.Now().Add(time.Hour), Retire: time.Now().Add(2 * time.Hour)})
				require.NoError(t, err)
			})
			sub.says(t, "the key service has brought new keys: changed prefix \"com.myapp.sealed.\" (opens ")
			fine(t, with("pub", append(o.as(url, "shop"), "-cache", o.path("shop.cache")), prefix+"x", `"two"`)...)
			require.NoError(t, sub.wait(t))
			require.Equal(t, []any{"one"}, sub.lines(t)[0]["args"])
			require.Equal(t, []any{"two"}, sub.lines(t)[1]["args"])

			callee := new(run).start(t.Context(), with("fetch", o.as(url, "desk"), "-o", o.path("desk.json"))...)
			require.NoError(t, callee.wait(t))
			session := join(t, url, o.path("desk.json"))
			require.NoError(t, session.Register(prefix+"add", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
				return client.InvokeResult{Args: inv.Arguments}
			}, nil))
			require.Equal(t, "5\n", fine(t, with("call", o.as(url, "shop"), prefix+"add", "5")...).out.String())
			stop()
			require.Regexp(t, `\nanswered \d+ gets\n$`, server.err.String())
			require.NotContains(t, server.err.String(), "ed25519")
		})
	}
}

// TestServiceFlags: keys are of one place, and what goes with it is there.
func TestServiceFlags(t *testing.T) {
	o := operate(t, cryptobox.SuiteBox)
	at := []string{"-router", "ws://127.0.0.1:1/ws", "-realm", realm}
	for _, test := range []struct {
		name string
		args []string
		says string
	}{
		{"neither", nil, "the keys are missing: give -keyring FILE"},
		{"both", []string{"-keyring", "x", "-member", "y"}, "not both"},
		{"no authority", []string{"-member", o.path("shop")}, "the authority's key is missing"},
		{"no key", []string{"-member", o.path("shop"), "-authority", "hunter2"}, "-authority is no verify key"},
		{"no dot", []string{"-member", o.path("shop"), "-authority", o.key, "-prefix", "com"}, "-prefix has to end with a dot"},
		{"authority of a file", []string{"-keyring", "x", "-authority", o.key}, "-authority is for keys from a key service"},
		{"cache of a file", []string{"-keyring", "x", "-cache", "y"}, "-cache is for keys from a key service"},
		{"prefix of a file", []string{"-keyring", "x", "-prefix", "y."}, "-prefix is for keys from a key service"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, command := range []string{"sub", "pub", "call"} {
				_, err := tool(t, append(append([]string{command}, append(at, test.args...)...), prefix+"x")...)
				require.ErrorIs(t, err, errUsage)
				require.ErrorContains(t, err, test.says)
				require.NotContains(t, err.Error(), "hunter2")
			}
		})
	}
	_, err := tool(t, append(append([]string{"sub"}, at...), "-member", o.path("authority"), "-authority", o.key, prefix)...)
	require.Error(t, err)
	_, err = tool(t, append(append([]string{"sub"}, at...), "-member", o.path("none"), "-authority", o.key, prefix)...)
	require.ErrorIs(t, err, os.ErrNotExist)
	for _, command := range []string{"serve", "fetch"} {
		_, err := tool(t, append(append([]string{command}, at...), "-prefix", "com")...)
		require.ErrorIs(t, err, errUsage)
		_, err = tool(t, append(append([]string{command}, at...), "hunter2")...)
		require.ErrorIs(t, err, errUsage)
	}
}

// TestServiceByEnvironment: variables stand in for the flags, several authorities in one.
func TestServiceByEnvironment(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteBox)
	o.serves(t, router.WebSocketURL())
	t.Setenv("WAMPBOX_ROUTER", router.WebSocketURL())
	t.Setenv("WAMPBOX_REALM", realm)
	t.Setenv("WAMPBOX_MEMBER", o.path("shop"))
	t.Setenv("WAMPBOX_AUTHORITY", cryptobox.GenerateSigningKey().Public().String()+" "+o.key)
	t.Setenv("WAMPBOX_CACHE", o.path("cache"))
	require.Contains(t, fine(t, "pub", prefix+"x").err.String(), "keys of shop by grant ")
	require.FileExists(t, o.path("cache"))
	fine(t, "fetch", "-o", o.path("shop.json"))
	t.Setenv("WAMPBOX_MEMBER", "")
	fine(t, "pub", "-keyring", o.path("shop.json"), prefix+"x") // the other variables are of no use then
}

// TestSubWaitsForTheServer, and tells what it waits for.
func TestSubWaitsForTheServer(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteBox)
	url := router.WebSocketURL()
	sub := new(run).start(t.Context(), with("sub", o.as(url, "desk"), "-n", "1", prefix)...)
	sub.says(t, "no server has registered")
	o.serves(t, url)
	sub.says(t, "subscribed to")
	fine(t, with("pub", o.as(url, "shop"), prefix+"x")...)
	require.NoError(t, sub.wait(t))

	half := new(run).start(t.Context(), with("sub", o.as(url, "shop"), prefix)...)
	err := half.wait(t)
	require.ErrorIs(t, err, transparency.WrongRole)
	require.ErrorContains(t, err, "the grant of shop can open nothing of")
	require.ErrorContains(t, err, "have the operator grant it")
}

// TestServeReconnects, and goes on when the router is back.
func TestServeReconnects(t *testing.T) {
	router := testrouter.Start(t)
	tap := proxy.Start(t, router.WebSocketURL())
	o := operate(t, cryptobox.SuiteBox)
	server, _ := o.serves(t, tap.URL())
	fine(t, with("pub", o.as(router.WebSocketURL(), "shop"), prefix+"x")...)
	tap.Conns()[0].Close()
	server.says(t, "connection to the router ended")
	server.says(t, "connected again")
	fine(t, with("pub", o.as(router.WebSocketURL(), "shop"), prefix+"x")...)
}

// TestServeTells the operator what it refuses, and what has to be looked after.
func TestServeTells(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteBox)
	url := router.WebSocketURL()
	server, _ := o.serves(t, url)
	plain, err := client.ConnectNet(t.Context(), url, client.Config{Realm: realm})
	require.NoError(t, err)
	_, err = plain.Call(t.Context(), "wampbox.keyring.get", nil, wamp.List{"x"}, nil, nil)
	require.Error(t, err)
	require.NoError(t, plain.Close())
	server.says(t, "get refused why=\"the argument isn't a get\"\n")
	require.NoError(t, os.Remove(filepath.Join(o.folder.Path(), "fresh.key")))
	server.says(t, "gets are refused: the fresh key: open ")
	pub := new(run).start(t.Context(), with("fetch", o.as(url, "shop"), "-o", o.path("shop.json"))...)
	err = pub.wait(t)
	require.ErrorIs(t, err, keyservice.ErrRefused)
	require.ErrorContains(t, err, "the operator has to issue")
	require.NoFileExists(t, o.path("shop.json"))

	_, err = tool(t, "serve", "-router", url, "-realm", realm, "-dir", o.dir)
	require.ErrorIs(t, err, grants.ErrFolder)
	_, err = tool(t, "serve", "-router", url, "-realm", realm, "-dir", o.folder.Path(), "-invoke", "first")
	require.ErrorContains(t, err, "have to say the same")
}

// TestFetch writes what a keyring file's readers take, its owner's alone, over what it wrote before
// and over nothing else.
func TestFetch(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteSigned)
	url := router.WebSocketURL()
	o.serves(t, url)
	path := o.path("shop.json")
	fetch := with("fetch", o.as(url, "shop"), "-o", path)
	require.Contains(t, fine(t, fetch...).err.String(), path+" has the keys of shop by grant ")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(text), `"identity"`)
	first, err := keyfile.ParseFile(path)
	require.NoError(t, err)
	require.Equal(t, o.key, first.Grant.Authority.String())
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	entry, err := ring.Lookup(prefix + "x")
	require.NoError(t, err)
	_, err = entry.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)

	o.change(t, func(*authority.Authority) {})
	fine(t, fetch...)
	second, err := keyfile.ParseFile(path)
	require.NoError(t, err)
	require.Greater(t, second.Grant.Serial, first.Grant.Serial)

	var old map[string]any // one that the server is behind of
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &old))
	old["grant"].(map[string]any)["serial"] = second.Grant.Serial + 1
	for _, authority := range []string{o.key, cryptobox.GenerateSigningKey().Public().String()} { // the same, and one that is being changed
		old["grant"].(map[string]any)["authority"] = authority
		ahead, err := json.Marshal(old)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, ahead, 0o600))
		_, err = tool(t, fetch...)
		require.ErrorIs(t, err, keyservice.ErrRollback)
	}

	for name, args := range map[string][]string{
		"other keys":   with("fetch", o.as(url, "shop"), "-o", newEnds(t).originator),
		"another's":    with("fetch", o.as(url, "desk"), "-o", path),
		"no authority": {"fetch", "-router", url, "-realm", realm, "-member", o.path("shop"), "-authority", cryptobox.GenerateSigningKey().Public().String(), "-o", path},
	} {
		before, err := os.ReadFile(args[len(args)-1])
		require.NoError(t, err)
		_, err = tool(t, args...)
		require.Error(t, err, name)
		require.NotErrorIs(t, err, errUsage, name)
		after, err := os.ReadFile(args[len(args)-1])
		require.NoError(t, err)
		require.Equal(t, before, after, name)
	}
}

// TestFetchScrambled: the file has the secrets of scrambled URIs that the grant has, and no earlier ones.
func TestFetchScrambled(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteBox)
	o.change(t, func(a *authority.Authority) {
		_, err := a.Scramble(prefix, authority.Scrambling{})
		require.NoError(t, err)
	})
	o.serves(t, router.WebSocketURL())
	path := o.path("shop.json")
	fetch := with("fetch", o.as(router.WebSocketURL(), "shop"), "-o", path)
	fetched := func() (ids []string) {
		said := fine(t, fetch...)
		require.NotContains(t, said.err.String()+said.out.String(), "scramble:")
		ring, err := keyfile.Load(path)
		require.NoError(t, err)
		for one := range ring.Scrambled() {
			for _, v := range one.Secrets {
				ids = append(ids, v.ID)
			}
		}
		return ids
	}
	first := fetched()
	require.Len(t, first, 1)
	o.change(t, func(a *authority.Authority) { _, err := a.Revoke("desk"); require.NoError(t, err) })
	require.Eventually(t, func() bool { // until the server has taken the folder over
		next := fetched()
		require.Len(t, next, 1)
		return next[0] != first[0]
	}, 20*time.Second, 100*time.Millisecond)
}

// TestPubWithCache: who ends at once has the newest keys all the same, and those of the cache where
// there is no server.
func TestPubWithCache(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteBox)
	url := router.WebSocketURL()
	_, stop := o.serves(t, url)
	args := with("pub", append(o.as(url, "shop"), "-cache", o.path("shop.cache")), "-json", prefix+"x", "1")
	pub := func() (key any, said string) {
		r := fine(t, args...)
		return r.lines(t)[0]["key"], r.err.String()
	}
	first, _ := pub()
	var made authority.Rotated
	o.change(t, func(a *authority.Authority) {
		var err error
		made, err = a.Rotate(keyring.Prefix(prefix), authority.Rotation{Activate: time.Now().Add(-time.Minute), Retire: time.Now().Add(time.Hour)})
		require.NoError(t, err)
	})
	second, said := pub()
	require.Equal(t, made.ID, second)
	require.NotEqual(t, first, second)
	require.NotContains(t, said, "may be old")
	stop()
	third, said := pub()
	require.Equal(t, second, third)
	require.Contains(t, said, "the keys of the cache are used, which may be old: fetch: the server isn't reached")
}

// TestFetchWithAnothersCache says so: that member has none afterwards.
func TestFetchWithAnothersCache(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteBox)
	url := router.WebSocketURL()
	o.serves(t, url)
	cache := o.path("a.cache")
	fine(t, with("fetch", o.as(url, "shop"), "-cache", cache, "-o", o.path("shop.json"))...)
	said := fine(t, with("fetch", o.as(url, "desk"), "-cache", cache, "-o", o.path("desk.json"))...).err.String()
	require.Contains(t, said, "the cache isn't used")
	require.Contains(t, said, `it is for "shop"`)
	said = fine(t, with("fetch", o.as(url, "desk"), "-cache", cache, "-o", o.path("desk.json"))...).err.String()
	require.NotContains(t, said, "cache")
}

// TestFetchOfNobody ends in time, and says that there is no server, or no router.
func TestFetchOfNobody(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteBox)
	path := o.path("shop.json")
	_, err := tool(t, with("fetch", o.as(router.WebSocketURL(), "shop"), "-o", path)...)
	require.ErrorIs(t, err, keyservice.ErrUnreachable)
	require.ErrorContains(t, err, "no server has registered")
	_, err = tool(t, with("fetch", o.as("ws://127.0.0.1:1/ws", "shop"), "-o", path)...)
	require.ErrorContains(t, err, "ws://127.0.0.1:1/ws")

	silent, err := client.ConnectNet(t.Context(), router.WebSocketURL(), client.Config{Realm: realm})
	require.NoError(t, err)
	require.NoError(t, silent.Register("wampbox.keyring.get", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		<-ctx.Done()
		return client.InvocationCanceled
	}, nil))
	begun := time.Now()
	_, err = tool(t, with("fetch", o.as(router.WebSocketURL(), "shop"), "-o", path, "-timeout", "1s")...)
	require.ErrorContains(t, err, "no answer within 1s; -timeout allows more")
	require.Less(t, time.Since(begun), patience)
	require.NoFileExists(t, path)
	require.False(t, strings.Contains(err.Error(), "\n"), err.Error())
	require.NoError(t, silent.Close())
}
