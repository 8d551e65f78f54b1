// Package words says errors of the library in the words of the tool.
package words

import (
	"errors"
	"regexp"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// packages begin what the library says of its own operations. They say nothing to who
// doesn't program with it.
var packages = regexp.MustCompile(`(^|: |\n)(?:cryptobox|keyring|keyfile|transparency): `)

// Of gives an error without the names of Go packages, without what looks like a key, and
// with the flag that a program would have as an option.
func Of(err error) string {
	says := packages.ReplaceAllString(err.Error(), "$1")
	if errors.Is(err, keyfile.ErrPermissions) {
		says += " (-readable-by-others accepts what others can read)"
	}
	if at := new(keyfile.Error); errors.As(err, &at) && at.Path != "" && errors.Is(err, keyring.ErrConflict) {
		says += ByHand
	}
	return keyfile.Conceal(says)
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
