package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestAdd puts patterns into files that exist, and makes those that don't.
func TestAdd(t *testing.T) {
	dir, old := begun(t)
	originator, responder := both(dir)[0], both(dir)[1]
	var all initJSON
	r := wampbox(t, "add", "com.y.", "-originator", originator, "-json", "com.z", "-responder", responder, "-comment", "more")
	r.decode(t, &all)
	require.Len(t, all.Patterns, 2)
	r.noSecrets(t, originator, responder)
	require.Contains(t, r.err, `prefix "com.y.": every URI that begins with it`)
	require.Equal(t, map[string]string{old: "active"}, states(t, originator), "what was there stays")
	goTogether(t, "com.y.a", originator, responder)
	goTogether(t, "com.z", originator, responder)
	require.Empty(t, wampbox(t, "add", "-plain", "com.p.", "-originator", originator, "-responder", responder).fine(t))
	entry, err := ring(t, responder).Lookup("com.p.x")
	require.NoError(t, err)
	require.True(t, entry.Plain())

	third := filepath.Join(dir, "new", "third.json")
	wampbox(t, "add", "com.third.", "-originator", originator, "-responder", third).fine(t)
	require.Equal(t, os.FileMode(0o600), mode(t, third))
	goTogether(t, "com.third.a", originator, third)

	sharedPath := filepath.Join(dir, sharedFile)
	for _, pattern := range []string{"com.a.", "com.b."} {
		wampbox(t, "add", pattern, "-shared", sharedPath).fine(t)
	}
	wampbox(t, "add", "com.c.", "-shared", sharedPath, "-for", "autobahn").fine(t)
	require.Equal(t, 3, ring(t, sharedPath).Len())
	goTogether(t, "com.c.x", sharedPath, sharedPath)
}

// TestAddToMany: all files of one role get the same half, and all that share the same secret.
func TestAddToMany(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	web, cron, hub, log := in("web"), in("cron"), in("hub"), in("log")
	all := []string{web, cron, hub, log}
	halves := []string{"-originator", web, "-responder", hub, "-originator", cron, "-responder", log}

	// A plain prefix that more than two files have is switched over with all of them.
	for _, path := range all {
		require.Empty(t, wampbox(t, "add", "-plain", "com.x.", "-originator", path).fine(t), "plain is of no role")
	}
	id := strings.TrimSpace(wampbox(t, append([]string{"add", "com.x.", "-plain-until", "7d"}, halves...)...).fine(t))
	wampbox(t, append([]string{"transition", "com.x.", "-accept", "-until", "8d"}, all...)...).fine(t)
	wampbox(t, append([]string{"transition", "com.x.", "-end"}, all...)...).fine(t)
	for _, path := range all {
		require.Equal(t, map[string]string{id: "active"}, states(t, path))
	}
	for _, originator := range []string{web, cron} {
		for _, responder := range []string{hub, log} {
			goTogether(t, "com.x.y", originator, responder)
		}
	}
	require.Equal(t, secrets(t, web), secrets(t, cron))
	require.NotEqual(t, secrets(t, web), secrets(t, hub))
	require.Empty(t, wampbox(t, append([]string{"lint"}, all...)...).fine(t))
	require.Empty(t, wampbox(t, append([]string{"explain", "com.x.y", "-json"}, all...)...).err)

	for _, dialect := range []string{"", "autobahn", "passthru"} {
		a, b, c := in("a"+dialect), in("b"+dialect), in("c"+dialect)
		args := []string{"add", "com.s.", "-shared", a, "-shared", b, "-shared", c}
		if dialect != "" {
			args = append(args, "-for", dialect)
		}
		wampbox(t, args...).fine(t)
		require.Equal(t, secrets(t, a)[0], secrets(t, b)[0])
		require.Equal(t, secrets(t, a)[0], secrets(t, c)[0])
		goTogether(t, "com.s.x", a, b)
		require.Empty(t, wampbox(t, "lint", a, b, c).fine(t))
	}
}

