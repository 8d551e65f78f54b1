package authority

import (
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// What went wrong, for errors.Is. An [*Error] wraps one of these, one of package keyfile or
// keyservice, or the system's.
var (
	// ErrState: authority.json isn't one, or what it says doesn't hold together.
	ErrState = errors.New("authority.json can't be used: put its last good copy back")

	// ErrMaster: the master keyring doesn't hold what members hold.
	ErrMaster = errors.New("keyring.json doesn't have the keys that members hold")

	// ErrEncrypted: a file is encrypted, and it wasn't said how it is decrypted or encrypted.
	ErrEncrypted = keyfile.ErrEncrypted

	// ErrPermissions: others can read or change a file of the folder.
	ErrPermissions = files.ErrPermissions

	// ErrLocked: another process works in the folder.
	ErrLocked = files.ErrLocked

	// ErrMember: there is no member of this name.
	ErrMember = errors.New("no such member: see wampbox authority show")

	// ErrEnrolled: a member, or one that was, has this name, key or recipient.
	ErrEnrolled = errors.New("it is enrolled already, or was")

	// ErrRecipient: age can't encrypt for these recipients together, or not safely enough.
	ErrRecipient = errors.New("the recipient can't be used")

	// ErrAs: the pattern's key can't be held so.
	ErrAs = errors.New("it can't be held so")

	// ErrSuite: the pattern's key is another one than was asked for.
	ErrSuite = errors.New("the pattern has another key")

	// ErrHolding: the member doesn't hold the pattern.
	ErrHolding = errors.New("it doesn't hold that: see wampbox authority show")

	// ErrGrants: the folder of grants is another authority's, whose members would be cut off.
	ErrGrants = errors.New("the folder has another authority's grants")

	// ErrTooLarge: a member's grant is larger than members take.
	ErrTooLarge = errors.New("the grant is too large")

	// ErrClock: the clock is behind what was issued before.
	ErrClock = errors.New("the clock is more than a day behind the last grants: set it right")

	// ErrLater: another version is to seal later than the new one would, and so in its place.
	ErrLater = errors.New("another version is to seal later")

	// ErrScrambled: the URIs below the prefix are scrambled already.
	ErrScrambled = errors.New("the URIs below the prefix are scrambled already")

	// ErrUnscrambled: they aren't.
	ErrUnscrambled = errors.New("the URIs below the prefix aren't scrambled")

	// ErrNoPending: no version of the pattern is to come.
	ErrNoPending = errors.New("no version is to come")

	// ErrRoom: more versions are to come than a pattern has room for.
	ErrRoom = errors.New("too many versions are to come: wait for one, or revoke some")

	// ErrOption: an option has a value that makes no sense.
	ErrOption = errors.New("unusable option")
)

// Error says which operation failed, and for whom. It never shows a key.
type Error struct {
	Op      string          // "init", "open", "enrol", "grant", ...
	Member  string          // "" if it is about none
	Pattern keyring.Pattern // zero if it is about none
	Err     error
}

// Error gives operation, member, pattern and cause in one line.
func (e *Error) Error() string {
	text := "authority: " + e.Op
	if e.Member != "" {
		text += fmt.Sprintf(" %.64q", e.Member)
	}
	if e.Pattern != (keyring.Pattern{}) {
		text += " " + e.Pattern.String()
	}
	return text + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// fail makes an error of a sentinel and what is to be said of it.
func fail(sentinel error, format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{sentinel}, args...)...)
}
