package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// initJSON is what init prints as JSON.
type initJSON struct {
	Patterns []struct {
		Pattern string `json:"pattern"`
		Match   string `json:"match"`
		Plain   bool   `json:"plain"`
		ID      string `json:"id"`
	} `json:"patterns"`
	Originator string `json:"originator"`
	Responder  string `json:"responder"`
	Shared     string `json:"shared"`
}

// goTogether expects that each file opens what the other seals.
func goTogether(t testing.TB, uri, originator, responder string) {
	t.Helper()
	for from, to := range map[string]string{originator: responder, responder: originator} {
		sealed := run{stdin: []byte(`{"args": ["Hello"]}`)}.start(t, "seal", "-keyring", from, "-uri", uri)
		opened := run{stdin: []byte(sealed.fine(t))}.start(t, "open", "-keyring", to, "-uri", uri)
		require.Equal(t, []any{"Hello"}, record(t, opened.fine(t)).Args)
	}
}

// TestInit gives two files that go together, for their owner only.
func TestInit(t *testing.T) {
	dir := t.TempDir()
	r := run{dir: dir}.start(t, "init", "com.myapp.encrypted.")
	id := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, `prefix "com.myapp.encrypted.": every URI that begins with it`)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)
	r.noSecrets(t, originator, responder)
	for path, kind := range map[string]string{originator: "originator", responder: "responder"} {
		require.Equal(t, os.FileMode(0o600), mode(t, path))
		require.Len(t, secrets(t, path), 1, "its own private key only")
		versions := ring(t, path).Versions(keyring.Prefix("com.myapp.encrypted."))
		require.Len(t, versions, 1)
		require.Equal(t, keyring.VersionInfo{ID: id, State: keyring.StateActive, Kind: kind, Algorithm: "cryptobox"}, versions[0])
	}
	require.NotEqual(t, secrets(t, originator), secrets(t, responder))
	goTogether(t, "com.myapp.encrypted.hello", originator, responder)
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
}

// TestInitPatterns: each has a key of its own, and is matched as its text says, which is
// said aloud.
func TestInitPatterns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	var all initJSON
	r := wampbox(t, "init", "com.x", "com.y.", "-json", "com..z", "-dir", dir, "-comment", "for tests", "-plain", "com.p.", "-plain", "com.q")
	r.decode(t, &all)
	require.Equal(t, []string{filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)}, []string{all.Originator, all.Responder})
	require.Equal(t, os.FileMode(0o700), mode(t, dir))
	require.Len(t, all.Patterns, 5)
	ids := map[string]bool{}
	for i, want := range []keyring.Pattern{keyring.Exact("com.x"), keyring.Prefix("com.y."), keyring.Wildcard("com..z")} {
		made := all.Patterns[i]
		require.Equal(t, []string{want.URI, want.Match.String()}, []string{made.Pattern, made.Match})
		ids[made.ID] = true
		for _, path := range both(dir) {
			require.Equal(t, made.ID, ring(t, path).Versions(want)[0].ID)
		}
	}
	require.Len(t, ids, 3)
	for _, path := range both(dir) {
		require.Len(t, secrets(t, path), 3)
		require.Contains(t, string(must(os.ReadFile(path))), `"comment": "for tests"`)
		for _, uri := range []string{"com.p.anything", "com.q"} {
			entry, err := ring(t, path).Lookup(uri)
			require.NoError(t, err)
			require.True(t, entry.Plain())
		}
	}
	for _, says := range []string{`exact "com.x": this URI alone; for all below it write com.x.`, `prefix "com.y.": every URI that begins with it`,
		`wildcard "com..z": every URI with any text in place of the empty components`, `plain, prefix "com.p.": `, `plain, exact "com.q": `} {
		require.Contains(t, r.err, says)
	}
	goTogether(t, "com.any.z", all.Originator, all.Responder)
	r.noSecrets(t, both(dir)...)
}

