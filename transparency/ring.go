package transparency

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// ask returns what the ring says of a topic or procedure, and the facts of that for the
// rules. The error says why the URI is closed.
func (s *Session) ask(uri string) (*keyring.Entry, facts, error) {
	entry, err := s.ring.Lookup(uri)
	if err != nil {
		return nil, facts{}, because(reasonOf(err), "%w", causeOf(err))
	}
	return entry, facts{keyed: !entry.Plain(), sendsPlain: entry.SendsPlain(), takesPlain: entry.TakesPlain()}, nil
}

// hasKey returns the entry of an error URI, and whether the ring has a key for it.
func (s *Session) hasKey(uri string) (*keyring.Entry, bool) {
	entry, err := s.ring.Lookup(uri)
	return entry, err == nil && !entry.Plain()
}

// lookupError is an error of the ring without the URI, which is said once.
type lookupError struct{ err *keyring.Error }

func (e lookupError) Error() string { return e.err.Cause() }

func (e lookupError) Unwrap() error { return e.err }

// causeOf leaves out of an error of the ring what a Session says itself.
func causeOf(err error) error {
	if e, ok := errors.AsType[*keyring.Error](err); ok {
		return lookupError{e}
	}
	return err
}

// denied is the refusal of the rules. closed says why the URI is closed, where it is.
func denied(op, uri string, reason Reason, closed error) error {
	if closed != nil {
		return newError(op, uri, closed)
	}
	return &Error{Op: op, URI: uri, Reason: reason}
}

// sealer returns the version that seals in a role, for a whole exchange.
func sealer(entry *keyring.Entry, role keyring.Role) (*keyring.Version, error) {
	version, err := entry.Sealer(role)
	if err != nil {
		return nil, fmt.Errorf("%w: to seal here, the key has to hold the %s's private half", err, role)
	}
	return version, nil
}

// alive refuses to go on with a version that was revoked meanwhile.
func alive(version *keyring.Version, otherwise error) error {
	if version.Revoked() {
		return fmt.Errorf("%w: the version %.*q, which the exchange began with, was revoked", otherwise, cryptobox.MaxKeyID, version.ID())
	}
	return nil
}

// notePlain counts a plain message of a pattern in transition, and logs the first one.
func (s *Session) notePlain(entry *keyring.Entry) {
	if entry.Plain() {
		return
	}
	s.counters.plain.Add(1)
	plaintext, until, _ := entry.Transition()
	if _, logged := s.inTransition.LoadOrStore(entry.Pattern(), true); !logged {
		s.logger.Warn("plaintext of a pattern in transition", slog.String("pattern", entry.Pattern().String()),
			slog.String("plaintext", plaintext.String()), slog.Time("until", until))
	}
}
