package link

import (
	"errors"

	"github.com/gammazero/nexus/v3/wamp"
)

// Link carries messages to and from a router. Read is called by one goroutine,
// what writes by another; Close may be called by any, more than once, and makes the
// other two return.
type Link interface {
	// Read returns the next message. Every error is the end of the link.
	Read() (wamp.Message, error)

	// Write hands msg to the transport. An error that wraps [ErrUnsendable]
	// is about this message; every other is the end of the link.
	Write(msg wamp.Message) error

	// Gather says that more messages follow at once: Write may keep them until
	// Flush, whose every error is the end of the link.
	Gather()
	Flush() error

	// Close ends the link at once.
	Close() error

	// IsLocal reports whether messages cross a link inside the process, so
	// that what they hold is shared with others.
	IsLocal() bool
}

// ErrUnsendable is wrapped by the errors of [Link.Write] about a message that
// can't be serialized, or is too large for the transport. Nothing of it was
// sent.
var ErrUnsendable = errors.New("the message can't be sent")

// ErrTooLarge is wrapped, with [ErrUnsendable], where a message is too large.
var ErrTooLarge = errors.New("too large for the transport")

// SizeOf returns how many bytes the last message was read from, or 0 where
// messages cross as they are.
func SizeOf(l Link) int {
	if sized, ok := l.(interface{ ReadSize() int }); ok {
		return sized.ReadSize()
	}
	return 0
}