// TestInitFor: peers that are not of this library, and secrets that all share.
func TestInitFor(t *testing.T) {
	for name, test := range map[string]struct {
		args      []string
		kind      string
		algorithm string
		unbound   bool
		derived   bool
	}{
		"autobahn":        {[]string{"-for", "autobahn"}, "originator", "cryptobox", true, true},
		"passthru":        {[]string{"-for", "passthru"}, "originator", "cryptobox", true, false},
		"shared":          {[]string{"-shared"}, "symmetric", "xsalsa20poly1305", false, false},
		"shared autobahn": {[]string{"-shared", "-for=autobahn"}, "both", "cryptobox", true, true},
		"shared passthru": {[]string{"-for", "passthru", "-shared"}, "symmetric", "xsalsa20poly1305", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := wampbox(t, append([]string{"init", "-dir", dir, "com.x."}, test.args...)...)
			id := strings.TrimSpace(r.fine(t))
			paths := both(dir)
			if strings.HasPrefix(name, "shared") {
				paths = []string{filepath.Join(dir, sharedFile)}
				require.NoFileExists(t, both(dir)[0])
			}
			v := ring(t, paths[0]).Versions(keyring.Prefix("com.x."))[0]
			require.Equal(t, keyring.VersionInfo{ID: id, State: keyring.StateActive, Kind: test.kind, Algorithm: test.algorithm, Unbound: test.unbound}, v)
			require.Equal(t, test.derived, !strings.Contains(string(must(os.ReadFile(paths[0]))), `"id"`))
			goTogether(t, "com.x.y", paths[0], paths[len(paths)-1])
			require.Empty(t, wampbox(t, append([]string{"lint"}, paths...)...).fine(t))
			r.noSecrets(t, paths...)
		})
	}
	dir := t.TempDir()
	wampbox(t, "init", "-dir", dir, "com.x", "-id", "k1", "-for", "passthru").fine(t)
	require.Equal(t, "k1", ring(t, both(dir)[0]).Versions(keyring.Exact("com.x"))[0].ID)
}

// TestInitNeverOverwrites: where one of the files exists, none is made.
func TestInitNeverOverwrites(t *testing.T) {
	for _, name := range []string{originatorFile, responderFile} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("mine"), 0o644))
		wampbox(t, "init", "-dir", dir, "com.x").fails(t, 1, path+" exists and isn't overwritten")
		require.Equal(t, "mine", string(must(os.ReadFile(path))))
		entries, err := filepath.Glob(filepath.Join(dir, "*.json"))
		require.NoError(t, err)
		require.Equal(t, []string{path}, entries)
	}
	dir := t.TempDir()
	target := filepath.Join(dir, "elsewhere")
	require.NoError(t, os.Symlink(target, filepath.Join(dir, originatorFile)))
	wampbox(t, "init", "-dir", dir, "com.x").fails(t, 1, "isn't overwritten")
	require.NoFileExists(t, target)
}

// TestInitUsage: what can't be a pattern is the caller's mistake, and what other systems
// write is told from what WAMP has.
func TestInitUsage(t *testing.T) {
	dir := t.TempDir()
	key := strings.TrimSpace(wampbox(t, "keygen").fine(t))
	for says, args := range map[string][]string{
		"PATTERN is missing": {},
		`exact "com.myapp.*": invalid pattern: "*" and "#" stand for`:                    {"com.myapp.*"},
		`for all URIs below a name write a prefix, which ends with a dot ("com.myapp.")`: {"com.x", "com.myapp.#"},
		`exact "*": invalid pattern`:                                                     {"*"},
		"-match: use exact, prefix or wildcard":                                          {"com.x", "-match", "regex"},
		"it has an empty component before its end":                                       {"com..x", "-match", "prefix"},
		"a wildcard pattern needs a component that isn't empty":                          {".."},
		"white space can't stand in a URI":                                               {"com x"},
		`exact "com.x" is given twice`:                                                   {"com.x", "-plain", "com.x"},
		"-id is for one pattern":                                                         {"com.x", "com.y", "-id", "k"},
		"-for: use autobahn or passthru":                                                 {"com.x", "-for", "crossbar"},
		"there is a key where a pattern is wanted":                                       {key},
		"wampbox.error is wampbox's own":                                                 {"wampbox.error."},
	} {
		r := wampbox(t, append([]string{"init", "-dir", dir}, args...)...)
		r.fails(t, 2, says)
		require.NotContains(t, r.err, key)
	}
	wampbox(t, "init", "-dir", dir, "com.x", "-id", strings.Repeat("x", 300)).fails(t, 1, "id")
	require.Empty(t, must2(os.ReadDir(dir)))

	noDot := wampbox(t, "init", "-dir", dir, "com.x", "-match", "prefix")
	noDot.fine(t)
	require.Contains(t, noDot.err, `warning: prefix "com.x" doesn't end with a dot, so that it matches com.xx too`)
}

func must2[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestInitAtOnce: of many in one folder one succeeds, with files that go
// together.
func TestInitAtOnce(t *testing.T) {
	dir := t.TempDir()
	results := make([]result, 6)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = wampbox(t, "init", "-dir", dir, "com.x.") })
	}
	all.Wait()
	fine := 0
	for _, r := range results {
		if r.status == 0 {
			fine++
			want := map[string]string{strings.TrimSpace(r.out): "active"}
			require.Equal(t, want, states(t, filepath.Join(dir, originatorFile)))
			require.Equal(t, want, states(t, filepath.Join(dir, responderFile)))
		} else {
			require.Contains(t, r.err, "overwritten")
		}
	}
	require.Equal(t, 1, fine)
}
