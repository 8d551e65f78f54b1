package keyfile

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// keySize is the length of keys, in bytes, but for public ones of X-Wing.
const keySize = 32

// maxKeyFile bounds a file with one key in it, comments included.
const maxKeyFile = 4096

// envName is how variables are named. A key never looks like it.
var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// UnsafeKey gives the 32 bytes of a key, from wherever it is and whoever can
// read it there: for looking at keys, not for using them.
func (f *File) UnsafeKey(s Secret) ([]byte, error) {
	b, err := f.settings.resolve(s, "the key", func(string, fs.FileInfo) error { return nil })
	if err != nil {
		return nil, &Error{Err: err}
	}
	return b[:], nil
}

// resolve gives the 32 bytes of a key, from wherever it is. The caller wipes
// them. The check may refuse the permissions of a file that the key is in.
func (s settings) resolve(key Secret, field string, check func(string, fs.FileInfo) error) (b [keySize]byte, err error) {
	err = s.withText(key, field, "44 characters of base64", check, func(text []byte, want string) error {
		var ok bool
		if b, ok = decode(text); !ok { // the decoder's own error would tell of the text
			return fmt.Errorf("%w: %s isn't a key: %s", keyring.ErrKey, field, want)
		}
		return nil
	})
	return b, err
}

// withText has a function use the text of a key, from wherever it is, and tells it what is
// wanted there: a key in some form. The function doesn't keep the text.
func (s settings) withText(key Secret, field, form string, check func(string, fs.FileInfo) error, use func(text []byte, want string) error) error {
	switch where, name := key.reference(); {
	case where == inIdentity:
		return fmt.Errorf("%w: %s: identity stands for a signing key alone, in sign: %s", ErrReference, field, "write "+form)
	case where != inText && s.noReferences:
		return fmt.Errorf("%w: %s: the text comes from elsewhere, and env: and file: would look into this machine: write %s", ErrReference, field, form)
	case s.noReferences:
		return use(key.UnsafeText(), "write "+form)
	case where == inEnvironment:
		return fromEnv(field, name, form, use)
	case where == inFile:
		return s.fromFile(field, name, form, check, use)
	}
	return use(key.UnsafeText(), "write "+form+", env:NAME or file:PATH")
}

// fromEnv reads a key from the environment, where it can't be wiped.
func fromEnv(field, name, form string, use func(text []byte, want string) error) error {
	if !envName.MatchString(name) {
		return fmt.Errorf("%w: %s: after env: comes a variable's name: 1 to 63 letters, digits and _", ErrReference, field)
	}
	value, found := os.LookupEnv(name)
	if !found && nearKey(name) {
		return fmt.Errorf("%w: %s: after env: comes the name of a variable with a key, and this looks like a key", ErrReference, field)
	}
	if !found || value == "" {
		return fmt.Errorf("%w: %s: the variable %s isn't set: set it to the key", ErrReference, field, name)
	}
	text := []byte(value)
	defer clear(text)
	return use(bytes.TrimSpace(text), "set the variable "+name+" to "+form)
}

// fromFile reads a key from a file of its own.
func (s settings) fromFile(field, name, form string, check func(string, fs.FileInfo) error, use func(text []byte, want string) error) error {
	path := name
	switch {
	case name == "", paddedKey.MatchString(name):
		return fmt.Errorf("%w: %s: after file: comes the path of a file with a key, not the key", ErrReference, field)
	case filepath.IsAbs(name):
	case s.folder == "":
		return fmt.Errorf("%w: %s: a relative path needs a folder to start from: use Load, or the option RelativeTo", ErrReference, field)
	default:
		path = filepath.Join(s.folder, name)
	}
	text, info, err := s.readFile(path, maxKeyFile)
	var at *fs.PathError
	if errors.As(err, &at) && nearKey(name) {
		err = fmt.Errorf("the file, whose path isn't shown, as it looks like a key: %w", at.Err)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrReference, field, err)
	}
	defer clear(text)
	if err := check(path, info); err != nil {
		return fmt.Errorf("%s: %s: %w", field, path, err)
	}
	return use(uncommented(text), "have one line of "+form+" in "+path)
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

// decode reads base64 as Autobahn writes keys, with padding and nothing around it.
func decode(text []byte) (key [keySize]byte, ok bool) {
	var b [36]byte // 44 characters may be more than 32 bytes
	defer clear(b[:])
	if len(text) != base64.StdEncoding.EncodedLen(keySize) {
		return key, false
	}
	n, err := base64.StdEncoding.Strict().Decode(b[:], text)
	if err != nil || n != keySize {
		return key, false
	}
	return [keySize]byte(b[:keySize]), true
}
