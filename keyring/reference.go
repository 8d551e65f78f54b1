package keyring

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
)

// maxKeyFile bounds a file with one key in it, comments included.
const maxKeyFile = 4096

// envName is how variables are named. A key never looks like it.
var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// resolve gives the 32 bytes of a key, from wherever it is. The caller wipes
// them. A secret key's file must not be for others to read.
func (l *loader) resolve(s document.Secret, field string, secret bool) ([32]byte, error) {
	switch where, name := s.Reference(); where {
	case document.Environment:
		return fromEnv(field, name)
	case document.File:
		return l.fromFile(field, name, secret)
	}
	return decodeKey(field, s.UnsafeText(), "write 44 characters of base64, env:NAME or file:PATH")
}

// fromEnv reads a key from the environment, where it can't be wiped.
func fromEnv(field, name string) ([32]byte, error) {
	if !envName.MatchString(name) {
		return [32]byte{}, fmt.Errorf("%w: %s: after env: comes a variable's name: 1 to 63 letters, digits and _", ErrReference, field)
	}
	value, found := os.LookupEnv(name)
	if !found || value == "" {
		return [32]byte{}, fmt.Errorf("%w: %s: the variable %s isn't set: set it to the key", ErrReference, field, name)
	}
	return decodeKey(field, bytes.TrimSpace([]byte(value)), "set the variable "+name+" to 44 characters of base64")
}

// fromFile reads a key from a file of its own.
func (l *loader) fromFile(field, name string, secret bool) ([32]byte, error) {
	path := name
	switch {
	case name == "":
		return [32]byte{}, fmt.Errorf("%w: %s: after file: comes a path", ErrReference, field)
	case filepath.IsAbs(name):
	case l.folder == "":
		return [32]byte{}, fmt.Errorf("%w: %s: a relative path needs a folder to start from: use Load, or the option RelativeTo", ErrReference, field)
	default:
		path = filepath.Join(l.folder, name)
	}
	text, mode, err := l.readFile(path, maxKeyFile)
	if err != nil {
		return [32]byte{}, fmt.Errorf("%w: %s: %w", ErrReference, field, err)
	}
	defer clear(text)
	if err := l.checkMode(mode, secret); err != nil {
		return [32]byte{}, fmt.Errorf("%s: %s: %w", field, path, err)
	}
	return decodeKey(field, uncommented(text), "have one line of 44 characters of base64 in "+path)
}

// uncommented gives the lines that aren't empty and don't begin with "#". It
// overwrites the text.
func uncommented(text []byte) []byte {
	kept := text[:0]
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			kept = append(kept, line...)
		}
	}
	return kept
}

// decodeKey reads base64 as Autobahn writes keys, with padding and nothing
// around it.
func decodeKey(field string, text []byte, want string) ([32]byte, error) {
	var b [36]byte // 44 characters may be more than 32 bytes
	defer clear(b[:])
	if len(text) == base64.StdEncoding.EncodedLen(32) {
		n, err := base64.StdEncoding.Strict().Decode(b[:], text)
		if err == nil && n == 32 {
			return [32]byte(b[:32]), nil
		}
	}
	// The decoder's own error would tell of the text.
	return [32]byte{}, fmt.Errorf("%w: %s isn't a key: %s", ErrKey, field, want)
}

// readFile reads a regular file to a bound, and gives its permissions.
func (l *loader) readFile(path string, limit int) ([]byte, fs.FileMode, error) {
	if l.onRead != nil {
		l.onRead(path)
	}
	// A look before opening, as that alone blocks for a pipe.
	if info, err := os.Stat(path); err != nil {
		return nil, 0, err
	} else if !info.Mode().IsRegular() {
		return nil, 0, notRegular(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	text, err := document.ReadAll(f, info.Size(), limit)
	return text, info.Mode(), err
}

// errNotRegular is for folders, devices and pipes.
var errNotRegular = errors.New("not a regular file: give the path of a file")

func notRegular(path string) error {
	return &fs.PathError{Op: "read", Path: path, Err: errNotRegular}
}
