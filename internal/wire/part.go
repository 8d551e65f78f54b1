package wire

import (
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// A Part is what a dialect may touch of a WAMP message: the options or
// details, and the payload. A dialect replaces the fields of a Part; it never
// writes into the maps, lists and bytes that it was given, which may be shared.
type Part struct {
	// Dict holds the Options of a message that is sent, the Details of one
	// that is received.
	Dict wamp.Dict

	// Args and Kwargs are the message's Arguments and ArgumentsKw.
	Args   wamp.List
	Kwargs wamp.Dict

	// Raw is the binary data that stands in place of the Arguments list, where
	// the message ends. It is nil where there is none, and then only.
	Raw []byte

	// Payload is what a message is sent with in place of Args and Kwargs, or nil.
	Payload message.PayloadWriter

	// Local is true of a message that a link inside the process carries as it is, so
	// that binary data is a []byte; Encoded of one that our own codec writes.
	Local, Encoded bool

	// First is set in a later chunk of an invocation whose first one carried an
	// envelope of payload passthru mode: that envelope.
	First *Envelope
}

// binary is b as an argument.
func (p *Part) binary(b []byte) any {
	if p.Local {
		return b
	}
	return serialize.BinaryData(b)
}
