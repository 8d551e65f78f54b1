package lint

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Source is how a file is read.
type Source struct {
	// Decrypt decrypts the file; nil for one that isn't encrypted.
	Decrypt func(io.Reader) (io.Reader, error)
	// Readable is true where the file may be readable by others.
	Readable bool
}

// File gives the findings of one keyring file, by line, none if all is well.
// The error is for a file that can't be read or decrypted.
func File(path string, source Source) ([]Finding, error) {
	text, err := source.read(path)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	r := &report{path: path, now: time.Now()}
	doc, err := document.Parse(text)
	if err != nil {
		r.unreadable(err)
		return r.findings, nil
	}
	defer doc.Wipe()
	r.entries(doc, source.options(path))
	if _, err := keyring.Load(path, source.loading()...); err != nil {
		r.whole(err)
	}
	return r.sorted(), nil
}

// read gives the file's plain text.
func (s Source) read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is no regular file")}
	}
	var r io.Reader = file
	if s.Decrypt != nil {
		if r, err = s.Decrypt(file); err != nil {
			return nil, &fs.PathError{Op: "decrypt", Path: path, Err: err}
		}
	}
	text, err := document.ReadAll(r, info.Size(), document.MaxSize)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return text, nil
}

// loading gives the options for loading the file.
func (s Source) loading() []keyring.LoadOption {
	var opts []keyring.LoadOption
	if s.Readable {
		opts = append(opts, keyring.AllowReadableByOthers())
	}
	if s.Decrypt != nil {
		opts = append(opts, keyring.WithDecrypter(s.Decrypt))
	}
	return opts
}

// options gives those for reading single entries of it, as plain text.
func (s Source) options(path string) []keyring.LoadOption {
	return append(Source{Readable: s.Readable}.loading(), keyring.RelativeTo(filepath.Dir(path)))
}

// unreadable is the finding of a text that isn't a keyring file.
func (r *report) unreadable(err error) {
	var at *document.Error
	if !errors.As(err, &at) {
		r.add(nil, Invalid, "%v", err)
		return
	}
	r.findings = []Finding{{File: r.path, Line: at.Line, Entry: at.Entry, Rule: Invalid, Message: document.Conceal(at.Err.Error())}}
}

// whole adds what loading says of the whole file, unless a finding has said
// why.
func (r *report) whole(err error) {
	var at *keyring.FileError
	switch {
	case !errors.As(err, &at):
		r.add(nil, Invalid, "%v", err)
	case errors.Is(err, keyring.ErrPermissions) && at.Entry == "":
		r.add(nil, Permissions, "%v", cause(err))
	case !r.refused():
		rule := Invalid
		if errors.Is(err, keyring.ErrConflict) {
			rule = Overlap
		}
		r.findings = append(r.findings, Finding{
			File: r.path, Line: at.Line, Entry: at.Entry, Rule: rule, Message: document.Conceal(cause(err).Error()),
		})
	}
}

// cause takes what is said elsewhere of the place out of an error.
func cause(err error) error {
	var at *keyring.FileError
	if errors.As(err, &at) {
		err = at.Err
	}
	if known, ok := err.(*keyring.Error); ok {
		err = known.Err
	}
	return err
}

// alone reads one entry by itself, as a ring of its own.
func alone(e *document.Entry, opts []keyring.LoadOption) (keyring.VersionInfo, error) {
	text, err := (&document.Document{Keys: []*document.Entry{e}}).Marshal()
	if err != nil {
		return keyring.VersionInfo{}, err
	}
	defer clear(text)
	ring, err := keyring.Read(bytes.NewReader(text), opts...)
	if err != nil {
		return keyring.VersionInfo{}, cause(err)
	}
	for p := range ring.Patterns() {
		return ring.Versions(p.URI, p.Match)[0], nil
	}
	return keyring.VersionInfo{}, errors.New("the entry gives no key")
}
