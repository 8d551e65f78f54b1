package main_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
)

// sharedID gives the id of a secret of all parties.
func sharedID(t testing.TB, text string) string {
	t.Helper()
	key, err := cryptobox.ParseSymmetricKey(text)
	require.NoError(t, err)
	return cryptobox.SharedID(key).String()
}

// TestConvert makes a file of version 1 one of version 2, and keeps the old one.
func TestConvert(t *testing.T) {
	key, next := strings.TrimSpace(wampbox(t, "keygen").fine(t)), strings.TrimSpace(wampbox(t, "keygen").fine(t))
	old := fmt.Appendf(nil, `{"version": 1, "keys": [
		{"pattern": "com.x.", "match": "prefix", "id": "one", "comment": "keep me", "symmetric": %q},
		{"pattern": "com.x.", "match": "prefix", "id": "two", "state": "pending", "symmetric": %q}]}`, key, next)
	want := map[string]string{sharedID(t, key): "active", sharedID(t, next): "pending"}
	check := func(text string) {
		t.Helper()
		require.Contains(t, text, `"keep me"`)
		path := write(t, "k.json", []byte(text))
		require.Equal(t, want, states(t, path), "the ids follow from the keys")
		require.Equal(t, keyring.StatePending, ring(t, path).Versions(keyring.Prefix("com.x."))[0].State)
	}
	path := write(t, "old.json", old)
	wampbox(t, "list", path).fails(t, 1, "make it one of version 2 with wampbox convert")

	r := wampbox(t, "convert", "-o", "-", path)
	check(r.fine(t))
	require.Contains(t, r.err, "is closed now")
	require.NotContains(t, r.err, key)
	require.Equal(t, old, must(os.ReadFile(path)))

	elsewhere := filepath.Join(t.TempDir(), "new.json")
	require.Empty(t, wampbox(t, "convert", path, "-o", elsewhere).fine(t))
	check(string(must(os.ReadFile(elsewhere))))
	require.Equal(t, os.FileMode(0o600), mode(t, elsewhere))
	wampbox(t, "convert", path, "-o", elsewhere).fails(t, 1, "isn't overwritten")

	r = wampbox(t, "convert", path)
	require.Empty(t, r.fine(t))
	require.Contains(t, r.err, "it was pending: it opens, and seals from 9999-01-01T00:00:00Z on")
	require.Contains(t, r.err, "the old file is "+path+".v1")
	check(string(must(os.ReadFile(path))))
	require.Equal(t, old, must(os.ReadFile(path+".v1")))
	require.Equal(t, os.FileMode(0o600), mode(t, path+".v1"))
	wampbox(t, "convert", path).fails(t, 1, path+".v1 exists")

	identity, file := identity(t)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, identity.Recipient())
	require.NoError(t, err)
	_, err = w.Write(old)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	encrypted := write(t, "encrypted.json", sealed.Bytes())
	wampbox(t, "convert", encrypted, "-identity", file, "-o", "-").fails(t, 1, "is encrypted, and would be printed in plain")
	wampbox(t, "convert", encrypted, "-identity", file).fine(t)
	require.True(t, agefile.Encrypted(must(os.ReadFile(encrypted))))
	require.Equal(t, want, states(t, encrypted, agefile.Identities(identity)))

	// What isn't of version 1 stays, without a backup.
	require.NoError(t, os.Remove(path+".v1"))
	wampbox(t, "convert", path).fails(t, 1, "it isn't of version 1")
	require.NoFileExists(t, path+".v1")
	check(string(must(os.ReadFile(path))))
	wampbox(t, "convert", filepath.Join(t.TempDir(), "none")).fails(t, 1, "no such file")
}
