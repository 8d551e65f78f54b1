package keyring

import (
	"errors"
	"fmt"
	"strings"

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

	// ErrState: the versions and their dates don't allow the change, or a word isn't known.
	// The text says what to do first.
	ErrState = errors.New("refused")

	// ErrVersionExists: the pattern has a version with the id of the key that
	// is to be added.
	ErrVersionExists = errors.New("the pattern has a version with this id")

	// ErrNoVersion: a change is for a pattern or an id that the ring doesn't have.
	ErrNoVersion = errors.New("no such version")

	// ErrNoParty: a change is for a party that no version of the pattern's key lists.
	ErrNoParty = errors.New("no such party")

	// ErrWrongRole: the pattern's key doesn't serve the role asked for.
	ErrWrongRole = errors.New("the key doesn't serve this role")

	// ErrNoActive: the pattern has versions, but none that seals now. Nothing is sent for
	// its URIs, not even in plain.
	ErrNoActive = errors.New("no version of the key seals now")

	// ErrClosed: no pattern matches the URI, so that nothing may be sent or taken for
	// it, sealed or plain.
	ErrClosed = errors.New("no pattern of the keyring matches: give it a key, or declare it plain")

	// ErrReserved: the URI is our own protocol's, or reserved on this ring: see [Ring.Reserve].
	ErrReserved = errors.New("URIs that begin with " + reservedErrors + " are wampbox's own: use another one")

	// ErrScrambled: what would be below a scrambled prefix can't be there: see [Ring.Scramble].
	ErrScrambled = errors.New("not below a scrambled prefix")

	// ErrSource: the pattern comes from another source than the one that would change
	// it.
	ErrSource = errors.New("the pattern is from another source")

	// ErrPlain: a file or another source would have plaintext sent or taken for what is
	// sealed, and the program hasn't allowed that.
	ErrPlain = errors.New("plaintext would be let through where it isn't now: let the program allow that, if it is meant")

	// ErrUnknownID: a payload names a key id that no version of the pattern's
	// key has.
	ErrUnknownID = errors.New("the sender used another key than this pattern's: " +
		"check that both ends hold the halves of the same key pairs, or were given the same key id, and that a rotation has reached both")

	// ErrExpired: a payload was sealed with a version whose date has passed.
	ErrExpired = errors.New("the version's date has passed: " +
		"let the sender go over to the one that seals now, or give this one a later date")

	// ErrUnsigned: a payload was sealed with a version that isn't signed, and the pattern has
	// one that is. See [Ring.AllowUnsigned].
	ErrUnsigned = errors.New("the pattern's key is signed, and versions that aren't open no more: " +
		"let the sender go over to the signed one, or allow them until a date with AllowUnsigned, in a file allow_unsigned")

	// ErrRevoked: a payload was sealed with a version that was revoked.
	ErrRevoked = errors.New("the version was revoked: " +
		"let the sender go over to the one that seals now; who still uses this one may be whoever it was revoked for")
)

// errNear is ErrClosed of a URI that would be plain.
var errNear = fmt.Errorf("%w (what covers it is plain, and it may be a typo)", ErrClosed)

// errRemoved is ErrClosed of a pattern whose key was removed.
var errRemoved = fmt.Errorf("%w (its pattern had a key, which was removed)", ErrClosed)

// worded is one of the sentinels in other words.
type worded struct {
	is   error
	text string
}

func (w *worded) Error() string { return w.text }
func (w *worded) Unwrap() error { return w.is }

// Error says which operation failed for which pattern. It never holds a key.
type Error struct {
	Op      string  // "parse", "validate", "set", "reserve", "add", "set dates", "transition", "allow unsigned", "add party", "remove party", "revoke", "remove", "update", "scramble", "look up", "seal" or "open"
	URI     string  // that was looked up
	Pattern Pattern // the pattern it was about; zero where it is about none
	ID      string  // the id of the version it was about, or of ErrUnknownID the one that the payload names; empty where there is none
	Near    Pattern // that the URI nearly matches; zero where there is none
	Err     error   // wraps one of the sentinels above
}

// Error gives operation, pattern, id and cause in one line.
func (e *Error) Error() string {
	about := e.Op
	if e.Op == "look up" {
		about += fmt.Sprintf(" %.256q", e.URI)
	}
	if e.Pattern != (Pattern{}) {
		about += " " + e.Pattern.String()
	}
	if e.ID != "" {
		about += fmt.Sprintf(" id %.*q", cryptobox.MaxKeyID, e.ID)
	}
	return fmt.Sprintf("keyring: %s: %s", about, e.Cause())
}

// Cause says why, without what it was about.
func (e *Error) Cause() string {
	text := e.Err.Error()
	if e.Near != (Pattern{}) {
		text += fmt.Sprintf("; it nearly matches %v", e.Near)
	}
	if strings.ContainsAny(e.URI, "*#") {
		text += `; "*" and "#" stand for nothing in WAMP: a prefix ends with a dot`
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
