package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// All ways of writing put the text into a file of its own beside the target,
// sync it, give it the target's name, and sync the folder. For all but Put the
// caller holds the target's lock.

// Put puts a text where a file is or isn't, for the owner only. It needs no lock: of several
// at once the last wins. What it leaves when it is killed, [Sweep] removes.
func Put(path string, text []byte) error {
	p, err := Prepare(path, text)
	if err != nil {
		return err
	}
	return p.land()
}

// Prepared is a file that is written, and hasn't its name yet.
type Prepared struct{ temp, path string }

// Prepare begins what [Put] does: so several files are written before any of them has its name.
func Prepare(path string, text []byte) (Prepared, error) {
	temp, err := writeTemp(path, text, func(*os.File) error { return nil })
	return Prepared{temp, path}, err
}

// Commit gives the file its name. It lasts when the folder has been synced.
func (p Prepared) Commit() error {
	if err := os.Rename(p.temp, p.path); err != nil {
		return errors.Join(err, os.Remove(p.temp))
	}
	return nil
}

// land gives the file its name for good.
func (p Prepared) land() error {
	if err := p.Commit(); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(p.path))
}

// Discard removes the file. It has no name yet.
func (p Prepared) Discard() error { return os.Remove(p.temp) }

// Replace puts a text in a file's place, with a mode and the owner of what was
// there.
func Replace(path string, text []byte, mode fs.FileMode, before fs.FileInfo) error {
	if err := removeLeft(path); err != nil {
		return err
	}
	temp, err := writeTemp(path, text, func(f *os.File) error {
		if err := keepOwner(f, before); err != nil {
			return err
		}
		return f.Chmod(mode)
	})
	if err != nil {
		return err
	}
	return Prepared{temp, path}.land()
}

// Create puts a text where nothing is.
func Create(path string, text []byte) error {
	if err := removeLeft(path); err != nil {
		return err
	}
	temp, err := writeTemp(path, text, func(*os.File) error { return nil })
	if err != nil {
		return err
	}
	err = os.Link(temp, path) // fails if there is anything
	if err == nil || errors.Is(err, fs.ErrExist) {
		err = errors.Join(err, os.Remove(temp))
	} else {
		err = createByRename(temp, path)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists and isn't overwritten: remove it first, or give another path: %w", path, fs.ErrExist)
	}
	if err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// createByRename is for file systems without hard links. The lock keeps other
// tools of ours from making the file between the look and the rename.
func createByRename(temp, path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		err = fs.ErrExist
	case errors.Is(err, fs.ErrNotExist):
		if err = os.Rename(temp, path); err == nil {
			return nil
		}
	}
	return errors.Join(err, os.Remove(temp))
}

// tempMark stands in the names of the files that are to become others.
const tempMark = ".new-"

// tempPrefix begins the names of the files that are to become the target.
func tempPrefix(path string) string { return "." + filepath.Base(path) + tempMark }

// writeTemp writes a synced file for the owner only, and gives its name.
func writeTemp(path string, text []byte, prepare func(*os.File) error) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix(path)+"*") // mode 0600
	if err != nil {
		return "", err
	}
	err = prepare(f)
	if err == nil {
		_, err = f.Write(text)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// removeLeft removes files of earlier writes of a file that were killed: keys are in them.
func removeLeft(path string) error {
	prefix := tempPrefix(path)
	return remove(filepath.Dir(path), func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), prefix) })
}

// Sweep removes files of earlier writes in a folder that were killed: those that are older than
// some time, as others may be under way.
func Sweep(folder string, older time.Duration) error {
	return remove(folder, func(e fs.DirEntry) bool {
		if !strings.HasPrefix(e.Name(), ".") || !strings.Contains(e.Name(), tempMark) {
			return false
		}
		info, err := e.Info()
		return err == nil && time.Since(info.ModTime()) >= older
	})
}

// remove removes files of a folder.
func remove(folder string, which func(fs.DirEntry) bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if which(e) {
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
