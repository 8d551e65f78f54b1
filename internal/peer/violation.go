package peer

import (
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"
)

// Violation tells of a message that was kept from the client, without its contents.
type Violation struct {
	// Message is the type of the message.
	Message wamp.MessageType
	// Err says what is wrong with it.
	Err error
}

// Error says what is wrong with which message.
func (v *Violation) Error() string { return fmt.Sprintf("%v: %v", v.Message, v.Err) }

// Unwrap gives Err.
func (v *Violation) Unwrap() error { return v.Err }
