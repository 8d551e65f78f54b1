package validation

import (
	"errors"
	"fmt"
)

// ErrSchemas is wrapped by every error of [Load] and [LoadFS] about what is in the folder.
var ErrSchemas = errors.New("validation: unusable schemas")

// Error says what is wrong with a file of the folder, and where. It wraps [ErrSchemas].
type Error struct {
	File string // relative to the folder
	At   string // JSON Pointer into the file, or "" for the file as a whole
	Line int    // from 1, where the text itself is wrong; else 0
	Err  error
}

// Error gives file, place and reason.
func (e *Error) Error() string {
	place := e.File
	switch {
	case e.Line > 0:
		place += fmt.Sprintf(":%d", e.Line)
	case e.At != "":
		place += "#" + e.At
	}
	return fmt.Sprintf("%v: %s: %v", ErrSchemas, shorten(place), e.Err)
}

// Unwrap makes errors.Is and errors.As find ErrSchemas and the cause.
func (e *Error) Unwrap() []error { return []error{ErrSchemas, e.Err} }

// wrong is an Error with more to say.
func wrong(file, at, format string, args ...any) error {
	return &Error{File: file, At: at, Err: fmt.Errorf(format, args...)}
}

// longest bounds what an error repeats of a file, in bytes.
const longest = 300

func shorten(text string) string {
	if len(text) <= longest {
		return text
	}
	return text[:longest] + "..."
}
