package transparency

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

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

	// Ref names the sealed call that the error is about: the first 8 bytes of the call's
	// first nonce, in hex. The other end's errors and logs have the same.
	Ref string
	// Peer is the other end's reason to refuse a call; nil if it gives none, or a router made
	// the refusal up.
	Peer *Peer
	// From says where a refused message came from; nil for a message that was to be sent.
	From *Origin

	row keyRow // in which it counts; zero for that of the URI's pattern
}

// Peer is a refusal as the other end tells it, sealed: see [Refused].
type Peer struct {
	Reason Reason        // 0 for one that isn't known here
	Skew   time.Duration // by how much at least the other end's clock is ahead of ours; 0 if they may be in step
}

// Origin says where a refused message came from.
type Origin struct {
	KeyID string  // that the message names, "" for none; anybody can write it there
	ID    wamp.ID // of the subscription or registration, 0 for none

	// The router's word, where it discloses it: of the publisher or caller.
	Session  wamp.ID
	AuthID   string
	AuthRole string
}

// maxPrintedURI bounds how much of a URI that may come from the wire an error
// text repeats, in bytes.
const maxPrintedURI = 200

// Error returns operation, URI, reason and what is known beyond.
func (e *Error) Error() string {
	text := fmt.Sprintf("transparency: %s %.*q: %s", e.Op, maxPrintedURI, e.URI, e.Reason.Error())
	if e.Peer != nil {
		text += ": it says " + e.Peer.String()
	}
	if e.Err != nil {
		text += ": " + strings.TrimPrefix(e.Err.Error(), e.Reason.Error()+": ")
	}
	if about := e.about(); about != "" {
		text += " (" + about + ")"
	}
	return text
}

// about is what finds the other end.
func (e *Error) about() string {
	var parts []string
	if e.Ref != "" {
		parts = append(parts, "ref "+e.Ref)
	}
	if e.From != nil {
		parts = append(parts, e.From.parts(e.Op)...)
	}
	return strings.Join(parts, ", ")
}

// parts are those of a message that came in as op says.
func (o *Origin) parts(op string) (parts []string) {
	if o.KeyID != "" {
		parts = append(parts, fmt.Sprintf("key id %.*q", cryptobox.MaxKeyID, o.KeyID))
	}
	if o.ID != 0 {
		what := "subscription"
		if op == "invocation" {
			what = "registration"
		}
		parts = append(parts, fmt.Sprintf("%s %d", what, o.ID))
	}
	if o.Session != 0 {
		parts = append(parts, fmt.Sprintf("by the router's word from session %d", o.Session))
	}
	if o.AuthID != "" {
		parts = append(parts, fmt.Sprintf("authid %.*q", maxPrintedURI, o.AuthID))
	}
	if o.AuthRole != "" {
		parts = append(parts, fmt.Sprintf("authrole %.*q", maxPrintedURI, o.AuthRole))
	}
	return parts
}

// String gives the reason in words, and how far the clocks differ, if that is a second or
// more.
func (p *Peer) String() string {
	if p.Skew.Abs() < time.Second {
		return p.reason()
	}
	return fmt.Sprintf("%s; its clock is %s", p.reason(), direction(p.Skew))
}

func (p *Peer) reason() string {
	if p.Reason == 0 {
		return "a reason that isn't known here"
	}
	return p.Reason.Error()
}

// Unwrap makes errors.Is and errors.As find the Reason and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Err}
}

var (
	// ErrNotConnected means that a message was not sent, because there is no connection. The
	// error also wraps client.ErrNotConn of nexus, and says why the connection has ended.
	ErrNotConnected = client.ErrNotConnected

	// ErrInterrupted means that a message was sent and the connection ended before the answer
	// came: a call may have run. The error wraps the same as with ErrNotConnected.
	ErrInterrupted = client.ErrInterrupted

	// ErrGaveUp means that the Session got no connection within the bounds of its
	// [ReconnectPolicy]. [Session.Err] wraps it.
	ErrGaveUp = errors.New("gave up reconnecting")

	// ErrClosed is what [Session.Err] returns after Close and Shutdown.
	ErrClosed = client.ErrClosed
)

// ErrCloseTimeout is returned by [Session.Close] when it has waited long enough.
// The connection is closed.
var ErrCloseTimeout = client.ErrCloseTimeout

// ErrPanic means that code of the application panicked while a message was sealed or opened,
// or a connection made: a padding function, a key device, a [ReplayMemory], a callback. The
// text says where, and never with what value, which may be a payload. What such code was to
// decide is refused; a callback's panic is logged. (A panic of a handler ends the process, as
// with nexus's client.)
var ErrPanic = shield.ErrPanic

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
		named := *err
		named.Op, named.URI = op, uri
		return &named
	case Reason:
		return &Error{Op: op, URI: uri, Reason: err}
	}
	return &Error{Op: op, URI: uri, Reason: reasonOf(err), Err: causeOf(err)}
}

// under is an error about a message of a version, unless it says already of which.
func under(v *keyring.Version, err error) error {
	if err == nil {
		return nil
	}
	e := newError("", "", err)
	e.countUnder(v)
	return e
}

// underNamed is an error of the ring about one of its versions, or about a pattern.
func underNamed(err error) error {
	e := newError("", "", err)
	if named, ok := errors.AsType[*keyring.Error](err); ok && named.ID != "" {
		e.row = keyRow{named.Pattern, named.ID}
	}
	return e
}

func (e *Error) countUnder(v *keyring.Version) {
	if v != nil && e.row == (keyRow{}) {
		e.row = rowOf(v)
	}
}

// countOpened is countUnder of the version that has opened a message, if one has.
func (e *Error) countOpened(details wamp.Dict) {
	if info, opened := InfoFrom(details); opened && e.row == (keyRow{}) {
		e.row = keyRow{info.Pattern, info.KeyID}
	}
}

// reasonOf maps the errors of the packages below to a Reason.
func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, keyring.ErrWrongRole):
		return WrongRole
	case errors.Is(err, keyring.ErrReserved):
		return ReservedOption
	case errors.Is(err, keyring.ErrUnknownID), errors.Is(err, keyring.ErrExpired), errors.Is(err, keyring.ErrRevoked),
		errors.Is(err, keyring.ErrUnsigned), errors.Is(err, cryptobox.ErrOpen):
		return NotOpened
	case errors.Is(err, cryptobox.ErrSigner):
		return WrongSender
	case errors.Is(err, cryptobox.ErrTooLarge), errors.Is(err, link.ErrTooLarge), errors.Is(err, client.ErrFlood):
		return TooLarge
	case errors.Is(err, cryptobox.ErrValue), errors.Is(err, link.ErrUnsendable):
		return Unsealable
	case errors.Is(err, cryptobox.ErrPadding):
		return Misuse
	case errors.Is(err, cryptobox.ErrExhausted), errors.Is(err, cryptobox.ErrPrimitive), errors.Is(err, keyring.ErrNoActive), errors.Is(err, keyring.ErrClosed):
		return NoKey
	case errors.Is(err, cryptobox.ErrDevice), errors.Is(err, cryptobox.ErrWeakKey):
		return DeviceDown // other keys were looked at when they were set
	}
	return Malformed
}

// originOf is where a message came from that was refused. who is the party that its
// details may name.
func originOf(l *seen, id wamp.ID, details wamp.Dict, who string) *Origin {
	o := &Origin{KeyID: l.keyID(), ID: id}
	o.Session, _ = wamp.AsID(details[who])
	o.AuthID, _ = wamp.AsString(details[who+"_authid"])
	o.AuthRole, _ = wamp.AsString(details[who+"_authrole"])
	return o
}