// TestAddIsAllOrNothing: both files change, or neither, and none is made.
func TestAddIsAllOrNothing(t *testing.T) {
	dir, _ := begun(t)
	originator, responder := both(dir)[0], both(dir)[1]
	fresh := filepath.Join(dir, "fresh.json")
	broken := write(t, "broken.json", []byte("{"))
	wampbox(t, "add", "com.b.", "-originator", originator, "-responder", filepath.Join(dir, "b.json")).fine(t)
	texts := func() []string {
		var all []string
		for _, path := range []string{originator, responder, broken} {
			all = append(all, string(must(os.ReadFile(path))))
		}
		return all
	}
	before := texts()
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"a pattern that both have":  {[]string{"com.x.", "-originator", originator, "-responder", responder}, 1, `has prefix "com.x." already: rotate gives it another key`},
		"one that one has":          {[]string{"com.b.", "-originator", originator, "-responder", responder}, 1, "already"},
		"one that one has, plain":   {[]string{"-plain", "com.b.", "-originator", responder, "-responder", originator}, 1, "already"},
		"a good one and a bad one":  {[]string{"com.n.", "com.x.", "-originator", originator, "-responder", fresh}, 1, "already"},
		"a file that isn't one":     {[]string{"com.n.", "-originator", fresh, "-responder", broken}, 1, "not a keyring file"},
		"the same the other way":    {[]string{"com.n.", "-originator", broken, "-responder", fresh}, 1, "not a keyring file"},
		"wildcards that tie":        {[]string{"com..b", ".a.b", "-originator", fresh, "-responder", responder}, 1, "tie"},
		"a star":                    {[]string{"com.*", "-originator", originator, "-responder", responder}, 2, `"*" and "#" stand for nothing in WAMP`},
		"one file alone":            {[]string{"com.n.", "-originator", originator}, 2, "-originator and -responder go together"},
		"the same file":             {[]string{"com.n.", "-originator", originator, "-responder", originator}, 2, "the same file is named twice"},
		"the same that isn't there": {[]string{"com.n.", "-originator", fresh, "-responder", dir + "/./fresh.json"}, 2, "the same file is named twice"},
		"the same among several":    {[]string{"com.n.", "-shared", fresh, "-shared", broken, "-shared", dir + "/./fresh.json"}, 2, "the same file is named twice"},
		"none, plain":               {[]string{"-plain", "com.n."}, 2, "give a file"},
		"an empty name":             {[]string{"com.n.", "-originator", originator, "-responder", ""}, 2, "the name of a file is empty"},
		"all three":                 {[]string{"com.n.", "-originator", originator, "-responder", responder, "-shared", fresh}, 2, "give -shared, or"},
	} {
		t.Run(name, func(t *testing.T) {
			wampbox(t, append([]string{"add"}, test.args...)...).fails(t, test.status, test.says)
			require.Equal(t, before, texts())
			require.NoFileExists(t, fresh)
		})
	}
}

// TestFiftyTenants in a shell loop, and some at once: each has its own file, and all stand in
// the file of the one that serves them.
func TestFiftyTenants(t *testing.T) {
	dir := t.TempDir()
	front := filepath.Join(dir, "front.json")
	tenant := func(i int) string { return filepath.Join(dir, fmt.Sprintf("tenant%d.json", i)) }
	const tenants, atOnce = 50, 8
	var all sync.WaitGroup
	results := make([]result, tenants)
	add := func(i int) {
		results[i] = wampbox(t, "add", "-originator", front, "-responder", tenant(i), fmt.Sprintf("com.myapp.tenant%d.", i))
	}
	for i := range tenants - atOnce {
		add(i)
	}
	for i := tenants - atOnce; i < tenants; i++ {
		all.Go(func() { add(i) })
	}
	all.Wait()
	paths := []string{front}
	for i := range results {
		id := strings.TrimSpace(results[i].fine(t))
		p := keyring.Prefix(fmt.Sprintf("com.myapp.tenant%d.", i))
		require.Equal(t, id, ring(t, front).Versions(p)[0].ID)
		require.Equal(t, id, ring(t, tenant(i)).Versions(p)[0].ID)
		require.Equal(t, 1, ring(t, tenant(i)).Len())
		paths = append(paths, tenant(i))
	}
	require.Equal(t, tenants, ring(t, front).Len())
	require.Empty(t, wampbox(t, append([]string{"lint"}, paths...)...).fine(t))
	goTogether(t, "com.myapp.tenant7.x", front, tenant(7))
}
