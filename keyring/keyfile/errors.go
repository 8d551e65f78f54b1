package keyfile

import (
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// What is wrong with a keyring file, for [errors.Is]. An [*Error] wraps one of
// these, one that [keyring.Ring.SetVersions], [keyring.Ring.SetPlain] and
// [keyring.Ring.Transition] give, or the system's for a file that can't be read.
var (
	// ErrFormat: the text isn't a keyring file: no JSON, or fields, types or
	// values that the format doesn't have.
	ErrFormat = errors.New("not a keyring file")

	// ErrVersion1: the file is one of the format's first version, which [Convert] reads.
	ErrVersion1 = errors.New("it is a keyring file of version 1: make it one of version 2 with wampbox convert")

	// ErrTooLarge: the file, or one that it refers to, is larger than what is
	// read: 32 MiB, and 4 KiB for one key.
	ErrTooLarge = files.ErrTooLarge

	// ErrSides: a version's keys are not those of a pair, nor one shared key:
	// a side is missing or given in two ways, or no private key is among them.
	ErrSides = errors.New("the keys don't make a pair")

	// ErrMismatch: a private key and the public key beside it don't belong
	// together.
	ErrMismatch = errors.New("the private key doesn't belong to the public key")

	// ErrReference: what env:NAME or file:PATH refers to can't be had.
	ErrReference = errors.New("the reference leads nowhere")

	// ErrPermissions: others can read a file that holds a secret key, or write
	// to a keyring file, or replace it.
	ErrPermissions = files.ErrPermissions

	// ErrWritable is wrapped, with ErrPermissions, where others can write to the file or
	// replace it.
	ErrWritable = files.ErrWritable

	// ErrEncrypted: the file is encrypted, and the option to read or to write it
	// was not given.
	ErrEncrypted = errors.New("the file is encrypted with age")

	// ErrLocked: another process changes the file for longer than [LockWait].
	ErrLocked = files.ErrLocked
)

// Error says what is wrong in a keyring file, and where. It never shows a key;
// text in it that looks like one is left out.
type Error struct {
	Path  string // as it was given; empty for a text without one
	Line  int    // from 1; 0 if the whole file is meant
	Entry string // `patterns[2] prefix "com.myapp." versions[0] id "2026"`; empty if none is meant
	Err   error  // wraps a sentinel
}

// Error gives path, line, entry and cause in one line.
func (e *Error) Error() string {
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
	return Conceal(fmt.Sprintf("%s: %v", text, e.Cause()))
}

// Cause gives Err without what Entry says already: of an error of a Ring, what
// it wraps.
func (e *Error) Cause() error {
	if known, ok := e.Err.(*keyring.Error); ok {
		return known.Err
	}
	return e.Err
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// withPath says in which file an error is.
func withPath(path string, err error) error {
	var at *Error
	if !errors.As(err, &at) {
		return &Error{Path: path, Err: err}
	}
	at.Path = path
	return err
}
