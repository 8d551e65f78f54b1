package keyservice_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	serverPatience = 30 * time.Second
	getURI         = "wampbox.keyring.get"
	changedURI     = "wampbox.keyring.changed"
)

// issuer is an authority that writes a folder of grants by hand, for members whose signing keys
// it has too. To the server a ciphertext is bytes.
type issuer struct {
	key    cryptobox.SigningKey
	fresh  cryptobox.SigningKey
	folder *grants.Folder
	keys   map[string]cryptobox.SigningKey // the members'
	serial uint64
}

func newIssuer(t testing.TB, members ...string) *issuer {
	t.Helper()
	folder, err := grants.Create(t.TempDir() + "/grants")
	require.NoError(t, err)
	is := &issuer{
		key: cryptobox.GenerateSigningKey(), fresh: cryptobox.GenerateSigningKey(), folder: folder,
		keys: map[string]cryptobox.SigningKey{}, serial: uint64(time.Now().UnixMilli()),
	}
	is.delegate(t, time.Now().Add(-time.Minute), time.Now().Add(time.Hour))
	for _, name := range members {
		is.keys[name] = cryptobox.GenerateSigningKey()
		is.issue(t, name, "keys of "+name)
	}
	return is
}

// delegate writes the fresh key.
func (is *issuer) delegate(t testing.TB, from, until time.Time) {
	t.Helper()
	is.serial++
	d, err := statement.Delegation{Serial: is.serial, Key: is.fresh.Public(), NotBefore: from, NotAfter: until}.Sign(is.key)
	require.NoError(t, err)
	require.NoError(t, is.folder.PutFresh(grants.Fresh{Key: is.fresh, Delegation: d}))
}

// issue writes a member's grant.
func (is *issuer) issue(t testing.TB, name, ciphertext string, edits ...func(*statement.Grant, *grants.Member)) grants.Member {
	t.Helper()
	is.serial++
	m := grants.Member{Key: is.keys[name].Public(), Recipient: "age1" + name, Ciphertext: []byte(ciphertext)}
	g := statement.Grant{
		Authority: statement.HashOfKey(is.key.Public()), Serial: is.serial, Member: name, Key: statement.HashOfKey(m.Key),
		Recipient: statement.HashOf(m.Recipient), Issued: time.Now(), Expires: time.Now().Add(time.Hour), Ciphertext: statement.HashOf(m.Ciphertext),
	}
	for _, edit := range edits {
		edit(&g, &m)
	}
	var err error
	m.Grant, err = g.Sign(is.key)
	require.NoError(t, err)
	require.NoError(t, is.folder.Put(name, m))
	return m
}

// get signs a get of a member's that holds nothing.
func (is *issuer) get(t testing.TB, name string, edits ...func(*statement.Get)) []byte {
	t.Helper()
	g := statement.Get{Authority: statement.HashOfKey(is.key.Public()), Member: name, Ciphertext: statement.HashOf("")}
	_, _ = rand.Read(g.Nonce[:])
	for _, edit := range edits {
		edit(&g)
	}
	key, enrolled := is.keys[name]
	if !enrolled {
		key = cryptobox.GenerateSigningKey()
	}
	wire, err := g.Sign(key)
	require.NoError(t, err)
	return wire
}

// verified is what an answer proves.
type verified struct {
	statement.Grant
	ciphertext string
	fresh      time.Time
}

// verify checks all signatures of an answer to a get.
func (is *issuer) verify(t testing.TB, get []byte, answer any) verified {
	t.Helper()
	text, ok := wire.Bytes(answer)
	require.True(t, ok, "%T", answer)
	a, err := statement.ParseAnswer(text)
	require.NoError(t, err)
	g, err := statement.OpenGrant(a.Grant, is.key.Public())
	require.NoError(t, err)
	d, err := statement.OpenDelegation(a.Delegation, is.key.Public())
	require.NoError(t, err)
	f, err := statement.OpenFresh(a.Fresh, d.Key)
	require.NoError(t, err)
	name, err := statement.MemberOf(get)
	require.NoError(t, err)
	asked, err := statement.OpenGet(get, is.keys[name].Public())
	require.NoError(t, err)
	require.Equal(t, asked.Nonce, f.Nonce)
	require.Equal(t, statement.HashOf(a.Grant), f.Grant)
	require.Equal(t, name, g.Member)
	require.False(t, f.Time.Before(d.NotBefore))
	return verified{g, string(a.Ciphertext), f.Time}
}

// nexusClient joins by nexus's own client.
func nexusClient(t testing.TB, router *testrouter.Router) *client.Client {
	t.Helper()
	c, err := client.ConnectLocal(router.Router(), client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0), ResponseTimeout: serverPatience})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// errorsOf collects what a server tells.
type errorsOf struct {
	mu  sync.Mutex
	all []error
}

func (e *errorsOf) add(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, err)
}

func (e *errorsOf) list() []error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]error(nil), e.all...)
}

// count is how many wrap a sentinel and contain a text.
func (e *errorsOf) count(sentinel error, text string) (n int) {
	for _, err := range e.list() {
		if errors.Is(err, sentinel) && strings.Contains(err.Error(), text) {
			n++
		}
	}
	return n
}

// quick are options by which changes are seen soon.
func quick(e *errorsOf) keyservice.ServeOptions {
	return keyservice.ServeOptions{Settle: 20 * time.Millisecond, Poll: 200 * time.Millisecond, OnError: e.add}
}

// serve starts a server, and ends it with the test.
func serve(t testing.TB, session transparency.Client, is *issuer, o keyservice.ServeOptions) *keyservice.Server {
	t.Helper()
	s, err := keyservice.Serve(t.Context(), session, is.folder.Path(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// call asks with any arguments.
func call(t testing.TB, c transparency.Client, args ...any) (any, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), serverPatience)
	defer cancel()
	result, err := c.Call(ctx, getURI, nil, args, nil, nil)
	if err != nil {
		return nil, err
	}
	require.Len(t, result.Arguments, 1)
	require.Empty(t, result.ArgumentsKw)
	return result.Arguments[0], nil
}

// asks asks for a member, and verifies the answer.
func (is *issuer) asks(t testing.TB, c transparency.Client, name string, edits ...func(*statement.Get)) verified {
	t.Helper()
	get := is.get(t, name, edits...)
	answer, err := call(t, c, get)
	require.NoError(t, err)
	return is.verify(t, get, answer)
}

// requireRefused requires an error of the server's, which says what it is in a text.
func requireRefused(t testing.TB, err error, end string) {
	t.Helper()
	var refused client.RPCError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, wamp.URI("wampbox.keyring.error."+end), refused.Err.Error)
	require.Len(t, refused.Err.Arguments, 1)
	text, is := wamp.AsString(refused.Err.Arguments[0])
	require.True(t, is && text != "")
	require.Empty(t, refused.Err.ArgumentsKw)
}

// logged is a log without times.
type logged struct{ harness.Buffer }

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
}
