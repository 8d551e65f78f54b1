package wire

import (
	"errors"
	"fmt"
	"slices"

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

	// CipherNames is true where envelopes name their algorithm as
	// [cryptobox.SecretKeyAlgorithm] does.
	CipherNames bool

	// URIOptional is true where records of peers that bind nothing don't name
	// the URI either.
	URIOptional bool

	// Marks are what the framing's messages show, so that every other framing
	// refuses them.
	Marks Marks
}

// framings is the one list of framings that there are, the default first.
var framings = []Framing{EncArgument{}, Native{}, PPT{}}

// Framings returns every framing there is, the default first.
func Framings() []Framing { return slices.Clone(framings) }

// valid is an envelope that was taken, if it is one.
func valid(env *cryptobox.Envelope) (*cryptobox.Envelope, error) {
	if err := env.Validate(); err != nil {
		return nil, err
	}
	return env, nil
}

func partsError(what string) error {
	return fmt.Errorf("%w: %s", ErrParts, what)
}
