package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/links"
)

// CheckReaders refuses a file that others can read. Windows has other permissions, which
// aren't looked at.
func CheckReaders(path string, info fs.FileInfo) error {
	if perm := info.Mode().Perm(); runtime.GOOS != "windows" && perm&others != 0 {
		return fmt.Errorf("%w: %#o lets others read a secret key: chmod 600 %s", ErrPermissions, perm, path)
	}
	return nil
}

// CheckWriters refuses a file that others can write to, or put another in the place of. Windows
// has other permissions, which aren't looked at.
func CheckWriters(path string, info fs.FileInfo) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	if perm := info.Mode().Perm(); perm&writers != 0 {
		return fmt.Errorf("%w: %#o lets others write to it: chmod go-w %s", ErrWritable, perm, path)
	}
	if uid, other := stranger(info); other {
		return fmt.Errorf("%w: another user owns it, with the id %d, and can write to it: chown %s", ErrWritable, uid, path)
	}
	if !filepath.IsAbs(path) {
		here, err := os.Getwd()
		if err != nil {
			return err
		}
		path = here + string(filepath.Separator) + path
	}
	_, err := links.Walk(path, checkStep)
	if errors.Is(err, fs.ErrNotExist) { // a file that was removed since, or never had a name
		return nil
	}
	return err
}

// checkStep refuses a folder or link on the way to a file, if others can have it lead elsewhere.
func checkStep(at string, info fs.FileInfo) error {
	if info.Mode().IsRegular() { // which was looked at when it was opened
		return nil
	}
	perm, isFolder := info.Mode().Perm(), info.IsDir()
	switch uid, other := stranger(info); {
	case other && isFolder:
		return fmt.Errorf("%w: another user owns its folder, with the id %d, and can put another file in its place: chown %s", ErrWritable, uid, at)
	case other:
		return fmt.Errorf("%w: another user owns a link to it, with the id %d, and can have it lead elsewhere: chown -h %s", ErrWritable, uid, at)
	case !isFolder, perm&writers == 0, info.Mode()&fs.ModeSticky != 0, perm&writers == groupWrites && ownGroup(info):
		return nil
	}
	return fmt.Errorf("%w: %#o lets others put another file in its place: chmod go-w %s", ErrWritable, perm, at)
}

// What others than the owner may do.
const (
	others      = 0o077 // anything
	groupWrites = 0o020
	writers     = 0o022
)
