package typed

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Error says which part of a value doesn't fit and why. It holds nothing of the value.
type Error struct {
	// Path leads there by list indexes and by names of fields: "[0].items[3].price". Keys of
	// maps are payload, and stand as {}. It is empty for the value itself.
	Path string
	Want string // the Go type, such as "float64"
	Why  string // such as "it is text"
}

// Error tells where, what and why.
func (e *Error) Error() string {
	path := codec.ShortPath(e.Path)
	if path == "" {
		path = "the value"
	}
	return fmt.Sprintf("transparency: decode: %s doesn't fit into %s: %s", path, e.Want, e.Why)
}

// at puts a step before the path of an error.
func at(step string, err *Error) *Error {
	if err != nil {
		err.Path = step + err.Path
	}
	return err
}
