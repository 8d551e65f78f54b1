package document

import (
	"errors"
	"fmt"
	"regexp"
)

// What is wrong with a file's text, for [errors.Is].
var (
	// ErrFormat: the text isn't a keyring file: no JSON, or fields, types or
	// values that the format doesn't have.
	ErrFormat = errors.New("not a keyring file")

	// ErrTooLarge: the file is larger than MaxSize.
	ErrTooLarge = errors.New("the file is too large")
)

// Error says where the text is wrong. It shows no value of a field.
type Error struct {
	Line  int    // from 1; 0 where there is none
	Entry string // "keys[2]" and what is known of it; empty outside of entries
	Err   error  // wraps ErrFormat or ErrTooLarge
}

// Error gives line, entry and cause.
func (e *Error) Error() string {
	text := e.Err.Error()
	if e.Entry != "" {
		text = e.Entry + ": " + text
	}
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Name says which entry is meant, as far as it is known: keys[2] prefix
// "com.myapp." id "2026".
func Name(index int, e *Entry) string {
	name := fmt.Sprintf("keys[%d]", index)
	if e == nil {
		return name
	}
	if e.Match != "" {
		name += fmt.Sprintf(" %.16s", e.Match)
	}
	if e.Pattern != "" {
		name += fmt.Sprintf(" %.256q", e.Pattern)
	}
	if e.ID != "" {
		name += fmt.Sprintf(" id %.256q", e.ID)
	}
	return Conceal(name)
}

// keyLike is 32 bytes as keys are written: base64 with padding, or hex.
var keyLike = regexp.MustCompile(`[A-Za-z0-9+/]{43}=|[0-9A-Fa-f]{64}`)

// Conceal takes out of a text for people what looks like a key, in case that
// one was written where a name belongs.
func Conceal(text string) string {
	return keyLike.ReplaceAllString(text, "(looks like a key, not shown)")
}
