package keyservice

import (
	"errors"
	"fmt"
)

// What is wrong, for [errors.Is].
var (
	// ErrIdentity: it is no identity, or it can't be used so.
	ErrIdentity = errors.New("unusable identity")

	// ErrEnrolment: it is no enrolment line, or not signed by whom it enrols.
	ErrEnrolment = errors.New("unusable enrolment")
)

// Error says what failed. It never shows a key.
type Error struct {
	Op  string // what was to be done
	Err error  // wraps a sentinel, or is the system's
}

// Error gives both in one line.
func (e *Error) Error() string { return "keyservice: " + e.Op + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// fail makes an error of a sentinel and what is to be said of it.
func fail(op string, sentinel error, format string, args ...any) error {
	return &Error{op, fmt.Errorf("%w: "+format, append([]any{sentinel}, args...)...)}
}
