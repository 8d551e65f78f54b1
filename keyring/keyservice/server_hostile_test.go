package keyservice_test

import (
	"bytes"
	"context"
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
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestServerRefuses: whatever is asked, and by whom, the error says what it says to an honest
// member, and no more.
func TestServerRefuses(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop", "desk")
	var told errorsOf
	s := serve(t, nexusClient(t, router), is, quick(&told))
	c := nexusClient(t, router)
	good := is.get(t, "shop")
	signedBy := func(key cryptobox.SigningKey, g statement.Get) []byte {
		get, err := g.Sign(key)
		require.NoError(t, err)
		return get
	}
	named := func(name string) []byte {
		return signedBy(is.keys["shop"], statement.Get{Authority: statement.HashOfKey(is.key.Public()), Member: name})
	}
	answer, err := call(t, c, good)
	require.NoError(t, err)
	var longList []any
	for range 1 << 17 {
		longList = append(longList, 1)
	}
	fresh, err := is.folder.Fresh()
	require.NoError(t, err)
	for _, test := range []struct {
		name string
		args []any
		end  string
	}{
		{"nothing", nil, "malformed"},
		{"two arguments", []any{good, good}, "malformed"},
		{"null", []any{nil}, "malformed"},
		{"a number", []any{1}, "malformed"},
		{"a map", []any{wamp.Dict{"get": good}}, "malformed"},
		{"a list of maps", []any{[]any{wamp.Dict{}}}, "malformed"},
		{"a text", []any{"shop"}, "malformed"},
		{"no bytes", []any{[]byte{}}, "malformed"},
		{"garbage", []any{bytes.Repeat([]byte{0xff}, 200)}, "malformed"},
		{"deep", []any{bytes.Repeat([]byte{0x81}, 8000)}, "malformed"},
		{"cut", []any{good[:len(good)-1]}, "malformed"},
		{"longer", []any{append(bytes.Clone(good), 0)}, "malformed"},
		{"oversize", []any{make([]byte, statement.MaxStatement+1)}, "malformed"},
		{"oversize text", []any{strings.Repeat("A", 1<<20)}, "malformed"},
		{"oversize list", []any{longList}, "malformed"},
		{"an answer", []any{answer}, "malformed"},
		{"a grant", []any{is.issue(t, "desk", "x").Grant}, "malformed"},
		{"a delegation", []any{fresh.Delegation}, "malformed"},
		{"no name", []any{named("")}, "malformed"},
		{"a name that leads up", []any{named("../members/shop")}, "malformed"},
		{"a name that is a path", []any{named("/etc/passwd")}, "malformed"},
		{"a name that begins with a dot", []any{named(".shop")}, "malformed"},
		{"a name with a zero", []any{named("shop\x00")}, "malformed"},
		{"a name of another alphabet", []any{named("ѕhop")}, "malformed"},
		{"a long name", []any{named(strings.Repeat("a", 65))}, "malformed"},
		{"a very long name", []any{named(strings.Repeat("a", 7000))}, "malformed"},

		{"an unknown member", []any{is.get(t, "stranger")}, "not_authorized"},
		{"another case", []any{named("SHOP")}, "not_authorized"},
		{"a file's name", []any{named("shop.grant")}, "not_authorized"},
		{"a folder's name", []any{named("receipts")}, "not_authorized"},
		{"another member's signature", []any{named("desk")}, "not_authorized"},
		{"another key's signature", []any{signedBy(cryptobox.GenerateSigningKey(), statement.Get{Member: "shop"})}, "not_authorized"},
		{"another signature", []any{append(good[:len(good)-1:len(good)-1], good[len(good)-1]^1)}, "not_authorized"},
		{"the authority's signature", []any{signedBy(is.key, statement.Get{Member: "shop"})}, "not_authorized"},
		{"another authority", []any{is.get(t, "shop", func(g *statement.Get) { g.Authority = statement.HashOf("other") })}, "not_authorized"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := call(t, c, test.args...)
			requireRefused(t, err, test.end)
		})
	}
	t.Run("keyword arguments", func(t *testing.T) {
		_, err := c.Call(t.Context(), getURI, nil, wamp.List{good}, wamp.Dict{"x": 1}, nil)
		requireRefused(t, err, "malformed")
	})
	is.asks(t, c, "shop")
	require.Empty(t, told.list(), "nothing of it is the operator's to look after")
	require.Zero(t, s.Stats().Refused["busy"])
	receipts, err := os.ReadDir(filepath.Join(is.folder.Path(), "receipts"))
	require.NoError(t, err)
	require.Len(t, receipts, 1, "the honest member's")
}

