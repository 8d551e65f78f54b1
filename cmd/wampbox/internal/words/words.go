// Package words says errors of the library in the words of the tool.
package words

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// packages begin what the library says of its own operations. They say nothing to who
// doesn't program with it.
var packages = regexp.MustCompile(`(^|: |\n)(?:authority|cryptobox|keyring|keyfile|keyservice|transparency): `)

// Of gives an error without the names of Go packages, without what looks like a key, and
// with the flag that a program would have as an option.
func Of(err error) string {
	says := unpacked(err.Error())
	switch {
	case errors.Is(err, keyfile.ErrWritable):
		says += " (-writable-by-others accepts it, where nobody else is)"
	case errors.Is(err, keyfile.ErrPermissions):
		says += " (-readable-by-others accepts what others can read)"
	}
	if at := new(keyfile.Error); errors.As(err, &at) && at.Path != "" && errors.Is(err, keyring.ErrConflict) {
		says += ByHand
	}
	return Clean(keyfile.Conceal(says))
}

// Line gives a line of the library's log as [Of] gives an error.
func Line(text string) string { return Clean(keyfile.Conceal(unpacked(text))) }

func unpacked(text string) string { return InFile(packages.ReplaceAllString(text, "$1")) }

// parts are those of a signed key as a program names them, and a keyring file.
var parts = map[string]string{
	"Sign": "sign", "Seal": "seal", "Read": "read", "Senders": "senders", "Answerers": "answerers", "AnyAnswerer": "any_answerer", "SignedOnce": "signed_once",
}

var part = regexp.MustCompile(`([ (])(Sign|Seal|Read|Senders|Answerers|AnyAnswerer|SignedOnce)\b`)

// InFile gives a text with what a program would call by the name that it has in a file.
func InFile(text string) string {
	text = strings.ReplaceAll(text, "with AllowUnsigned, in a file allow_unsigned", `with "allow_unsigned"`)
	text = strings.ReplaceAll(text, "give it with the option SignAs, or write it here", "wampbox fetch writes it here")
	text = strings.ReplaceAll(text, "list answerers, or take any", `list answerers (wampbox add -answerer), or take any ("any_answerer")`)
	text = strings.ReplaceAll(text, "list its sender's verify key,", "list its sender's verify key (wampbox add -sender, of an answer add -answerer),")
	return part.ReplaceAllStringFunc(text, func(found string) string { return found[:1] + `"` + parts[found[1:]] + `"` })
}

// Clean gives a text as a terminal may have it: what it would take for a command, or for a
// mark that turns the direction of text around, is shown as a Go string has it. Others may
// have written it. Ends of lines and tabs stay.
func Clean(text string) string {
	hidden := func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' }
	if utf8.ValidString(text) && !strings.ContainsFunc(text, hidden) {
		return text
	}
	var b strings.Builder
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case hidden(r):
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
		text = text[size:]
	}
	return b.String()
}

// ByHand says how to mend a file with patterns that tie.
const ByHand = "; edit the file by hand, as no command changes one that doesn't load"

// HandOver says what a file needs that lacks a version: a rotation of its own makes another
// key. Where names the file.
func HandOver(where string) string {
	return "copy the version to " + where + " from what wampbox rotate wrote for it; a rotation there makes another key, " +
		"but with -peer and the public key that was printed here; if it is lost, rotate anew for both, and revoke this one"
}

// bare is what a shell takes as one word.
var bare = regexp.MustCompile(`^[A-Za-z0-9._/:@+,][A-Za-z0-9._/:@+,-]*$`)

// Argument writes a text as one argument for a shell.
func Argument(s string) string {
	if bare.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
