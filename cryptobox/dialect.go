package cryptobox

import "fmt"

// Dialect says whose way of sealing a payload is: what is sealed, and where it sits in a
// message.
type Dialect uint8

// The dialects. docs/FORMAT.md has them in full.
const (
	// Wampbox is this library's own, and the default: a compact record in CBOR, tied to
	// its place, in a keyword argument that any router carries.
	Wampbox Dialect = iota
	// Autobahn is Autobahn|Python's cryptobox, which Crossbar.io carries: a record in
	// JSON, in place of the arguments. Nothing ties it to its place but its URI.
	Autobahn
	// Passthru is the payload passthru mode of the WAMP specification, which nexus and
	// others carry: a record in CBOR, as the only argument. Nothing ties it to its place.
	Passthru
)

var dialectNames = [...]string{Wampbox: "wampbox", Autobahn: "autobahn", Passthru: "passthru"}

// String is the dialect's name: "wampbox", "autobahn" or "passthru".
func (d Dialect) String() string {
	if int(d) < len(dialectNames) {
		return dialectNames[d]
	}
	return fmt.Sprintf("Dialect(%d)", uint8(d))
}

// Foreign tells whether the dialect isn't this library's own.
func (d Dialect) Foreign() bool { return d != Wampbox }

// ParseDialect gives the dialect of that name.
func ParseDialect(name string) (Dialect, error) {
	for d, known := range dialectNames {
		if name == known {
			return Dialect(d), nil
		}
	}
	return 0, fmt.Errorf("%w: %.64q: use wampbox, autobahn or passthru", ErrDialect, name)
}
