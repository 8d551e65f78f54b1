package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
)

// Update changes a keyring file. Tools that do so at the same time wait for one another, so
// that no change is lost. If the path is a symbolic link, Update changes what it leads to.
// The file keeps its owner and its permissions, but for those that loading would refuse.
//
// If the change returns an error, or what it leaves isn't a keyring file that
// loads, the file stays as it was, and Update returns the error: the change's
// own, an [*Error], [ErrLocked], or the system's.
func Update(path string, change func(*File) error, opts ...Option) error {
	return update(path, newSettings(opts), parse, change)
}

// update is Update of a file in some format.
func update(path string, s settings, as format, change func(*File) error) error {
	if s.err != nil {
		return &Error{Path: path, Err: s.err}
	}
	if s.decrypt != nil && s.encrypt == nil {
		return &Error{Path: path, Err: fmt.Errorf("%w: give WithEncrypter too, as it isn't written in plain", ErrEncrypted)}
	}
	target, unlock, err := lockTarget(path, s.wait)
	if errors.Is(err, fs.ErrNotExist) && s.missing {
		return updateMissing(path, s, as, change)
	}
	if err != nil {
		return err
	}
	defer unlock()
	f, _, err := open(path, target, s, as)
	if err != nil {
		return err
	}
	defer f.Wipe()
	if err := change(f); err != nil {
		return err
	}
	text, err := f.text()
	if err != nil {
		return err
	}
	defer clear(text)
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	mode := info.Mode().Perm() &^ 0o022
	if f.hasSecrets() && !s.readable && s.encrypt == nil {
		mode &= 0o700
	}
	return files.Replace(target, text, mode, info)
}

// lockTarget locks the file that a path leads to. A symbolic link may come to lead
// elsewhere while one waits for the lock: then it is let go, and the other file locked.
func lockTarget(path string, wait time.Duration) (target string, unlock func(), err error) {
	deadline := time.Now().Add(wait)
	target, err = filepath.EvalSymlinks(path)
	for err == nil {
		unlock, err = files.Lock(target, time.Until(deadline))
		locked := target
		if errors.Is(err, fs.ErrNotExist) { // its folder has moved away
			if target, err = filepath.EvalSymlinks(path); err == nil && target != locked {
				continue
			}
		}
		if err != nil {
			break
		}
		target, err = filepath.EvalSymlinks(path)
		if err == nil && target == locked {
			return target, unlock, nil
		}
		unlock()
	}
	return "", nil, err
}

// Create writes a new keyring file with the options that the File was made
// with, and with permissions for its owner only. It never writes over anything:
// the error is then [fs.ErrExist]. What doesn't load isn't written.
func Create(path string, f *File) error {
	f.settings.folder = filepath.Dir(path)
	text, err := f.text()
	if err != nil {
		return err
	}
	defer clear(text)
	unlock, err := files.Lock(path, f.settings.wait)
	if err != nil {
		return err
	}
	defer unlock()
	return files.Create(path, text)
}

// updateMissing is update where there is no file. Another tool may make it meanwhile.
func updateMissing(path string, s settings, as format, change func(*File) error) error {
	unlock, err := files.Lock(path, s.wait)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		unlock()
		s.missing = false
		return update(path, s, as, change)
	}
	defer unlock()
	f := New()
	f.settings = s
	f.settings.folder = filepath.Dir(path)
	defer f.Wipe()
	if err := change(f); err != nil {
		return err
	}
	text, err := f.text()
	if err != nil {
		return err
	}
	defer clear(text)
	return files.Create(path, text)
}

// text gives what is to be written, after it was found to load.
func (f *File) text() ([]byte, error) {
	if _, err := f.Ring(); err != nil {
		return nil, err
	}
	text, err := f.Marshal()
	encrypt := f.settings.encrypt
	if err != nil || encrypt == nil {
		return text, err
	}
	defer clear(text)
	return files.Encrypt(text, encrypt)
}
