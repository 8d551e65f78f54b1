//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package keyfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestUpdateWaitsForAFileThatMoves: a change that waits for another one, while the path
// comes to lead elsewhere, must not write one file's content over the other.
func TestUpdateWaitsForAFileThatMoves(t *testing.T) {
	added := keyring.Prefix("com.added.")
	adding := func(f *keyfile.File) error { return f.SetPlain(added) }
	for name, c := range map[string]struct {
		path, before string // how the file is asked for, and where the old one is then
		move         func(at func(string) string) error
		after        string // where the old one is
	}{
		"a link": {
			path: "current/keyring.json", before: "old/keyring.json", after: "old/keyring.json",
			move: func(at func(string) string) error {
				return errors.Join(os.Symlink("new", at("next")), os.Rename(at("next"), at("current")))
			},
		},
		"a folder": {
			path: "old/keyring.json", before: "old/keyring.json", after: "gone/keyring.json",
			move: func(at func(string) string) error {
				return errors.Join(os.Rename(at("old"), at("gone")), os.Rename(at("new"), at("old")))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			at := func(name string) string { return filepath.Join(root, name) }
			for _, name := range []string{"old", "new"} {
				f := keyfile.New()
				require.NoError(t, f.SetPlain(keyring.Prefix("com."+name+".")))
				require.NoError(t, os.Mkdir(at(name), 0o700))
				require.NoError(t, keyfile.Create(at(name+"/keyring.json"), f))
			}
			require.NoError(t, os.Symlink("old", at("current")))
			held, err := os.OpenFile(at("old/.keyring.json.lock"), os.O_RDWR|os.O_CREATE, 0o600) // as another tool has it
			require.NoError(t, err)
			require.NoError(t, syscall.Flock(int(held.Fd()), syscall.LOCK_EX))
			changed := make(chan error, 1)
			go func() { changed <- keyfile.Update(at(c.path), adding) }()
			time.Sleep(100 * time.Millisecond) // it waits
			require.Empty(t, changed)
			require.NoError(t, c.move(at))
			require.NoError(t, held.Close())
			require.NoError(t, <-changed)
			require.Equal(t, []keyring.Pattern{keyring.Prefix("com.new."), added}, patternsOf(t, at(c.path)), "where the path leads")
			require.Equal(t, []keyring.Pattern{keyring.Prefix("com.old.")}, patternsOf(t, at(c.after)), "where it led")
		})
	}
}

func patternsOf(t *testing.T, path string) (all []keyring.Pattern) {
	t.Helper()
	f, err := keyfile.ParseFile(path)
	require.NoError(t, err)
	for _, e := range f.Entries {
		all = append(all, e.Pattern)
	}
	return all
}
