//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package files

import (
	"io/fs"
	"os"
	"syscall"
)

// stranger tells whether a file's owner is neither this process's user nor root, and who
// that is.
func stranger(info fs.FileInfo) (uid uint32, is bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return stat.Uid, stat.Uid != 0 && int64(stat.Uid) != int64(os.Geteuid())
}

// ownGroup tells whether the group of a file is its owner's own, which has no other members:
// where users have such groups, they have their number.
func ownGroup(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Gid == stat.Uid
}
