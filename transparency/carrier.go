package transparency

import (
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// carrier takes envelopes to nexus's client and back.
type carrier interface {
	// put replaces the payload of part with env.
	put(part *wire.Part, env *cryptobox.Envelope) error
	// take returns the envelope in part, nil where the payload is plain, or an
	// error where it is neither.
	take(part *wire.Part) (*cryptobox.Envelope, error)
}

// below leaves the framing to the Peer below the client.
type below struct{}

func (below) put(part *wire.Part, env *cryptobox.Envelope) error {
	wire.Carry(part, env)
	return nil
}

func (below) take(part *wire.Part) (*cryptobox.Envelope, error) { return wire.Carried(part) }

// within applies a framing in the Session, over a client that is not our own.
type within struct{ framing wire.Framing }

func (w within) put(part *wire.Part, env *cryptobox.Envelope) error {
	return w.framing.Put(part, env)
}

func (w within) take(part *wire.Part) (*cryptobox.Envelope, error) {
	env, err := w.framing.Take(part)
	if env != nil {
		// A local link shares the payload with others, who could change it
		// between the moment it is authenticated and that it is read.
		env.Payload = slices.Clone(env.Payload)
	}
	return env, err
}
