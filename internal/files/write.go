package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Both ways of writing put the text into a file of its own beside the target,
// sync it, give it the target's name, and sync the folder. The caller holds the
// target's lock.

// Replace puts a text in a file's place, with a mode and the owner of what was
// there.
func Replace(path string, text []byte, mode fs.FileMode, before fs.FileInfo) error {
	temp, err := writeTemp(path, text, func(f *os.File) error {
		if err := keepOwner(f, before); err != nil {
			return err
		}
		return f.Chmod(mode)
	})
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return SyncFolder(filepath.Dir(path))
}

// Create puts a text where nothing is.
func Create(path string, text []byte) error {
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

// tempPrefix begins the names of the files that are to become the target.
func tempPrefix(path string) string { return "." + filepath.Base(path) + ".new-" }

// writeTemp writes a synced file for the owner only, and gives its name. Those
// that a killed process left behind are removed first.
func writeTemp(path string, text []byte, prepare func(*os.File) error) (string, error) {
	folder := filepath.Dir(path)
	if err := removeLeft(folder, tempPrefix(path)); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(folder, tempPrefix(path)+"*") // mode 0600
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

// removeLeft removes files of earlier writes that were killed: keys are in
// them.
func removeLeft(folder, prefix string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); len(name) > len(prefix) && name[:len(prefix)] == prefix {
			if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
