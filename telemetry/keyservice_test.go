package telemetry_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// granting is an authority with one member, and a server of its grants on a router.
type granting struct {
	t      *testing.T
	router *testrouter.Router
	a      *authority.Authority
	folder *grants.Folder
	me     *keyservice.Identity
	server *keyservice.Server
}

func newGranting(t *testing.T) *granting {
	g := &granting{t: t, router: testrouter.Start(t)}
	dir := t.TempDir()
	var err error
	g.a, err = authority.Init(filepath.Join(dir, "authority"), authority.Options{})
	require.NoError(t, err)
	t.Cleanup(g.a.Close)
	g.folder, err = grants.Create(filepath.Join(dir, "grants"))
	require.NoError(t, err)
	g.me, err = keyservice.GenerateIdentity("shop", false)
	require.NoError(t, err)
	enrolment, err := g.me.Enrolment()
	require.NoError(t, err)
	require.NoError(t, g.a.Enrol(enrolment))
	require.NoError(t, g.a.Grant(authority.GrantOptions{}, authority.Granting{Member: "shop", Pattern: keyring.Prefix("com.a."), As: authority.Both}))
	g.issue()
	g.server, err = keyservice.Serve(t.Context(), g.session(keyring.New()), g.folder.Path(), keyservice.ServeOptions{Settle: time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, g.server.Close()) })
	return g
}

func (g *granting) issue() {
	g.t.Helper()
	_, err := g.a.Issue(g.folder, authority.IssueOptions{Valid: 28 * 24 * time.Hour, Grace: 7 * 24 * time.Hour})
	require.NoError(g.t, err)
}

func (g *granting) session(ring *keyring.Ring) *transparency.Session {
	g.t.Helper()
	s, err := transparency.ConnectLocal(g.router.Router(), harness.Config(client.CBOR), ring)
	require.NoError(g.t, err)
	g.t.Cleanup(func() { require.NoError(g.t, s.Close()) })
	return s
}

// TestKeyService: fetches, grants and their ends at a member, and gets at the server.
func TestKeyService(t *testing.T) {
	s, g := newScope(t), newGranting(t)
	ring := keyring.New()
	w, err := keyservice.Watch(t.Context(), g.session(ring), ring, keyservice.Config{
		Identity: g.me, Authorities: []cryptobox.VerifyKey{g.a.Key()}, Every: time.Minute,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	shows(t)(s.Watcher("shop", w))
	shows(t)(s.Server("keys", g.server))
	shows(t)(s.Ring("shop", ring))

	got := s.until(t, func(got series) bool { // the server writes the receipt before the fetch has ended
		return got[`keyservice.server.receipts{server="keys"}`] == 1 && got[`keyservice.fetches{member="shop"}`] >= 1
	})
	require.Equal(t, 0.0, got[`keyservice.changes{member="shop"}`])
	got.about(t, `keyservice.grant.age{member="shop"}`, 0)
	got.about(t, `keyservice.fresh{member="shop"}`, 0)
	const day = 24 * 60 * 60
	got.about(t, `keyservice.lease.left{lease="seal",member="shop"}`, 28*day)
	got.about(t, `keyservice.lease.left{lease="open",member="shop"}`, 35*day)
	got.about(t, `key.sealing.left{ring="shop"}`, 28*day)
	require.Contains(t, got, `keyservice.clock.behind{member="shop"}`)
	require.Equal(t, 1.0, got[`keyservice.server.members{server="keys"}`])
	require.GreaterOrEqual(t, got[`keyservice.server.answered{server="keys"}`], 1.0)
	require.Greater(t, got[`keyservice.server.sent{server="keys"}`], 100.0)
	require.Equal(t, 0.0, got[`keyservice.server.failing{server="keys"}`])

	_, err = g.a.Rotate(keyring.Prefix("com.a."), authority.Rotation{Activate: time.Now().Add(time.Hour), Retire: time.Now().Add(2 * time.Hour)})
	require.NoError(t, err)
	g.issue()
	got = s.untilIs(t, `keyservice.changes{member="shop"}`, 1)
	got.about(t, `key.next{ring="shop"}`, 60*60)
	require.Equal(t, 0.0, got[`keyservice.failing{member="shop"}`])
	require.Equal(t, 0.0, got[`keyservice.failures{member="shop"}`])

	// A get that is none is refused, and nobody answers when the server has gone.
	_, err = g.session(harness.PlainRing(t)).Call(t.Context(), keyservice.DefaultPrefix+"keyring.get", nil, wamp.List{[]byte("none")}, nil, nil)
	require.Error(t, err)
	got = s.collect(t)
	require.Equal(t, 1.0, got[`keyservice.server.refused{reason="malformed",server="keys"}`], "%v", got.of("keyservice.server"))
	require.NoError(t, g.server.Close())
	require.Error(t, w.Fetch(t.Context()))
	got = s.collect(t)
	require.Equal(t, 1.0, got[`keyservice.failing{member="shop"}`])
	require.GreaterOrEqual(t, got[`keyservice.failures{member="shop"}`], 1.0)
}
