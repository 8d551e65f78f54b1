// Package words says errors of the library in the words of the tool.
package words

import (
	"errors"
	"regexp"

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
	return keyfile.Conceal(says)
}
