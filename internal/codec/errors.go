package codec

import (
	"errors"
	"fmt"
)

// Errors to branch on with [errors.Is], which package cryptobox has as its own. Their
// texts never hold a part of a value.
var (
	ErrMalformed = errors.New("cryptobox: malformed")
	ErrTooLarge  = errors.New("cryptobox: too large: send less at once, or in several messages")
	ErrValue     = errors.New("cryptobox: value can't be sealed")
	ErrSecret    = errors.New("cryptobox: secret contents are not marshalled")
)

// ValueError says which value can't be written and why. It wraps [ErrValue].
//
// Path leads to the value by list indexes, and by the names of fields: "args[1]{}[0].At" is
// that field of the first element of some entry of the map that is the second argument. Map
// keys are payload, and stay out.
type ValueError struct {
	Path string
	Type string // the Go type, such as "chan int"
	Why  string
}

// Error tells where, what and why, without contents.
func (e *ValueError) Error() string {
	if e.Type == "" {
		return fmt.Sprintf("%v: %s: %s", ErrValue, ShortPath(e.Path), e.Why)
	}
	return fmt.Sprintf("%v: %s (%s): %s", ErrValue, ShortPath(e.Path), e.Type, e.Why)
}

// ShortPath cuts a path as an error text repeats it: that of what holds itself is long.
func ShortPath(path string) string {
	const longest = 200
	if len(path) <= longest {
		return path
	}
	return path[:longest] + "..."
}

// Unwrap gives [ErrValue], for [errors.Is].
func (e *ValueError) Unwrap() error { return ErrValue }

// At puts a step before the path of a ValueError.
func At(step string, err error) error {
	var ve *ValueError
	if errors.As(err, &ve) {
		ve.Path = step + ve.Path
	}
	return err
}

// malformed wraps ErrMalformed with a fixed text. Errors of the libraries
// below are never passed on: they quote what they read.
func malformed(why string) error { return fmt.Errorf("%w: %s", ErrMalformed, why) }

// tooLarge wraps ErrTooLarge with a fixed text.
func tooLarge(what string) error { return fmt.Errorf("%w: %s", ErrTooLarge, what) }
