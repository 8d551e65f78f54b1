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

// ErrFraming is wrapped by errors of [Framing.Put] about an envelope that the
// framing can't carry.
var ErrFraming = errors.New("the framing can't carry this")

// A Framing carries envelopes in one way of laying out a message.
type Framing interface {
	// Traits tells what the framing is called and where it works.
	Traits() Traits

	// Put replaces the payload of part with env, whose payload it doesn't copy.
	Put(part *Part, env *cryptobox.Envelope) error

	// Take returns the envelope in part, or nil where the payload is plain:
	// where nothing of an envelope is there. Anything between the two is
	// an error that wraps ErrParts or an error of [cryptobox.Envelope.Validate].
	// The payload may share memory with part.
	Take(part *Part) (*cryptobox.Envelope, error)
}

// Traits are all that other layers need to know of a framing.
type Traits struct {
	// Name is what the framing is called on a command line.
	Name string

	// Serializers are those that its records can be written in, the default
	// first.
	Serializers []cryptobox.Serializer

	// Announce lists the features that a client announces for each of its
	// roles (WAMP specification, "Feature Announcement").
	Announce []string

	// Require is the feature that a router has to announce for the roles broker
	// and dealer, or empty where any router carries the framing.
	Require string

	// Serialized is true for a framing that shows only in serialized messages,
	// so that a link inside the process can't carry it.
	Serialized bool

	// URIOptional is true where records of peers that bind nothing don't name
	// the URI either.
	URIOptional bool
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

// checkForeign refuses what belongs to another framing than the one that asks:
// details, raw payloads and the enc argument.
func checkForeign(part *Part) error {
	if name, found := ReservedIn(part.Dict); found {
		return partsError("detail of another framing: " + name[:4] + "...")
	}
	if part.Raw != nil {
		return partsError("binary data in place of the arguments")
	}
	return nil
}

func partsError(what string) error {
	return fmt.Errorf("%w: %s", ErrParts, what)
}
