package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// served are the names and labels of what there is when everything that the library shows is
// there: the program's own stage, and a key service.
func served(t *testing.T) (names, labels map[string]bool) {
	t.Helper()
	m, err := newMetrics(20)
	require.NoError(t, err)
	t.Cleanup(m.close)
	s, err := newStage(t.Context(), m.Telemetry)
	require.NoError(t, err)
	t.Cleanup(s.close)
	serveKeys(t, s)
	require.NoError(t, s.keys.rotate(time.Hour))
	require.NoError(t, s.round(t.Context(), 0))
	server := httptest.NewServer(m.handler())
	t.Cleanup(server.Close)
	samples := until(t, server.URL+"/metrics", func(got map[string]float64) bool {
		seen, _ := split(got)
		return seen["wampbox_messages_refused_total"] && seen["wampbox_messages_plain_total"] && seen["wampbox_key_next_seconds"] &&
			seen["wampbox_key_sealing_left_seconds"] && seen["wampbox_keyservice_server_refused_total"]
	})
	return split(samples)
}

var labelOf = regexp.MustCompile(`[{,]([a-z_]+)="`)

func split(samples map[string]float64) (names, labels map[string]bool) {
	names, labels = map[string]bool{}, map[string]bool{}
	for sample := range samples {
		name, rest, _ := strings.Cut(sample, "{")
		names[name] = true
		for _, found := range labelOf.FindAllStringSubmatch("{"+rest, -1) {
			labels[found[1]] = true
		}
	}
	return names, labels
}

// serveKeys has a member get its keys from a server, and somebody ask for none.
func serveKeys(t *testing.T, s *stage) {
	t.Helper()
	dir := t.TempDir()
	a, err := authority.Init(filepath.Join(dir, "authority"), authority.Options{})
	require.NoError(t, err)
	t.Cleanup(a.Close)
	folder, err := grants.Create(filepath.Join(dir, "grants"))
	require.NoError(t, err)
	me, err := keyservice.GenerateIdentity("shop", false)
	require.NoError(t, err)
	enrolment, err := me.Enrolment()
	require.NoError(t, err)
	require.NoError(t, a.Enrol(enrolment))
	require.NoError(t, a.Grant(authority.GrantOptions{}, authority.Granting{Member: "shop", Pattern: keyring.Prefix("com.lent."), As: authority.Both}))
	_, err = a.Issue(folder, authority.IssueOptions{})
	require.NoError(t, err)
	connect := func(ring *keyring.Ring) *transparency.Session {
		session, err := transparency.ConnectLocal(s.router, client.Config{Realm: realm}, ring)
		require.NoError(t, err)
		s.later(func() { _ = session.Close() })
		return session
	}
	server, err := keyservice.Serve(t.Context(), connect(keyring.New()), folder.Path(), keyservice.ServeOptions{})
	require.NoError(t, err)
	s.later(func() { _ = server.Close() })
	ring := keyring.New()
	w, err := keyservice.Watch(t.Context(), connect(ring), ring, keyservice.Config{Identity: me, Authorities: []cryptobox.VerifyKey{a.Key()}})
	require.NoError(t, err)
	s.later(func() { _ = w.Close() })
	_, err = s.t.Watcher("shop", w)
	require.NoError(t, err)
	_, err = s.t.Server("keys", server)
	require.NoError(t, err)
	_, err = s.t.Ring("lent", ring)
	require.NoError(t, err)
	_, err = s.stranger.Call(context.Background(), keyservice.DefaultPrefix+"keyring.get", nil, wamp.List{[]byte("none")}, nil, nil)
	require.Error(t, err)
}

// expressions are the queries of the dashboard, and those that documents advise.
func expressions(t *testing.T) (dashboard, documents []string) {
	t.Helper()
	text, err := os.ReadFile("dashboard.json")
	require.NoError(t, err)
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &board))
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			dashboard = append(dashboard, target.Expr)
			for _, label := range regexp.MustCompile(`{{([a-z_]+)}}`).FindAllStringSubmatch(target.LegendFormat, -1) {
				require.Contains(t, target.Expr, label[1], "%s: the legend has a label that the query drops", p.Title)
			}
		}
	}
	text, err = os.ReadFile("../../docs/TELEMETRY.md")
	require.NoError(t, err)
	for _, found := range regexp.MustCompile("`([^`]*wampbox_[^`]*)`").FindAllStringSubmatch(string(text), -1) {
		documents = append(documents, found[1])
	}
	require.NotEmpty(t, dashboard)
	require.NotEmpty(t, documents)
	return dashboard, documents
}

var (
	groups   = regexp.MustCompile(`\b(?:by|without|on)\s*\([^)]*\)|{[^}]*}`)
	ofMetric = regexp.MustCompile(`\bwampbox_[a-z_]+`)
	suffixes = regexp.MustCompile(`_(?:bucket|sum|count)$`) // of a histogram's parts
)

// TestQueries: each metric and each label of a query is one that the endpoint really serves, and the
// dashboard shows all that there is.
func TestQueries(t *testing.T) {
	names, labels := served(t)
	dashboard, documents := expressions(t)
	shown := map[string]bool{}
	for i, expr := range slices.Concat(dashboard, documents) {
		for _, group := range groups.FindAllString(expr, -1) {
			for _, label := range ofMetric.FindAllString(group, -1) {
				require.True(t, labels[label], "%s: no label %s is served", expr, label)
			}
		}
		found := ofMetric.FindAllString(groups.ReplaceAllString(expr, ""), -1)
		require.NotEmpty(t, found, expr)
		for _, name := range found {
			require.True(t, names[name], "%s: no metric %s is served", expr, name)
			if i < len(dashboard) {
				shown[suffixes.ReplaceAllString(name, "")] = true
			}
		}
	}
	for name := range names {
		if strings.HasPrefix(name, "wampbox_") {
			require.True(t, shown[suffixes.ReplaceAllString(name, "")], "the dashboard doesn't show %s", name)
		}
	}
}
