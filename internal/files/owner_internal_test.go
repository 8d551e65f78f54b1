//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// ownedBy is a file as if another user had it. Only root can give one away.
type ownedBy struct {
	fs.FileInfo
	uid uint32
}

func (o ownedBy) Sys() any {
	stat := *o.FileInfo.Sys().(*syscall.Stat_t)
	stat.Uid = o.uid
	return &stat
}

// TestStrangers: a file that another user owns is refused, and root's is taken.
func TestStrangers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	info, err := os.Stat(path)
	require.NoError(t, err)
	me := uint32(os.Geteuid())
	require.NoError(t, CheckWriters(path, ownedBy{info, me}))
	require.NoError(t, CheckWriters(path, ownedBy{info, 0}))
	err = CheckWriters(path, ownedBy{info, me + 12345})
	require.ErrorIs(t, err, ErrWritable)
	require.ErrorIs(t, err, ErrPermissions)
	require.ErrorContains(t, err, "another user owns it, with the id ")

	// What is looked at is what the system says of the file and its folder.
	if me != 0 {
		return
	}
	require.NoError(t, os.Chown(filepath.Dir(path), 12345, 0))
	require.ErrorContains(t, CheckWriters(path, info), "another user owns its folder, with the id 12345")
}
