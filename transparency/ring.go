package transparency

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// ask returns what the ring says of a topic or procedure, and the facts of that for the
// rules. The error says why the URI is closed. What passes the ring by has no entry.
func (s *Session) ask(uri string, past bool) (*keyring.Entry, facts, error) {
	if past {
		return nil, facts{past: true}, nil
	}
	entry, err := s.ring.Lookup(uri)
	if err != nil {
		return nil, facts{}, because(reasonOf(err), "%w", causeOf(err))
	}
	return entry, facts{keyed: !entry.Plain(), sendsPlain: entry.SendsPlain(), takesPlain: entry.TakesPlain()}, nil
}

// steadily reads of the ring more than one thing, and tells whether all is of one state of
// it. It tries again while the ring changes, but not forever.
func (s *Session) steadily(read func()) bool {
	for range 8 {
		before := s.ring.Generation()
		if read(); s.ring.Generation() == before {
			return true
		}
	}
	return false
}

// askError returns what the ring says of an error URI that a handler raised.
func (s *Session) askError(uri string) (entry *keyring.Entry, f facts, err error) {
	steady := s.steadily(func() {
		f = facts{}
		if entry, err = s.ring.Lookup(uri); err == nil {
			f.errorKeyed, f.errorPlain = !entry.Plain(), !entry.Plain() && entry.TakesPlain()
			return
		}
		f.errorWithheld = s.nearKeyed(err)
	})
	f.errorWithheld = f.errorWithheld || err != nil && !steady
	return entry, f, err
}

// nearKeyed tells whether a URI is closed because its pattern had a key, or because it
// nearly matches a pattern with a key, and not because nothing is said of it.
func (s *Session) nearKeyed(err error) bool {
	var closed *keyring.Error
	if !errors.As(err, &closed) {
		return false
	}
	return closed.Pattern != keyring.Pattern{} || s.ring.Versions(closed.Near) != nil
}

// hasKey returns the entry of an error URI, and whether the ring has a key for it.
func (s *Session) hasKey(uri string) (*keyring.Entry, bool) {
	entry, err := s.ring.Lookup(uri)
	return entry, err == nil && !entry.Plain()
}

// ringError is an error of the ring, without what an error of a Session says before it:
// what was being done, the URI, and that the key can't play the role.
type ringError struct{ err *keyring.Error }

func (e ringError) Error() string {
	cause := strings.TrimPrefix(e.err.Cause(), keyring.ErrWrongRole.Error()+": ")
	about := ""
	if e.err.Op == "seal" || e.err.Op == "open" {
		about = e.err.Pattern.String()
		if e.err.ID != "" {
			about += fmt.Sprintf(" id %.*q", cryptobox.MaxKeyID, e.err.ID)
		}
		about += ": "
	}
	return about + cause
}

func (e ringError) Unwrap() error { return e.err }

// causeOf leaves out of an error of the ring what a Session says itself.
func causeOf(err error) error {
	switch e := err.(type) {
	case *keyring.Error:
		return ringError{e}
	case *cryptobox.KeyError:
		return deviceError{e}
	}
	return err
}

// deviceError is an error of a key's device, without what its reason says.
type deviceError struct{ err *cryptobox.KeyError }

func (e deviceError) Error() string { return strings.TrimPrefix(e.err.Error(), "device: cryptobox: ") }

func (e deviceError) Unwrap() error { return e.err }

// denied is the refusal of the rules. closed says why the URI is closed, where it is.
func denied(op, uri string, reason Reason, closed error) error {
	if closed != nil {
		return newError(op, uri, closed)
	}
	return &Error{Op: op, URI: uri, Reason: reason}
}

// alive refuses to go on with a version that was revoked since the exchange began.
func alive(version *keyring.Version, otherwise error) error {
	if version.Revoked() {
		return fmt.Errorf("%w (%.*q, which the exchange began with, is revoked)", otherwise, cryptobox.MaxKeyID, version.ID())
	}
	return nil
}

// notePlain counts a plain message of a pattern in transition, and logs the first one.
func (s *Session) notePlain(entry *keyring.Entry) {
	if entry == nil || entry.Plain() { // nil: it passes the ring by
		return
	}
	s.counters.plain.Add(1)
	t := s.tallies.row(keyRow{pattern: entry.Pattern()})
	t.add(&t.plain)
	plaintext, until, _ := entry.Transition()
	if _, logged := s.inTransition.LoadOrStore(entry.Pattern(), true); !logged {
		s.logger.Warn("a message in plain, as its pattern is in transition: the first one, further ones are counted only", slog.String("pattern", entry.Pattern().String()),
			slog.String("plaintext", plaintext.String()), slog.Time("until", until))
	}
}
