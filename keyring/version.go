package keyring

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// MaxOpeners bounds how many versions [Entry.Openers] gives for a payload that
// names no key, and so how many attempts one message can cost.
const MaxOpeners = 8

// Role is a party's own role in an exchange. The zero value is refused.
type Role uint8

// The roles, named after who starts the exchange.
const (
	// RoleOriginator publishes and calls: it seals publications and calls,
	// and opens results and errors.
	RoleOriginator Role = iota + 1

	// RoleResponder subscribes and registers: it opens events and
	// invocations, and seals results and errors.
	RoleResponder
)

// String names the role.
func (r Role) String() string {
	switch r {
	case RoleOriginator:
		return "originator"
	case RoleResponder:
		return "responder"
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}

// Entry is what a ring holds for one pattern. It is immutable, and safe for
// concurrent use.
type Entry struct {
	pattern Pattern
	kind    kind
	unbound bool

	// All that may open; the first one seals. Today there is exactly one.
	versions []*Version
}

// Version is one version of a pattern's key. It is safe for concurrent use.
type Version struct {
	id     func() string
	cipher func() cryptobox.Cipher
}

// newEntry makes the entry of a pattern from a checked key.
func newEntry(p Pattern, k Key) *Entry {
	return &Entry{
		pattern:  p,
		kind:     k.kind,
		unbound:  k.unbound,
		versions: []*Version{{id: k.id, cipher: k.cipher}},
	}
}

// Pattern gives the pattern that the entry was set for.
func (e *Entry) Pattern() Pattern { return e.pattern }

// Unbound tells whether the key allows peers that write no binding: see
// [Key.AllowUnbound].
func (e *Entry) Unbound() bool { return e.unbound }

// Sealer gives the version that seals for a party of this role. The error is
// an [*Error] that wraps [ErrWrongRole].
func (e *Entry) Sealer(role Role) (*Version, error) {
	if !e.kind.serves(role) {
		return nil, e.wrongRole("seal", role)
	}
	return e.versions[0], nil
}

// Openers gives the versions that may open what a party of this role received:
// the one with the id that the payload names, or all of them, at most
// [MaxOpeners], where it names none (""). The caller must not change the slice.
// The error is an [*Error] that wraps [ErrWrongRole] or [ErrUnknownID].
func (e *Entry) Openers(role Role, keyID string) ([]*Version, error) {
	if !e.kind.serves(role) {
		return nil, e.wrongRole("open", role)
	}
	if keyID == "" {
		n := min(len(e.versions), MaxOpeners)
		return e.versions[:n:n], nil
	}
	for i, v := range e.versions {
		if v.ID() == keyID {
			return e.versions[i : i+1 : i+1], nil
		}
	}
	return nil, &Error{Op: "open", Pattern: e.pattern, Err: ErrUnknownID}
}

// ID gives the version's key id: see [Key.ID].
func (v *Version) ID() string { return v.id() }

// Cipher gives what seals and opens with this version. The key exchange is
// done at the first call, and once for all versions made of one [Key].
func (v *Version) Cipher() cryptobox.Cipher { return v.cipher() }

// serves tells whether a key of this kind may be used in a role.
func (k kind) serves(role Role) bool {
	switch role {
	case RoleOriginator:
		return k == kindOriginator || k == kindBoth || k == kindSymmetric
	case RoleResponder:
		return k == kindResponder || k == kindBoth || k == kindSymmetric
	}
	return false
}

// wrongRole says which key would serve.
func (e *Entry) wrongRole(op string, role Role) error {
	need := "ask for RoleOriginator or RoleResponder"
	switch role {
	case RoleOriginator:
		need = "set an Originator, Both or Symmetric key"
	case RoleResponder:
		need = "set a Responder, Both or Symmetric key"
	}
	return &Error{Op: op, Pattern: e.pattern, Err: fmt.Errorf(
		"%w: %v wanted, the key is of kind %v: %s", ErrWrongRole, role, e.kind, need)}
}
