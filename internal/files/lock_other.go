//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package files

import (
	"errors"
	"io/fs"
	"os"
)

// staleHint: here the lock is the file's existence, so it outlives a process
// that is killed.
const staleHint = "; if none is running, one was killed: remove that file"

// tryLock takes the lock by making the file.
func tryLock(name string) (func(), error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrPermission) { // the latter while Windows removes it
		return nil, errHeld
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = errors.Join(f.Close(), os.Remove(name)) }, nil
}

// keepOwner does nothing: owners are inherited from the folder here.
func keepOwner(*os.File, fs.FileInfo) error { return nil }

// SyncFolder does nothing: folders can't be synced here.
func SyncFolder(string) error { return nil }
