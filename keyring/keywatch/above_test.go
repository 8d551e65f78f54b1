package keywatch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

// tree makes a folder with a keyring file two folders below, of one plain pattern.
func tree(t *testing.T, folder, pattern string) string {
	t.Helper()
	path := filepath.Join(folder, "etc", "keys", "keyring.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	text := fmt.Sprintf(`{"version": 2, "patterns": [{"exact": %q, "plain": true}]}`, pattern)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// TestFolderAboveIsRenamed: a release that puts a whole tree in another one's place is
// seen at once, and not at the next Poll, one time after the other.
func TestFolderAboveIsRenamed(t *testing.T) {
	root := t.TempDir()
	ring := keyring.New()
	w, err := keywatch.Watch(t.Context(), tree(t, filepath.Join(root, "app"), "com.old"), ring,
		keywatch.Settle(5*time.Millisecond), keywatch.Poll(time.Hour))
	require.NoError(t, err)
	defer w.Close()
	for i := range 3 {
		pattern := fmt.Sprintf("com.new%d", i)
		tree(t, filepath.Join(root, "release"), pattern)
		require.NoError(t, os.Rename(filepath.Join(root, "app"), filepath.Join(root, fmt.Sprintf("before%d", i))))
		if i == 2 {
			time.Sleep(50 * time.Millisecond) // nothing is there for a while
		}
		require.NoError(t, os.Rename(filepath.Join(root, "release"), filepath.Join(root, "app")))
		require.Eventually(t, func() bool {
			_, err := ring.Lookup(pattern)
			return err == nil
		}, 2*time.Second, 10*time.Millisecond, "the file as it is now wasn't read: %+v", w.Stats())
	}
}

// TestFolderAboveThatCantBeListed: a process that may only pass through it watches the rest.
func TestFolderAboveThatCantBeListed(t *testing.T) {
	root := t.TempDir()
	path := tree(t, filepath.Join(root, "app"), "com.old")
	require.NoError(t, os.Chmod(root, 0o100))
	defer func() { require.NoError(t, os.Chmod(root, 0o700)) }()
	ring := keyring.New()
	w, err := keywatch.Watch(t.Context(), path, ring, keywatch.Settle(5*time.Millisecond), keywatch.Poll(time.Hour))
	require.NoError(t, err)
	defer w.Close()
	replace(t, path, fileOf(`{"exact": "com.new", "plain": true}`)) // else half of it could be read
	require.Eventually(t, func() bool {
		_, err := ring.Lookup("com.new")
		return err == nil
	}, 2*time.Second, 10*time.Millisecond)
	require.Zero(t, w.Stats().Failures)
}

// TestNoiseAboveIsNoDelay: what else happens in a folder above, such as /tmp, isn't waited
// for, nor are the files read for it.
func TestNoiseAboveIsNoDelay(t *testing.T) {
	root := t.TempDir()
	path := tree(t, filepath.Join(root, "app"), "com.old")
	ring := keyring.New()
	const settle = 300 * time.Millisecond // ten times as long, where it is never quiet
	w, err := keywatch.Watch(t.Context(), path, ring, keywatch.Settle(settle), keywatch.Poll(time.Hour))
	require.NoError(t, err)
	defer w.Close()
	tree(t, filepath.Join(root, "app"), "com.new")
	require.Eventually(t, func() bool {
		require.NoError(t, os.WriteFile(filepath.Join(root, "noise"), nil, 0o600))
		_, err := ring.Lookup("com.new")
		return err == nil
	}, 5*settle, settle/20)
}
