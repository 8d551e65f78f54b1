package client

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// Received is what a message carries: a sealed payload, a plain one, or one that can't
// be taken.
type Received struct {
	// Details are the receiver's own, and never nil. Nothing of a dialect is left in
	// them.
	Details wamp.Dict
	// Envelope is the sealed payload, where there is one.
	Envelope wire.Envelope
	// Args and Kwargs are the plain payload. A local link shares them with others.
	Args   wamp.List
	Kwargs wamp.Dict
	// Err says why the payload can't be taken. It holds nothing of it.
	Err error

	source *link.Incoming // that Envelope points into, or nil
}

// Release forgets the envelope once it has been opened, so that another message can be read
// into its buffer. Without Release, the garbage collector takes the buffer.
func (r *Received) Release() {
	if r.source != nil {
		r.source.Release()
		r.source, r.Envelope = nil, wire.Envelope{}
	}
}

// Sealed reports whether the payload is sealed.
func (r *Received) Sealed() bool { return r.Envelope.Payload != nil }

// received takes in apart. first is the envelope of the first chunk, where in is a later
// one.
func (c *Client) received(in *link.Incoming, first *wire.Envelope) Received {
	details, err := in.Dict()
	if err != nil {
		in.Release()
		return Received{Details: wamp.Dict{}, Err: err}
	}
	r := Received{Details: details}
	if codec := in.Codec(); codec != nil && in.Payload.Err == nil &&
		wire.TakeRaw(codec, in.Payload.Args, in.Payload.Kwargs, details, &r.Envelope) {
		r.source = in
		return r
	}
	defer in.Release()
	r.Err = c.takePayload(in, &r, first)
	maps.DeleteFunc(details, func(name string, _ any) bool { return wire.Reserved(name) })
	return r
}

// takePayload is the long way, for any shape.
func (c *Client) takePayload(in *link.Incoming, r *Received, first *wire.Envelope) (err error) {
	part := &wire.Part{Dict: r.Details, First: first}
	if in.Payload.Err != nil {
		return fmt.Errorf("%w: %w", wire.ErrParts, in.Payload.Err)
	}
	if codec := in.Codec(); codec != nil {
		if binary, ok := codec.BinaryValue(in.Payload.Args); ok && in.Payload.Kwargs == nil {
			part.Raw = slices.Clone(binary) // never nil: empty binary stays binary
		}
	}
	if part.Raw == nil {
		if part.Args, part.Kwargs, err = in.Values(); err != nil {
			return fmt.Errorf("%w: %w", wire.ErrParts, err)
		}
	}
	env, err := wire.Take(part)
	switch {
	case err != nil:
		return err
	case env == nil:
		r.Args, r.Kwargs = part.Args, part.Kwargs
		return nil
	}
	r.Envelope = *env
	if c.link.IsLocal() {
		// Others have it too, and could change it between the moment it is
		// authenticated and that it is read.
		r.Envelope.Payload = slices.Clone(env.Payload)
	}
	return nil
}

// errUnwanted is the payload of a progressive RESULT to a caller that takes none: it
// would pass for the result.
var errUnwanted = errors.New("a progressive result that nobody asked for")
