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
	ID         string `json:"id"`
	Pattern    string `json:"pattern"`
	Match      string `json:"match"`
	Originator string `json:"originator"`
	Responder  string `json:"responder"`
}

// TestInit gives two files that go together, for their owner only.
func TestInit(t *testing.T) {
	dir := t.TempDir()
	r := run{dir: dir}.start(t, "init", "-pattern", "com.myapp.encrypted.", "-match", "prefix")
	id := strings.TrimSpace(r.fine(t))
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)
	r.noSecrets(t, originator, responder)
	for path, kind := range map[string]string{originator: "originator", responder: "responder"} {
		require.Equal(t, os.FileMode(0o600), mode(t, path))
		require.Len(t, secrets(t, path), 1, "its own private key only")
		versions := ring(t, path).Versions("com.myapp.encrypted.", keyring.Prefix)
		require.Len(t, versions, 1)
		require.Equal(t, keyring.VersionInfo{ID: id, State: keyring.StateActive, Kind: kind, Algorithm: "cryptobox"}, versions[0])
	}
	require.NotEqual(t, secrets(t, originator), secrets(t, responder))
	const uri = "com.myapp.encrypted.hello"
	for from, to := range map[string]string{originator: responder, responder: originator} {
		sealed := run{stdin: []byte(`{"args": ["Hello"]}`)}.start(t, "seal", "-keyring", from, "-uri", uri)
		opened := run{stdin: []byte(sealed.fine(t))}.start(t, "open", "-keyring", to, "-uri", uri)
		require.Equal(t, []any{"Hello"}, record(t, opened.fine(t)).Args)
	}
	require.Empty(t, wampbox(t, "lint", "-dir", dir).fine(t))
}

// TestInitOptions end up in both files; the folder is made.
func TestInitOptions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	var made initJSON
	wampbox(t, "init", "-json", "-dir", dir, "-pattern", "com.x", "-id", "k1", "-comment", "for tests", "-allow-unbound").decode(t, &made)
	require.Equal(t, initJSON{ID: "k1", Pattern: "com.x", Match: "exact",
		Originator: filepath.Join(dir, originatorFile), Responder: filepath.Join(dir, responderFile)}, made)
	require.Equal(t, os.FileMode(0o700), mode(t, dir))
	for _, path := range []string{made.Originator, made.Responder} {
		versions := ring(t, path).Versions("com.x", keyring.Exact)
		require.Len(t, versions, 1)
		require.Equal(t, "k1", versions[0].ID)
		require.True(t, versions[0].Unbound)
		require.Contains(t, string(must(os.ReadFile(path))), `"comment": "for tests"`)
	}
}

// TestInitNeverOverwrites: where one of the files exists, none is made.
func TestInitNeverOverwrites(t *testing.T) {
	for _, name := range []string{originatorFile, responderFile} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("mine"), 0o644))
		wampbox(t, "init", "-dir", dir, "-pattern", "com.x").fails(t, 1, path+" exists and isn't overwritten")
		require.Equal(t, "mine", string(must(os.ReadFile(path))))
		entries, err := filepath.Glob(filepath.Join(dir, "*.json"))
		require.NoError(t, err)
		require.Equal(t, []string{path}, entries)
	}
	dir := t.TempDir()
	target := filepath.Join(dir, "elsewhere")
	require.NoError(t, os.Symlink(target, filepath.Join(dir, originatorFile)))
	wampbox(t, "init", "-dir", dir, "-pattern", "com.x").fails(t, 1, "isn't overwritten")
	require.NoFileExists(t, target)
}

// TestInitUsage: what can't be a pattern is the caller's mistake.
func TestInitUsage(t *testing.T) {
	dir := t.TempDir()
	for says, args := range map[string][]string{
		"Required flag \"pattern\" not set":        {},
		"-pattern: keyring: validate":              {"-pattern", "com.myapp."},
		"-match: use exact, prefix or wildcard":    {"-pattern", "com.x", "-match", "regex"},
		"it has an empty component":                {"-pattern", "com..x", "-match", "prefix"},
		"white space and \"#\" can't stand in a U": {"-pattern", "com x"},
	} {
		wampbox(t, append([]string{"init", "-dir", dir}, args...)...).fails(t, 2, says)
	}
	wampbox(t, "init", "-dir", dir, "-pattern", "com.x", "-id", strings.Repeat("x", 300)).fails(t, 1, "id")
	require.Empty(t, must2(os.ReadDir(dir)))
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
		all.Go(func() { results[i] = wampbox(t, "init", "-dir", dir, "-pattern", "com.x.", "-match", "prefix") })
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