// TestServerSilence: who isn't a member can't tell by an answer whether a name is one.
func TestServerSilence(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop")
	serve(t, nexusClient(t, router), is, keyservice.ServeOptions{})
	c := nexusClient(t, router)
	says := func(name string) *wamp.Error {
		get, err := statement.Get{Authority: statement.HashOfKey(is.key.Public()), Member: name}.Sign(cryptobox.GenerateSigningKey())
		require.NoError(t, err)
		_, err = call(t, c, get)
		var refused client.RPCError
		require.ErrorAs(t, err, &refused)
		refused.Err.Request = 0
		return refused.Err
	}
	for range 200 { // in a flood too
		require.Equal(t, says("stranger"), says("shop"))
	}
}

// TestServerReplays: a get that is played back is answered as it was, as often as a member may ask,
// and takes nothing from another member.
func TestServerReplays(t *testing.T) {
	router := testrouter.Start(t)
	is := newIssuer(t, "shop", "desk")
	s := serve(t, nexusClient(t, router), is, keyservice.ServeOptions{})
	c := nexusClient(t, router)
	get := is.get(t, "shop")
	before := is.verify(t, get, must(call(t, c, get)))
	is.issue(t, "shop", "new keys")
	after := is.verify(t, get, must(call(t, c, get)))
	require.Greater(t, after.Serial, before.Serial, "the grant is that of now")
	answered, began := 0.0, time.Now()
	for range 1000 {
		answer, err := call(t, c, get)
		if err != nil {
			requireRefused(t, err, "busy")
			continue
		}
		is.verify(t, get, answer)
		answered++
	}
	require.LessOrEqual(t, answered, 64+8*time.Since(began).Seconds()+1)
	is.asks(t, c, "desk")
	require.LessOrEqual(t, s.Stats().Receipts, uint64(2))
	time.Sleep(time.Second) // the member itself waits for as long
	is.asks(t, c, "shop")
}

func must(answer any, err error) any {
	if err != nil {
		panic(err)
	}
	return answer
}

// direct hands gets to a server without a router, as nexus's client does: each in a goroutine.
type direct struct {
	transparency.Client // nil
	get                 client.InvocationHandler
	done                chan struct{}
}

func (*direct) HasFeature(string, string) bool { return true }
func (d *direct) Register(_ string, fn client.InvocationHandler, _ wamp.Dict) error {
	d.get = fn
	return nil
}
func (*direct) Publish(string, wamp.Dict, wamp.List, wamp.Dict) error { return nil }
func (*direct) Unregister(string) error                               { return nil }
func (d *direct) Done() <-chan struct{}                               { return d.done }

func (d *direct) ask(ctx context.Context, get []byte) client.InvokeResult {
	return d.get(ctx, &wamp.Invocation{Arguments: wamp.List{get}})
}

// TestServerAtOnce: members, and who proves nothing, ask at once while the folder changes.
func TestServerAtOnce(t *testing.T) {
	is := newIssuer(t, "shop", "desk")
	d := &direct{done: make(chan struct{})}
	var told errorsOf
	s := serve(t, d, is, quick(&told))
	var asking sync.WaitGroup
	for i := range 100 {
		get := is.get(t, []string{"shop", "desk", "stranger"}[i%3], func(g *statement.Get) { g.Serial = uint64(i) })
		asking.Go(func() { d.ask(t.Context(), get) })
	}
	is.issue(t, "shop", "new keys")
	asking.Wait()
	require.Equal(t, uint64(67), s.Stats().Answered)
	require.NoError(t, s.Close())
	require.Empty(t, told.list())
}
