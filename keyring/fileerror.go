package keyring

import (
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
)

// What is wrong with a keyring file, for [errors.Is]. An error of [Load] or
// [Read] is a [*FileError] that wraps one of these, one that [Ring.Set] and
// [Ring.SetVersions] give, or the system's for a file that can't be read.
var (
	// ErrFile: the text isn't a keyring file: no JSON, or fields, types or
	// values that the format doesn't have.
	ErrFile = document.ErrFormat

	// ErrFileTooLarge: the file, or one that it refers to, is larger than what
	// is read: 32 MiB, and 4 KiB for one key.
	ErrFileTooLarge = document.ErrTooLarge

	// ErrSides: an entry's keys are not those of a pair, nor one symmetric key:
	// a side is missing or given in two ways, or no private key is among them.
	ErrSides = errors.New("the keys of the entry don't make a pair")

	// ErrMismatch: a private key and the public key beside it don't belong
	// together.
	ErrMismatch = errors.New("the private key doesn't belong to the public key")

	// ErrReference: what env:NAME or file:PATH refers to can't be had.
	ErrReference = errors.New("the reference leads nowhere")

	// ErrPermissions: others can read a file that holds a secret key, or write
	// to a keyring file.
	ErrPermissions = errors.New("the file's permissions are too wide")

	// ErrEncrypted: the file is encrypted with age, and no [WithDecrypter] was
	// given.
	ErrEncrypted = errors.New("the file is encrypted with age")
)

// FileError says what is wrong in a keyring file, and where. It never shows a
// key; text in it that looks like one is left out.
type FileError struct {
	Path  string // as given to [Load]; empty with [Read]
	Line  int    // from 1; 0 if the whole file is meant
	Entry string // `keys[2] prefix "com.myapp." id "2026"`; empty if none is meant
	Err   error  // wraps a sentinel
}

// Error gives path, line, entry and cause in one line.
func (e *FileError) Error() string {
	text := "keyring file"
	if e.Path != "" {
		text += " " + e.Path
	}
	if e.Line > 0 {
		text += fmt.Sprintf(" line %d", e.Line)
	}
	if e.Entry != "" {
		text += ": " + e.Entry
	}
	cause := e.Err
	if known, ok := cause.(*Error); ok { // pattern and id are in Entry
		cause = known.Err
	}
	return document.Conceal(fmt.Sprintf("%s: %v", text, cause))
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// fileError makes a FileError of an error of the text.
func fileError(path string, err error) error {
	var at *document.Error
	if errors.As(err, &at) {
		return &FileError{Path: path, Line: at.Line, Entry: at.Entry, Err: at.Err}
	}
	return &FileError{Path: path, Err: err}
}
