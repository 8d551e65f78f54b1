package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The way of file systems without hard links, which tests can't count on.
func TestCreateByRename(t *testing.T) {
	folder := t.TempDir()
	temp, path := filepath.Join(folder, "temp"), filepath.Join(folder, "path")
	put := func(text string) { require.NoError(t, os.WriteFile(temp, []byte(text), 0o600)) }
	put("one")
	require.NoError(t, createByRename(temp, path))
	put("two")
	require.ErrorIs(t, createByRename(temp, path), fs.ErrExist)
	require.NoFileExists(t, temp)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "one", string(text))
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Symlink("nowhere", path))
	put("three")
	require.ErrorIs(t, createByRename(temp, path), fs.ErrExist)
}
