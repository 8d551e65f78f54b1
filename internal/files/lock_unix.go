//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// staleHint is empty: the kernel frees the locks of processes that end.
const staleHint = ""

// tryLock takes the lock, if it is free, by flock(2). It holds for this open
// file, so it keeps out other goroutines too.
//
// A file may be removed by who had the lock, between opening it here and locking it.
// That lock is worth nothing, as others make the file anew: it has to be the one
// that has the name still.
func tryLock(name string) (func(), error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil && hasName(f, name) {
		return func() { release(f, name) }, nil
	}
	_ = f.Close()
	if err == nil {
		return nil, errHeld
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errHeld
	}
	return nil, &fs.PathError{Op: "flock", Path: name, Err: err}
}

// release removes a lock's file, unless its folder has moved and another's is there now,
// and frees the lock.
func release(f *os.File, name string) {
	if hasName(f, name) {
		_ = os.Remove(name) // whoever comes next does without
	}
	_ = f.Close()
}

// hasName tells whether an open file is the one of a name.
func hasName(f *os.File, name string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(open, named)
}

// keepOwner gives a file the owner of another one. For who isn't root it fails
// if the owner is somebody else: then nothing is written.
func keepOwner(f *os.File, before fs.FileInfo) error {
	now, err := f.Stat()
	if err != nil {
		return err
	}
	have, ok1 := now.Sys().(*syscall.Stat_t)
	want, ok2 := before.Sys().(*syscall.Stat_t)
	if !ok1 || !ok2 || have.Uid == want.Uid && have.Gid == want.Gid {
		return nil
	}
	return f.Chown(int(want.Uid), int(want.Gid))
}

// SyncFolder makes a rename last.
func SyncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
