package transparency

import (
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Reason says why a message was refused. It is an error, so that
//
//	errors.Is(err, transparency.WrongURI)
//
// works on every error that a Session returns or reports. Reasons stay local:
// a peer whose message was refused gets one opaque answer for all of them.
type Reason uint8

// The reasons. The zero Reason is none of them.
const (
	// Plaintext: the payload is plain where it has to be sealed.
	Plaintext Reason = iota + 1
	// NoKey: the keyring says nothing of the URI, or has a key for it of which no version
	// seals now, or one that has sealed as often as it may, or one in a device that fails.
	// For what is subscribed to or registered: no version opens any more, or nothing on the
	// ring matches the pattern. For what arrived sealed: the ring has no key, or declares
	// the URI plain.
	NoKey
	// WrongRole: the key for the URI can't play the role that is needed, for
	// example publish with a key that only holds a responder's half.
	WrongRole
	// Malformed: parts of an envelope, an envelope or a record out of shape,
	// or a value that can't be sealed.
	Malformed
	// NotOpened: sealed under another key or algorithm, under a version that is revoked or
	// expired, or that isn't the one its exchange began with; or changed on the way.
	NotOpened
	// WrongURI: sealed for another topic, procedure or error.
	WrongURI
	// WrongKind: sealed as another kind of message, such as a call that comes
	// back as a result.
	WrongKind
	// WrongRealm: sealed in another realm.
	WrongRealm
	// WrongRequest: sealed as part of another call, or by another session than
	// the one that began to answer; or a message that belongs to no call,
	// subscription or registration of this session.
	WrongRequest
	// Gap: a chunk of a progressive call or result is missing or out of order.
	Gap
	// Replayed: seen before, or too far behind its sender's newest message to
	// tell; or an own event that comes back unasked.
	Replayed
	// Stale: sent longer ago than [WithMaxAge] allows, or before the
	// subscription, the registration or the [ReplayMemory] began.
	Stale
	// ClockSkew: sent further ahead of our clock than [WithClockSkew] allows.
	ClockSkew
	// StoreDown: the [ReplayMemory] can't be asked.
	StoreDown
	// Unbound: sealed without a binding, and the key doesn't allow that.
	Unbound
	// TooLarge: beyond a limit of package cryptobox, or of the connection.
	TooLarge
	// Misuse: what was asked for can't be kept apart, such as a pattern that matches
	// keyed and plain URIs.
	Misuse
	// ReservedOption: an option, argument or URI that is the library's own was given by
	// the application.
	ReservedOption

	reasonCount = int(ReservedOption) + 1
)

var reasonTexts = [reasonCount]string{
	Plaintext:      "payload is not sealed",
	NoKey:          "no key for this URI",
	WrongRole:      "key can't play this role",
	Malformed:      "malformed",
	NotOpened:      "can't be opened",
	WrongURI:       "sealed for another URI",
	WrongKind:      "sealed as another kind of message",
	WrongRealm:     "sealed in another realm",
	WrongRequest:   "sealed for another request",
	Gap:            "chunk missing or out of order",
	Replayed:       "replayed",
	Stale:          "too old",
	ClockSkew:      "sent in the future",
	StoreDown:      "replay memory can't be reached",
	Unbound:        "sealed without a binding",
	TooLarge:       "too large",
	Misuse:         "misused",
	ReservedOption: "reserved",
}

// Error returns the reason in words.
func (r Reason) Error() string {
	if int(r) >= reasonCount || reasonTexts[r] == "" {
		return fmt.Sprintf("reason %d", uint8(r))
	}
	return reasonTexts[r]
}

// MarshalText returns the reason in words, so that [Stats] reads well as JSON.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.Error()), nil }

// Error is every error that this package adds to those of the nexus client. It
// holds no payload and no key.
type Error struct {
	// Op is what was being done: "publish", "call", "subscribe", "register",
	// "testament", "event", "invocation", "result", "progress", "error" or
	// "yield"; for a message out of place it is the name of that message in
	// lower case.
	Op string
	// URI is the topic, procedure or error URI concerned.
	URI string
	// Reason is the one to branch on.
	Reason Reason
	// Err says more, or is nil.
	Err error
}

// maxPrintedURI bounds how much of a URI that may come from the wire an error
// text repeats, in bytes.
const maxPrintedURI = 200

// Error returns operation, URI, reason and what is known beyond.
func (e *Error) Error() string {
	text := fmt.Sprintf("transparency: %s %.*q: %s", e.Op, maxPrintedURI, e.URI, e.Reason.Error())
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap makes errors.Is and errors.As find the Reason and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Err}
}

// ErrFraming is wrapped by the error of [ConnectNet] and [ConnectLocal] where the
// router or the link doesn't carry the framing that was asked for.
var ErrFraming = errors.New("transparency: the framing can't be used here")

var (
	// ErrNotConnected is wrapped, with client.ErrNotConn of nexus and why the connection
	// has ended, by the error of what was not sent.
	ErrNotConnected = client.ErrNotConnected

	// ErrInterrupted is wrapped, with the same, by the error of what was sent, and not
	// answered before the connection ended: a call may have run.
	ErrInterrupted = client.ErrInterrupted

	// ErrGaveUp is wrapped by [Session.Err] where the Session has got no connection
	// within the bounds of its [ReconnectPolicy].
	ErrGaveUp = errors.New("gave up reconnecting")

	// ErrClosed is what [Session.Err] returns after Close and Shutdown.
	ErrClosed = client.ErrClosed
)

// ErrCloseTimeout is returned by [Session.Close] when it has waited long enough.
// The connection is closed.
var ErrCloseTimeout = client.ErrCloseTimeout

// ErrOption is wrapped by every error about options, realm or keyring given to
// [Wrap], [ConnectNet] and [ConnectLocal].
var ErrOption = errors.New("transparency: unusable option")

// because is a refusal with more to say than its Reason, which is one by itself. What was
// being done, and the URI, are filled in by newError.
func because(reason Reason, format string, args ...any) error {
	return &Error{Reason: reason, Err: fmt.Errorf(format, args...)}
}

// newError tells where err came up. It is a refusal, or an error of the packages below.
func newError(op, uri string, err error) *Error {
	switch err := err.(type) {
	case *Error:
		return &Error{Op: op, URI: uri, Reason: err.Reason, Err: err.Err}
	case Reason:
		return &Error{Op: op, URI: uri, Reason: err}
	}
	return &Error{Op: op, URI: uri, Reason: reasonOf(err), Err: causeOf(err)}
}

// reasonOf maps the errors of the packages below to a Reason.
func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, keyring.ErrWrongRole):
		return WrongRole
	case errors.Is(err, keyring.ErrReserved):
		return ReservedOption
	case errors.Is(err, keyring.ErrUnknownID), errors.Is(err, keyring.ErrExpired), errors.Is(err, keyring.ErrRevoked),
		errors.Is(err, cryptobox.ErrOpen), errors.Is(err, cryptobox.ErrAlgorithm):
		return NotOpened
	case errors.Is(err, cryptobox.ErrTooLarge), errors.Is(err, link.ErrTooLarge):
		return TooLarge
	case errors.Is(err, cryptobox.ErrExhausted), errors.Is(err, keyring.ErrNoActive), errors.Is(err, keyring.ErrClosed), errors.Is(err, cryptobox.ErrDevice):
		return NoKey
	}
	return Malformed
}
