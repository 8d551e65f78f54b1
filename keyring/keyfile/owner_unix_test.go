//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package keyfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestFolders: a file in a folder that others can write to is refused, wherever a link to it
// stands, unless they can't take it away, or nobody else is in the group.
func TestFolders(t *testing.T) {
	for mode, refused := range map[os.FileMode]bool{
		0o700: false, 0o755: false, 0o777: true, 0o757: true, 0o702: true, 0o777 | os.ModeSticky: false, 0o775: true,
	} {
		path := written(t, one(asOriginator))
		folder := filepath.Dir(path)
		if mode == 0o775 && os.Geteuid() == 0 {
			require.NoError(t, os.Chown(folder, 0, 12345))
		} else if mode == 0o775 {
			continue // a group of one's own may be the only one
		}
		require.NoError(t, os.Chmod(folder, mode))
		link := filepath.Join(t.TempDir(), "link.json")
		require.NoError(t, os.Symlink(path, link))
		for _, name := range []string{path, link} {
			_, err := keyfile.Load(name)
			if !refused {
				require.NoError(t, err, "%v", mode)
				continue
			}
			require.ErrorIs(t, err, keyfile.ErrPermissions)
			require.ErrorContains(t, err, "lets others put another file in its place: chmod go-w "+folder)
			_, err = keyfile.Load(name, keyfile.AllowReadableByOthers())
			require.ErrorIs(t, err, keyfile.ErrPermissions)
			require.ErrorIs(t, keyfile.Update(name, func(*keyfile.File) error { return nil }), keyfile.ErrPermissions)
			_, err = keyfile.Load(name, keyfile.AllowWritableByOthers())
			require.NoError(t, err)
		}
	}
	// A link's own folder counts too.
	path := written(t, one(asOriginator))
	folder := t.TempDir()
	require.NoError(t, os.Symlink(path, filepath.Join(folder, "link.json")))
	require.NoError(t, os.Chmod(folder, 0o777))
	_, err := keyfile.Load(filepath.Join(folder, "link.json"))
	require.ErrorContains(t, err, "chmod go-w "+folder)
}

// TestFilesBesideInOpenFolders: a key file's folder counts as the keyring file's does.
func TestFilesBesideInOpenFolders(t *testing.T) {
	path := written(t, one(`"originator": {"private": "$O"}, "responder": {"public": "file:open/public"}`))
	folder := filepath.Join(filepath.Dir(path), "open")
	require.NoError(t, os.Mkdir(folder, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "public"), []byte(publicText(sampleResponder)), 0o600))
	_, err := keyfile.Load(path)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o777))
	_, err = keyfile.Load(path)
	require.ErrorIs(t, err, keyfile.ErrPermissions)
}
