package keyfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// checkAccess refuses a file that others can read, if it holds a secret, or
// write to, or replace. Windows has other permissions, which aren't looked at.
func (s settings) checkAccess(path string, info fs.FileInfo, secret bool) error {
	perm := info.Mode().Perm()
	if runtime.GOOS == "windows" {
		return nil
	}
	if !s.writable {
		if err := checkWriters(path, info); err != nil {
			return err
		}
	}
	if secret && perm&0o077 != 0 && !s.readable {
		return fmt.Errorf("%w: %#o lets others read a secret key: chmod 600 %s", ErrPermissions, perm, path)
	}
	return nil
}

// checkWriters refuses a file that others can write to, or put another in the place of.
func checkWriters(path string, info fs.FileInfo) error {
	if perm := info.Mode().Perm(); perm&writers != 0 {
		return fmt.Errorf("%w: %#o lets others write to it: chmod go-w %s", ErrWritable, perm, path)
	}
	if uid, other := stranger(info); other {
		return fmt.Errorf("%w: another user owns it, with the id %d, and can write to it: chown %s", ErrWritable, uid, path)
	}
	// By links a file has two folders: of the link, and of what that leads to.
	folders := []string{filepath.Dir(path)}
	if target, err := filepath.EvalSymlinks(path); err == nil && filepath.Dir(target) != folders[0] {
		folders = append(folders, filepath.Dir(target))
	}
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		perm := info.Mode().Perm()
		switch uid, other := stranger(info); {
		case other:
			return fmt.Errorf("%w: another user owns its folder, with the id %d, and can put another file in its place: chown %s", ErrWritable, uid, folder)
		case perm&writers == 0, info.Mode()&fs.ModeSticky != 0, perm&writers == groupWrites && ownGroup(info):
		default:
			return fmt.Errorf("%w: %#o lets others put another file in its place: chmod go-w %s", ErrWritable, perm, folder)
		}
	}
	return nil
}

// Who beside the owner may write.
const (
	groupWrites = 0o020
	writers     = 0o022
)
