package keyring

import (
	"errors"
	"fmt"
)

// What went wrong, for [errors.Is]. Every error of this package wraps exactly
// one of them, and comes as an [*Error].
var (
	// ErrPattern: a pattern breaks WAMP's rules for URIs, or a bound of ours.
	ErrPattern = errors.New("invalid pattern")

	// ErrConflict: the ring holds another wildcard pattern that is just as
	// specific and matches some of the same URIs. The text names both.
	ErrConflict = errors.New("wildcard patterns tie")

	// ErrKey: a [Key] can't be used: it is the zero value, it was made from a
	// zero key (then [cryptobox.ErrWeakKey] is wrapped as well), or its id is
	// missing or ill-formed.
	ErrKey = errors.New("unusable key")

	// ErrWrongRole: the pattern's key doesn't serve the role asked for.
	ErrWrongRole = errors.New("the key doesn't serve this role")

	// ErrUnknownID: a payload names a key id that no version of the pattern's
	// key has.
	ErrUnknownID = errors.New("the sender used another key than this pattern's: " +
		"check that both ends hold the halves of the same key pairs, or were given the same key id")
)

// Error says which operation failed for which pattern. It never holds a key.
type Error struct {
	Op      string  // "parse", "validate", "set", "seal" or "open"
	Pattern Pattern // the pattern it was about; zero for "parse"
	Err     error   // wraps one of the sentinels above
}

// Error gives operation, pattern and cause in one line.
func (e *Error) Error() string {
	if e.Pattern == (Pattern{}) {
		return fmt.Sprintf("keyring: %s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("keyring: %s %v: %v", e.Op, e.Pattern, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
