package main

import (
	"io"
	"log"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	manyRotations = 100                     // of both patterns together
	apart         = 1100 * time.Millisecond // between two rotations of one, as dates are in seconds; several are under way at once
	notice        = 20 * time.Second        // that each gives, in which all have to fetch
)

// granted are the patterns that are rotated at once: of half of the calls, and of all else.
var granted = []keyring.Pattern{pattern, keyring.Prefix(prefix + "double.1")}

// granting is an authority with a server of what it issues.
type granting struct {
	t      *testing.T
	dir    string
	grants *grants.Folder
	key    string
}

// newGranting enrols members, each with a file of its identity, and issues to them.
func newGranting(t *testing.T, holders map[string]authority.As) *granting {
	t.Helper()
	g := &granting{t: t, dir: t.TempDir()}
	var err error
	g.grants, err = grants.Create(filepath.Join(g.dir, "grants"))
	require.NoError(t, err)
	a, err := authority.Init(filepath.Join(g.dir, "authority"), authority.Options{})
	require.NoError(t, err)
	defer a.Close()
	for name, as := range holders {
		me, err := keyservice.GenerateIdentity(name, false)
		require.NoError(t, err)
		require.NoError(t, me.Save(g.identity(name)))
		enrolment, err := me.Enrolment()
		require.NoError(t, err)
		require.NoError(t, a.Enrol(enrolment))
		for _, p := range granted {
			require.NoError(t, a.Grant(authority.GrantOptions{}, authority.Granting{Member: name, Pattern: p, As: as}))
		}
	}
	g.key = a.Key().String()
	_, err = a.Issue(g.grants, authority.IssueOptions{})
	require.NoError(t, err)
	return g
}

func (g *granting) identity(name string) string { return filepath.Join(g.dir, name+".identity") }

// serve serves the grants at a router.
func (g *granting) serve(router string) {
	g.t.Helper()
	cfg := client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0)}
	session, err := transparency.ConnectNet(g.t.Context(), router, cfg, keyring.New())
	require.NoError(g.t, err)
	server, err := keyservice.Serve(g.t.Context(), session, g.grants.Path(), keyservice.ServeOptions{
		OnError: func(err error) { g.t.Error(err) },
	})
	require.NoError(g.t, err)
	g.t.Cleanup(func() {
		require.NoError(g.t, server.Close())
		require.NoError(g.t, session.Close())
	})
}

// rotate makes the next version of each pattern, and issues them.
func (g *granting) rotate() (ids []string) {
	g.t.Helper()
	a, err := authority.Open(filepath.Join(g.dir, "authority"), authority.Options{})
	require.NoError(g.t, err)
	defer a.Close()
	from := time.Now().Add(notice)
	for _, p := range granted {
		made, err := a.Rotate(p, authority.Rotation{Activate: from, Retire: from.Add(retireAfter)})
		require.NoError(g.t, err)
		ids = append(ids, made.ID)
	}
	_, err = a.Issue(g.grants, authority.IssueOptions{})
	require.NoError(g.t, err)
	return ids
}

// TestHundredRotations: four processes that have their keys from a key service go through a
// hundred rotations, and lose and refuse nothing.
func TestHundredRotations(t *testing.T) {
	g := newGranting(t, map[string]authority.As{
		"originator1": authority.Originator, "originator2": authority.Originator,
		"responder1": authority.Responder, "responder2": authority.Responder,
	})
	router := testrouter.Start(t, "realm1")
	g.serve(router.RawSocketURL())
	r := &rotation{t: t, began: time.Now()}
	for _, role := range []string{"responder", "originator"} {
		for _, name := range responders {
			p := process{Process: proc.Start(t, "internal/test/rotation", role, name, g.identity(role+name), router.RawSocketURL(), g.key), role: role}
			p.AwaitLine("ready", 1)
			r.processes = append(r.processes, p)
		}
	}
	ticks := time.NewTicker(apart)
	defer ticks.Stop()
	var ids []string
	for len(ids) < manyRotations {
		ids = append(ids, g.rotate()...)
		<-ticks.C
	}
	r.say("the last rotation is made")
	for _, id := range ids[len(ids)-len(granted):] {
		r.await(id, "active")
	}
	for deadline := time.Now().Add(5 * time.Minute); r.total().Sealed < enough; time.Sleep(100 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "too slow: %+v", r.total())
	}
	for _, role := range []string{"originator", "responder"} {
		for _, p := range r.of(role) {
			p.Signal(syscall.SIGTERM)
		}
		for _, p := range r.of(role) {
			require.Zero(t, p.Wait(), p.Stderr())
			require.Empty(t, p.Stderr())
		}
	}
	all := r.total()
	r.say("%d sealed, %d opened, %d refused, under %d keys", all.Sealed, all.Opened, all.Refused, len(all.ByKey))
	require.GreaterOrEqual(t, all.Sealed, uint64(enough))
	require.Zero(t, all.Refused)
	require.Equal(t, all.Sealed+all.Sent, all.Opened) // both responders open each event
	used := 0
	for _, id := range ids {
		if all.ByKey[id] > 0 {
			used++
		}
	}
	require.Greater(t, used, manyRotations/2, "a process that is held up for %v leaves a key out, and not more", apart)
}
