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
			require.ErrorContains(t, err, "lets others put another file in its place: chmod go-w ")
			require.ErrorContains(t, err, folder)
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
	require.ErrorContains(t, err, "chmod go-w ")
	require.ErrorContains(t, err, folder)
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

// TestWays: whoever can have any step on the way lead elsewhere is found, be it a folder above or
// a link in a chain of links. What is sticky may be open to all.
func TestWays(t *testing.T) {
	const another = 12345
	for name, test := range map[string]struct {
		root    bool // needed to give something away
		spoil   func(t *testing.T, dir string) error
		refused string
	}{
		"as it is":         {false, func(*testing.T, string) error { return nil }, ""},
		"sticky":           {false, func(_ *testing.T, dir string) error { return os.Chmod(filepath.Join(dir, "tmp"), 0o777|os.ModeSticky) }, ""},
		"open":             {false, func(_ *testing.T, dir string) error { return os.Chmod(filepath.Join(dir, "tmp"), 0o777) }, "chmod go-w "},
		"above":            {false, func(_ *testing.T, dir string) error { return os.Chmod(filepath.Join(dir, "own"), 0o777) }, "chmod go-w "},
		"gone by":          {false, func(_ *testing.T, dir string) error { return os.Chmod(filepath.Join(dir, "by"), 0o777) }, "chmod go-w "},
		"above of another": {true, func(_ *testing.T, dir string) error { return os.Chown(filepath.Join(dir, "own"), another, another) }, "another user owns its folder"},
		"link of another": {true, func(t *testing.T, dir string) error {
			require.NoError(t, os.Chmod(filepath.Join(dir, "tmp"), 0o777|os.ModeSticky))
			return os.Lchown(filepath.Join(dir, "tmp", "link"), another, another)
		}, "another user owns a link to it"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.root && os.Geteuid() != 0 {
				t.Skip("only root can give a file away")
			}
			dir := t.TempDir()
			for _, folder := range []string{"own/app", "tmp", "by/further"} {
				require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o700))
			}
			text, err := os.ReadFile(written(t, one(asOriginator)))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "own/app/keyring.json"), text, 0o600))
			require.NoError(t, os.Symlink("../by/further/../../own/app", filepath.Join(dir, "tmp", "link")))
			require.NoError(t, os.Symlink(filepath.Join(dir, "tmp", "link", "keyring.json"), filepath.Join(dir, "link.json")))
			require.NoError(t, test.spoil(t, dir))
			t.Chdir(dir)
			for _, path := range []string{"link.json", filepath.Join(dir, "link.json")} {
				_, err = keyfile.Load(path)
				if test.refused == "" {
					require.NoError(t, err)
					continue
				}
				require.ErrorIs(t, err, keyfile.ErrWritable)
				require.ErrorContains(t, err, test.refused)
				_, err = keyfile.Load(path, keyfile.AllowWritableByOthers())
				require.NoError(t, err)
			}
		})
	}
}
