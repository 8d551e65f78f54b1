package keyfile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

var app = keyring.Pattern{URI: "com.myapp.", Match: keyring.Prefix}

// entry is a new pair's, as the originator has it.
func entry(id string, state keyring.State) *keyfile.Entry {
	return &keyfile.Entry{
		Pattern: app, ID: id, State: state,
		Originator: &keyfile.Side{Private: keyfile.PrivateKey(cryptobox.GenerateKey())},
		Responder:  &keyfile.Side{Public: keyfile.PublicKey(cryptobox.GenerateKey().Public())},
	}
}

// created writes a file with one active version, "one".
func created(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	f := keyfile.New()
	f.Keys = append(f.Keys, entry("one", keyring.StateActive))
	require.NoError(t, keyfile.Create(path, f))
	return path
}

// states gives the states of the file's versions by id.
func states(t testing.TB, path string) map[string]string {
	t.Helper()
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	found := map[string]string{}
	for _, v := range ring.Versions(app.URI, app.Match) {
		found[v.ID] = v.State.String()
	}
	return found
}

func TestRotation(t *testing.T) {
	path := created(t)
	steps := []struct {
		change func(*keyfile.File) error
		want   map[string]string
	}{
		{func(f *keyfile.File) error { return f.Add(entry("two", 0)) },
			map[string]string{"one": "active", "two": "pending"}},
		{func(f *keyfile.File) error { return f.Activate(app, "two") },
			map[string]string{"one": "retired", "two": "active"}},
		{func(f *keyfile.File) error { return f.Retire(app, "one", time.Now().Add(time.Hour)) },
			map[string]string{"one": "retired", "two": "active"}},
		{func(f *keyfile.File) error { return f.Revoke(app, "one") },
			map[string]string{"one": "revoked", "two": "active"}},
		{func(f *keyfile.File) error { return f.Remove(app, "one") },
			map[string]string{"two": "active"}},
	}
	for _, step := range steps {
		require.NoError(t, keyfile.Update(path, step.change))
		require.Equal(t, step.want, states(t, path))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	}
}
