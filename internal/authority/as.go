package authority

import (
	"fmt"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// As is in which part a member holds a pattern's key. The zero value is none.
type As uint8

// The parts. Of a pair there are Originator, Responder and Both, of a secret that all share Both
// alone, of a signed key all of them.
const (
	Originator As = iota + 1 // publishes and calls, and hears who answers
	Responder                // subscribes and is called; of a signed key it is listed as an answerer
	Sender                   // of a signed key: publishes, and can't call
	Reader                   // of a signed key: subscribes, and isn't listed as an answerer
	Both                     // Originator and Responder
)

var asNames = [...]string{Originator: "originator", Responder: "responder", Sender: "sender", Reader: "reader", Both: "both"}

// ParseAs gives the part of that name.
func ParseAs(text string) (As, error) {
	if i := slices.Index(asNames[Originator:], text); i >= 0 {
		return Originator + As(i), nil
	}
	return 0, fail(ErrAs, "%.64q: a key is held as originator, responder, sender, reader or both", text)
}

// String names the part.
func (a As) String() string {
	if !a.known() {
		return fmt.Sprintf("As(%d)", uint8(a))
	}
	return asNames[a]
}

func (a As) known() bool { return a >= Originator && a <= Both }

// MarshalText is String.
func (a As) MarshalText() ([]byte, error) {
	if !a.known() {
		return nil, fail(ErrAs, "%v", a)
	}
	return []byte(a.String()), nil
}

// UnmarshalText is [ParseAs].
func (a *As) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAs(string(text))
	return err
}

// originates and responds tell which halves of a pair are held, and in which lists of a signed key
// the member may be; reads tells whether the reading key is held.
func (a As) originates() bool { return a == Originator || a == Sender || a == Both }
func (a As) responds() bool   { return a == Responder || a == Reader || a == Both }
func (a As) answers() bool    { return a == Responder || a == Both }
func (a As) hears() bool      { return a == Originator || a == Both } // answers

// fits tells whether a version can be held so, and if not which parts it has.
func (a As) fits(v *keyfile.Version) error {
	switch {
	case !a.known():
		return fail(ErrAs, "%v: say originator, responder, sender, reader or both", a)
	case v.Suite.Signed(), a == Both:
		return nil
	case renewal.IsShared(v):
		return fail(ErrAs, "as %v: its key is a secret that all share, which is held as both", a)
	case a == Sender || a == Reader:
		return fail(ErrAs, "as %v: its key is a pair, whose halves both read and write: say originator, responder or both, or give the pattern a signed key", a)
	}
	return nil
}

// covers tells whether who holds a version as a has all the secrets of who holds it as other.
func (a As) covers(other As, v *keyfile.Version) bool {
	if v.Suite.Signed() {
		return a.responds() || !other.responds()
	}
	return (a.originates() || !other.originates()) && (a.responds() || !other.responds())
}
