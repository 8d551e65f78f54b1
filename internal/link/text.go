package link

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPrinted bounds how much of a router's text errors and logs repeat, in bytes.
const maxPrinted = 200

// Quote returns text of a router's making as errors and logs may hold it: in quotes,
// with no control characters, and cut.
func Quote(text string) string {
	if len(text) > maxPrinted {
		end := maxPrinted
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		return strconv.Quote(text[:end]) + "..."
	}
	return strconv.Quote(text)
}

// Printable returns text of a router's making as it is, or quoted and cut where it could
// pass for something else.
func Printable(text string) string {
	if len(text) > maxPrinted || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Quote(text)
	}
	return text
}

// remote is err, whose text may repeat what a router sent: quoted where it could pass for
// more than one line, or is long.
func remote(err error) error {
	text := err.Error()
	printable := Printable(text)
	if printable == text {
		return err
	}
	return &remoteError{printable, err}
}

type remoteError struct {
	text string
	err  error
}

func (e *remoteError) Error() string { return e.text }

// Unwrap gives the error as it was.
func (e *remoteError) Unwrap() error { return e.err }
