package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
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
	Originator []string `json:"originator"`
	Responder  []string `json:"responder"`
	Shared     []string `json:"shared"`
}

// goTogether expects that each file opens what the other seals, with every version that
// opens.
func goTogether(t testing.TB, uri, originator, responder string) {
	t.Helper()
	for _, from := range []struct {
		path, to string
		role     keyring.Role
		kind     cryptobox.Kind
	}{{originator, responder, keyring.RoleOriginator, cryptobox.KindCall}, {responder, originator, keyring.RoleResponder, cryptobox.KindResult}} {
		r := ring(t, from.path)
		entry, err := r.Lookup(uri)
		require.NoError(t, err)
		for _, info := range r.Versions(entry.Pattern()) {
			v, err := entry.Named(from.role, info.ID)
			require.NoError(t, err)
			input := sealedBy(t, v, cryptobox.Head{Kind: from.kind, From: cryptobox.NewSenderID(), N: 1}, uri)
			opened := run{stdin: input}.start(t, "open", "-keyring", from.to, "-uri", uri)
			require.Equal(t, []any{"Hello"}, record(t, opened.fine(t)).Args)
			require.Contains(t, opened.err, "id "+info.ID)
		}
	}
}

// sealedBy gives a payload that a version has sealed.
func sealedBy(t testing.TB, v *keyring.Version, head cryptobox.Head, uri string) []byte {
	t.Helper()
	if d := v.Dialect(); d.Foreign() {
		enc, _, err := cryptobox.SealForeign(v.Cipher(), d, cryptobox.NewForeignRecord(uri, []any{"Hello"}, nil))
		require.NoError(t, err)
		return enc
	}
	if head.Kind.Direction() == cryptobox.Answer {
		head.Re = tokenOf(t, v)
	}
	rec := cryptobox.NewRecord(head, "realm1", uri, []any{"Hello"}, nil)
	enc, _, err := v.Key().Seal(nil, &rec)
	require.NoError(t, err)
	return enc
}

// tokenOf gives the token of a call.
func tokenOf(t testing.TB, v *keyring.Version) cryptobox.Token {
	t.Helper()
	call := cryptobox.NewRecord(cryptobox.Head{Kind: cryptobox.KindCall, From: cryptobox.NewSenderID(), N: 1}, "realm1", "com.x", nil, nil)
	_, token, err := v.Key().Seal(nil, &call)
	require.NoError(t, err)
	return token
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
		require.Equal(t, keyring.VersionInfo{ID: id, State: keyring.StateActive, Kind: kind, Suite: cryptobox.SuiteBox}, versions[0])
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
	require.Equal(t, []string{filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)}, append(all.Originator, all.Responder...))
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
	goTogether(t, "com.any.z", all.Originator[0], all.Responder[0])
	r.noSecrets(t, both(dir)...)
}

// TestInitFor: peers that are not of this library, and secrets that all share.
func TestInitFor(t *testing.T) {
	const wampboxes, autobahn, passthru = cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru
	for name, test := range map[string]struct {
		args      []string
		kind      string
		dialect   cryptobox.Dialect
		suite     cryptobox.Suite
		algorithm string
	}{
		"box":             {nil, "originator", wampboxes, cryptobox.SuiteBox, ""},
		"box, said":       {[]string{"-suite", "box"}, "originator", wampboxes, cryptobox.SuiteBox, ""},
		"xbox":            {[]string{"-suite", "xbox"}, "originator", wampboxes, cryptobox.SuiteXBox, ""},
		"shared":          {[]string{"-shared"}, "shared", wampboxes, cryptobox.SuiteShared, ""},
		"autobahn":        {[]string{"-for", "autobahn"}, "originator", autobahn, 0, "cryptobox"},
		"shared autobahn": {[]string{"-shared", "-for=autobahn"}, "both", autobahn, 0, "cryptobox"},
		"passthru":        {[]string{"-for", "passthru"}, "originator", passthru, 0, "xsalsa20poly1305"},
		"shared passthru": {[]string{"-for", "passthru", "-shared"}, "shared", passthru, 0, "xsalsa20poly1305"},
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
			require.Regexp(t, "^[a-z2-7]{26}$", id)
			require.Equal(t, keyring.VersionInfo{ID: id, State: keyring.StateActive, Kind: test.kind, Dialect: test.dialect, Suite: test.suite, Algorithm: test.algorithm}, v)
			require.Equal(t, test.dialect == passthru, strings.Contains(string(must(os.ReadFile(paths[0]))), `"id"`), "there alone it is written")
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
		"-id is for one pattern":                                                         {"com.x", "com.y", "-for", "passthru", "-id", "k"},
		"-id is for passthru":                                                            {"com.x", "-id", "k"},
		"-suite: use box, xbox, signed or signed-pq":                                     {"com.x", "-suite", "shared"},
		"-suite is for our own dialect":                                                  {"com.x", "-suite", "xbox", "-for", "autobahn"},
		"-suite is for pairs of keys":                                                    {"com.x", "-suite", "xbox", "-shared"},
		"-for: use autobahn or passthru":                                                 {"com.x", "-for", "crossbar"},
		"there is a key where a pattern is wanted":                                       {key},
		"wampbox.error is wampbox's own":                                                 {"wampbox.error."},
	} {
		r := wampbox(t, append([]string{"init", "-dir", dir}, args...)...)
		r.fails(t, 2, says)
		require.NotContains(t, r.err, key)
	}
	wampbox(t, "init", "-dir", dir, "com.x", "-for", "passthru", "-id", strings.Repeat("x", 300)).fails(t, 1, "id")
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

// TestInitPlainAlone: what is plain needs no pattern with a key beside it.
func TestInitPlainAlone(t *testing.T) {
	dir := t.TempDir()
	require.Empty(t, wampbox(t, "init", "-dir", dir, "-plain", "com.p.").fine(t))
	for _, path := range both(dir) {
		entry, err := ring(t, path).Lookup("com.p.x")
		require.NoError(t, err)
		require.True(t, entry.Plain())
	}
	wampbox(t, "init", "-dir", filepath.Join(dir, "none")).fails(t, 2, "PATTERN is missing")
	require.NoDirExists(t, filepath.Join(dir, "none"))
}
