package keyring

import (
	"fmt"
	"slices"
	"time"
)

// noneOpens says why no version opens what names none.
func (e *Entry) noneOpens(role Role) error {
	switch openers := e.side(role).openers; {
	case !e.servedEver(role):
		return e.wrongRole("open", role, e.active())
	case len(openers) > 0:
		return &Error{Op: "open", Pattern: e.pattern, Err: hasExpired(openers[0])}
	}
	return &Error{Op: "open", Pattern: e.pattern, Err: ErrRevoked}
}

// noOpener says why there is no version of an id that opens.
func (e *Entry) noOpener(role Role, keyID string) error {
	v := e.version(keyID)
	switch {
	case !e.servedEver(role):
		return e.wrongRole("open", role, e.active())
	case v == nil:
		// The id is the sender's, and isn't repeated.
		return &Error{Op: "open", Pattern: e.pattern, Err: ErrUnknownID}
	case v.state == StateRevoked:
		return &Error{Op: "open", Pattern: e.pattern, ID: v.ID(), Err: ErrRevoked}
	}
	return e.wrongRole("open", role, v)
}

// hasExpired says since when.
func hasExpired(v *Version) error {
	return fmt.Errorf("%w: %s", ErrExpired, v.notAfter.UTC().Format(time.RFC3339))
}

// servedEver tells whether a version serves a role, or did until it was revoked.
func (e *Entry) servedEver(role Role) bool {
	return slices.ContainsFunc(e.versions, func(v *Version) bool { return v.key.kind.serves(role) })
}

// wrongRole says which key would serve. The version is the one that doesn't,
// nil for all.
func (e *Entry) wrongRole(op string, role Role, v *Version) error {
	need := "ask for RoleOriginator or RoleResponder"
	switch role {
	case RoleOriginator:
		need = "set an Originator, Both or Symmetric key"
	case RoleResponder:
		need = "set a Responder, Both or Symmetric key"
	}
	if v == nil {
		v = e.versions[0]
	}
	return &Error{Op: op, Pattern: e.pattern, Err: fmt.Errorf(
		"%w: %v wanted, the key is of kind %v: %s", ErrWrongRole, role, v.key.kind, need)}
}
