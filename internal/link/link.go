package link

import (
	"context"
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// Link carries messages to and from a router. One goroutine reads; any number of
// goroutines write. Close may be called by any, more than once, and makes the others
// return.
type Link interface {
	// Read fills in the next message. Every error is the end of the link.
	Read(in *Incoming) error

	// Write has m sent, together with what else is ready to be sent. While the router
	// takes nothing it waits, until ctx ends, or so long where limit isn't 0: an error
	// that wraps [ErrBusy], and ctx's. One that wraps [ErrUnsendable] is about m. In
	// both cases no part of m is sent. Every other error is the end of the link.
	Write(ctx context.Context, limit time.Duration, m message.Out) error

	// Close ends the link, with what farewells the transport has. What was written
	// before goes to the router, if it takes that within half a second.
	Close() error

	// IsLocal reports whether messages cross a link inside the process, so
	// that what they hold is shared with others.
	IsLocal() bool

	// Form gives what a value becomes in a plain message, as [message.Codec.Form] of the
	// link's serialization. A local link has none: CBOR's stands for it.
	Form(v any) (any, error)
}

// ErrUnsendable is wrapped by the errors of [Link.Write] about a message that
// can't be serialized, or is too large for the transport.
var ErrUnsendable = message.ErrUnsendable

// ErrBusy is wrapped by the errors of [Link.Write] where the router didn't take what was
// sent before.
var ErrBusy = errors.New("the router takes nothing at the moment")

// ErrTooLarge is wrapped, with [ErrUnsendable], where a message is too large for the
// transport.
var ErrTooLarge = errors.New("too large for the transport")
