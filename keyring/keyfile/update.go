package keyfile

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Update changes a keyring file. Tools that do it at once wait for one another,
// so that no change is lost. Where the path is a symbolic link, what it leads
// to is changed. The file keeps its owner and its permissions, but for those
// that loading would refuse.
//
// If the change returns an error, or what it leaves isn't a keyring file that
// loads, the file stays as it was, and Update returns the error: the change's
// own, a [*keyring.FileError], [ErrLocked], or the system's.
func Update(path string, change func(*File) error, opts ...Option) error {
	s := newSettings(opts)
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	unlock, err := lock(target, s.wait)
	if err != nil {
		return err
	}
	defer unlock()
	// The folder of file:PATH is that of the path as it was given.
	f, err := s.open(path)
	if err != nil {
		return err
	}
	defer func() { f.Wipe() }()
	if err := change(f); err != nil {
		return err
	}
	text, err := s.text(f)
	if err != nil {
		return err
	}
	defer clear(text)
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	mode := info.Mode().Perm() &^ 0o022
	if f.HasSecrets() && !s.readable && s.encrypt == nil {
		mode &= 0o700
	}
	return replace(target, text, mode, info)
}

// Create writes a new keyring file, with permissions for its owner only. It
// never writes over anything: the error is then [fs.ErrExist]. What doesn't
// load isn't written.
func Create(path string, f *File, opts ...Option) error {
	s := newSettings(opts)
	f.load = s.loadFrom(filepath.Dir(path))
	text, err := s.text(f)
	if err != nil {
		return err
	}
	defer clear(text)
	unlock, err := lock(path, s.wait)
	if err != nil {
		return err
	}
	defer unlock()
	return create(path, text)
}

// loadFrom gives the options for a file in a folder.
func (s *settings) loadFrom(folder string) []keyring.LoadOption {
	return append(slices.Clone(s.load), keyring.RelativeTo(folder))
}

// open reads the file and checks that it loads, permissions included.
func (s *settings) open(path string) (*File, error) {
	text, err := s.loaded(path)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	doc, err := document.Parse(text)
	if err != nil {
		return nil, err
	}
	return &File{Document: doc, load: s.loadFrom(filepath.Dir(path))}, nil
}

// loaded gives the text of a file that loads.
func (s *settings) loaded(path string) ([]byte, error) {
	if s.decrypt == nil {
		if _, err := keyring.Load(path, s.load...); err != nil {
			return nil, err
		}
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return document.ReadAll(file, -1, document.MaxSize)
	}
	// Decrypting takes its time, on purpose: what Load decrypts is kept.
	var text []byte
	keep := func(r io.Reader) (io.Reader, error) {
		plain, err := s.decrypt(r)
		if err != nil {
			return nil, err
		}
		if text, err = document.ReadAll(plain, -1, document.MaxSize); err != nil {
			return nil, err
		}
		return bytes.NewReader(text), nil
	}
	if _, err := keyring.Load(path, append(slices.Clone(s.load), keyring.WithDecrypter(keep))...); err != nil {
		clear(text)
		return nil, err
	}
	return text, nil
}

// text gives what is to be written, after it was found to load.
func (s *settings) text(f *File) ([]byte, error) {
	if _, err := f.Ring(); err != nil {
		return nil, err
	}
	text, err := f.Marshal()
	if err != nil || s.encrypt == nil {
		return text, err
	}
	defer clear(text)
	var sealed bytes.Buffer
	w, err := s.encrypt(&sealed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}
