package wire

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// ErrParts is returned by [Framing.Take] for a message that holds parts of an
// envelope, but not a whole one that stands alone.
var ErrParts = errors.New("parts of an envelope that is not whole and alone")

// A Framing carries envelopes in one way of laying out a message.
type Framing interface {
	// Name is what the framing is called on a command line.
	Name() string

	// Put replaces the payload of part with env.
	Put(part *Part, env *cryptobox.Envelope) error

	// Take returns the envelope in part, or nil where the payload is plain:
	// where nothing of an envelope is there. Anything between the two is
	// an error that wraps ErrParts or an error of [cryptobox.Envelope.Validate].
	Take(part *Part) (*cryptobox.Envelope, error)
}

// Reserved reports whether an option or detail belongs to a framing: the enc_
// attributes of payload transparency, the ppt_ attributes of payload passthru
// mode (WAMP specification, "Payload Passthru Mode").
func Reserved(name string) bool {
	return strings.HasPrefix(name, "enc_") || strings.HasPrefix(name, "ppt_")
}

// ReservedIn returns an option or detail in dict that belongs to a framing.
func ReservedIn(dict wamp.Dict) (name string, found bool) {
	for name := range dict {
		if Reserved(name) {
			return name, true
		}
	}
	return "", false
}

func partsError(what string) error {
	return fmt.Errorf("%w: %s", ErrParts, what)
}
