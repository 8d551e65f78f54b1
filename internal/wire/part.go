package wire

import "github.com/gammazero/nexus/v3/wamp"

// A Part is what a framing may touch of a WAMP message: the options or
// details, and the payload. A framing replaces the fields of a Part; it never
// writes into the maps and lists that it was given, which may be shared.
type Part struct {
	// Dict holds the Options of a message that is sent, the Details of one
	// that is received.
	Dict wamp.Dict

	// Args and Kwargs are the message's Arguments and ArgumentsKw.
	Args   wamp.List
	Kwargs wamp.Dict
}
