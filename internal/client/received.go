package client

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// Received is what a message carries: a sealed payload, a plain one, or one that can't
// be taken.
type Received struct {
	// Details are the receiver's own, and never nil. Nothing of a framing is left in
	// them.
	Details wamp.Dict
	// Envelope is the sealed payload, else nil.
	Envelope *cryptobox.Envelope
	// Args and Kwargs are the plain payload. A local link shares them with others.
	Args   wamp.List
	Kwargs wamp.Dict
	// Err says why the payload can't be taken. It holds nothing of it.
	Err error

	source *link.Incoming // that Envelope points into, or nil
}

// Release forgets the envelope once it has been opened, for another message to be read
// where it is. Without it, that is left to the garbage collector.
func (r *Received) Release() {
	if r.source != nil {
		r.source.Release()
		r.source, r.Envelope = nil, nil
	}
}

// received takes in apart. first is the envelope of the first chunk, where in is a later
// one.
func (c *Client) received(in *link.Incoming, first *cryptobox.Envelope) Received {
	details, err := in.Dict()
	if err != nil {
		in.Release()
		return Received{Details: wamp.Dict{}, Err: err}
	}
	r := Received{Details: details}
	if r.Envelope = c.rawEnvelope(in, details); r.Envelope != nil {
		r.source = in
		return r
	}
	defer in.Release()
	r.Envelope, r.Args, r.Kwargs, r.Err = c.payload(in, details, first)
	maps.DeleteFunc(details, func(name string, _ any) bool { return wire.Reserved(name) })
	return r
}

// rawEnvelope returns the envelope of a message in the shape that most routers pass on,
// which it points into, or nil.
func (c *Client) rawEnvelope(in *link.Incoming, details wamp.Dict) *cryptobox.Envelope {
	raw, ok := c.cfg.Framing.(rawFraming)
	codec := in.Codec()
	if !ok || codec == nil || in.Payload.Err != nil {
		return nil
	}
	return raw.TakeRaw(codec, in.Payload.Args, in.Payload.Kwargs, details)
}

func (c *Client) payload(in *link.Incoming, details wamp.Dict, first *cryptobox.Envelope) (env *cryptobox.Envelope, args wamp.List, kwargs wamp.Dict, err error) {
	part := &wire.Part{Dict: details, First: first}
	if in.Payload.Err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", wire.ErrParts, in.Payload.Err)
	}
	if codec := in.Codec(); codec != nil {
		if binary, ok := codec.BinaryValue(in.Payload.Args); ok && in.Payload.Kwargs == nil {
			part.Raw = slices.Clone(binary) // never nil: empty binary stays binary
		}
	}
	if part.Raw == nil {
		if part.Args, part.Kwargs, err = in.Values(); err != nil {
			return nil, nil, nil, fmt.Errorf("%w: %w", wire.ErrParts, err)
		}
	}
	env, err = c.cfg.Framing.Take(part)
	if env != nil && c.link.IsLocal() {
		// Others have it too, and could change it between the moment it is
		// authenticated and that it is read.
		env.Payload = slices.Clone(env.Payload)
	}
	if env != nil || err != nil {
		return env, nil, nil, err
	}
	return nil, part.Args, part.Kwargs, nil
}

// rawFraming is a framing that writes a sealed payload without maps, and takes it from
// raw arguments, where they have the usual shape. What it takes may point into these.
type rawFraming interface {
	PutRaw(part *wire.Part, env *cryptobox.Envelope) error
	TakeRaw(codec *message.Codec, args, kwargs []byte, details wamp.Dict) *cryptobox.Envelope
}

// errUnwanted is the payload of a progressive RESULT to a caller that takes none: it
// would pass for the result.
var errUnwanted = errors.New("a progressive result that nobody asked for")
