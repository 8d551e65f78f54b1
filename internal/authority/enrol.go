package authority

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// Enrol takes a member in, which holds nothing yet. It refuses a name that a member has, be it in
// another case, and a key or recipient that any member has or had ([ErrEnrolled]): what was
// revoked never comes back. A name that a revoked member had may come back, but not in another case.
func (a *Authority) Enrol(e keyservice.Enrolment) error {
	return a.change("enrol", e.Name, func(s *state) error {
		if err := e.Verify(); err != nil {
			return err
		}
		if err := s.admits(e); err != nil {
			return err
		}
		if _, err := s.recipients(e.Recipient); err != nil {
			return err
		}
		s.Members = append(s.Members, &member{Name: e.Name, Key: e.Key, Recipient: e.Recipient, Enrolled: now()})
		s.Recipients = append(s.Recipients, statement.HashOf(e.Recipient))
		return nil
	})
}

// admits refuses what is enrolled already, or was.
func (s *state) admits(e keyservice.Enrolment) error {
	for _, m := range s.Members {
		switch {
		case sameName(m.Name, e.Name):
			return fail(ErrEnrolled, "there is a member %q: choose another name", m.Name)
		case m.Key == e.Key:
			return fail(ErrEnrolled, "its key is that of the member %q", m.Name)
		}
	}
	for _, f := range s.Former {
		switch {
		case f.Key == e.Key:
			return fail(ErrEnrolled, "its key is that of %q, who was revoked: let it make an identity anew", f.Name)
		case sameName(f.Name, e.Name) && f.Name != e.Name: // one file, where a disk doesn't tell cases apart
			return fail(ErrEnrolled, "its name differs from that of %q, who was revoked, in capital letters alone: choose another name", f.Name)
		}
	}
	if s.knows(e.Recipient) {
		return fail(ErrEnrolled, "its recipient is one that a member has, or had: let it make an identity anew")
	}
	if e.Key == s.Key.key.Public() {
		return fail(ErrEnrolled, "its key is the authority's own")
	}
	return nil
}

// knows tells whether a recipient is one that a member has or had.
func (s *state) knows(recipient string) bool {
	hash := statement.HashOf(recipient)
	for _, known := range s.Recipients {
		if known == hash {
			return true
		}
	}
	return false
}
