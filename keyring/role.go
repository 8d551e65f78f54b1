package keyring

import "fmt"

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

// serves tells whether the key may be used in a role.
func (k Key) serves(role Role) bool {
	if k.kind == kindSigned {
		return k.signed.serves(role)
	}
	return k.kind.serves(role)
}

// serves tells whether a key of this kind may be used in a role. Of a revoked
// version without a key nothing says that it didn't.
func (k kind) serves(role Role) bool {
	switch role {
	case RoleOriginator:
		return k == kindOriginator || k == kindPair || k == kindBoth || k == kindShared || k == kindRevoked
	case RoleResponder:
		return k == kindResponder || k == kindPair || k == kindBoth || k == kindShared || k == kindRevoked
	}
	return false
}
