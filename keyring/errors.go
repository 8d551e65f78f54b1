package keyring

import (
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// What went wrong, for [errors.Is]. Every error of a Ring, its keys and its
// patterns wraps exactly one of them, and comes as an [*Error].
var (
	// ErrPattern: a pattern breaks WAMP's rules for URIs, or a bound of ours.
	ErrPattern = errors.New("invalid pattern")

	// ErrConflict: the ring holds another wildcard pattern that is just as
	// specific and matches some of the same URIs. The text names both.
	ErrConflict = errors.New("wildcard patterns tie")

	// ErrKey: a [Key] can't be used: it is the zero value, it was made from a
	// zero key (then [cryptobox.ErrWeakKey] is wrapped as well), its id is
	// missing or ill-formed, or it doesn't go with the pattern's other versions.
	ErrKey = errors.New("unusable key")

	// ErrState: a change is refused in the state that the versions are in,
	// since messages would be lost, or a word names no state. The text says
	// what to do first.
	ErrState = errors.New("refused")

	// ErrVersionExists: the pattern has a version with the id of the key that
	// is to be added.
	ErrVersionExists = errors.New("the pattern has a version with this id")

	// ErrNoVersion: a change is for a pattern or an id that the ring doesn't have.
	ErrNoVersion = errors.New("no such version")

	// ErrWrongRole: the pattern's key doesn't serve the role asked for.
	ErrWrongRole = errors.New("the key doesn't serve this role")

	// ErrNoActive: the pattern has versions, but none that seals. Nothing is
	// sent for its URIs, in plain neither.
	ErrNoActive = errors.New("no version of the key is active: activate one that all peers have")

	// ErrUnknownID: a payload names a key id that no version of the pattern's
	// key has.
	ErrUnknownID = errors.New("the sender used another key than this pattern's: " +
		"check that both ends hold the halves of the same key pairs, or were given the same key id")

	// ErrExpired: a payload was sealed with a version whose date has passed.
	ErrExpired = errors.New("the version was retired and its date has passed: " +
		"let the sender go over to the active version, or give this one a later date")

	// ErrRevoked: a payload was sealed with a version that was revoked.
	ErrRevoked = errors.New("the version was revoked: " +
		"let the sender go over to the active version; who still uses this one may be whoever it was revoked for")
)

// Error says which operation failed for which pattern. It never holds a key.
type Error struct {
	Op      string  // "parse", "validate", "set", "add", "activate", "retire", "revoke", "remove", "seal" or "open"
	Pattern Pattern // the pattern it was about; zero where it is about none
	ID      string  // the id of the version it was about; empty where it is about none of the pattern's
	Err     error   // wraps one of the sentinels above
}

// Error gives operation, pattern, id and cause in one line.
func (e *Error) Error() string {
	about := e.Op
	if e.Pattern != (Pattern{}) {
		about += " " + e.Pattern.String()
	}
	if e.ID != "" {
		about += fmt.Sprintf(" id %.*q", cryptobox.MaxKeyID, e.ID)
	}
	return fmt.Sprintf("keyring: %s: %v", about, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
