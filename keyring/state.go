package keyring

import "fmt"

// State is where a version of a pattern's key stands in its life. The zero
// value is refused.
type State uint8

// The states. A key is pending, then active, then retired; it may be revoked
// in any of them.
const (
	StatePending State = iota + 1 // opens, and waits until all peers have it
	StateActive                   // opens and seals; at most one version of a pattern
	StateRetired                  // opens, until its date where it has one
	StateRevoked                  // neither, and its id is known to be revoked
)

// ParseState reads a state as String writes it. Anything else is [ErrState].
func ParseState(s string) (State, error) {
	for state := StatePending; state <= StateRevoked; state++ {
		if s == state.String() {
			return state, nil
		}
	}
	return 0, &Error{Op: "parse", Err: fmt.Errorf(
		"%w: unknown state %.32q: use pending, active, retired or revoked", ErrState, s)}
}

// String names the state: pending, active, retired or revoked.
func (s State) String() string {
	switch s {
	case StatePending:
		return "pending"
	case StateActive:
		return "active"
	case StateRetired:
		return "retired"
	case StateRevoked:
		return "revoked"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}
