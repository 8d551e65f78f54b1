package capture

import (
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// ErrCapture is wrapped by every error about input that holds no payload that
// could be shown.
var ErrCapture = errors.New("this is not a captured payload")

// MaxInput bounds what [Parse] looks at, in bytes: hex of the largest payload,
// with some room.
const MaxInput = 2*cryptobox.MaxPayload + 1<<20

// Form is what the input turned out to be.
type Form string

// The forms.
const (
	Payload     Form = "payload"      // a sealed payload alone
	EncArgument Form = "enc argument" // the enc argument alone
	Message     Form = "message"      // a whole message
)

// Capture is what was found. Everything in it is claimed, nothing proved.
type Capture struct {
	Form     Form
	Encoding Encoding // how the input was written: Raw, Base64, Hex or Text

	// Serializer is that of the message or the enc argument around the payload,
	// empty for a payload alone.
	Serializer cryptobox.Serializer

	// Type and URI are what a message says: URI is its topic, procedure or error
	// URI, empty where that kind of message names none.
	Type wamp.MessageType
	URI  string

	// Framing names how the payload is framed: enc, native or ppt. It is empty
	// for a payload alone and for a plain message.
	Framing string

	// Envelope is what was found. It is nil for a message whose payload is
	// plain. For a payload alone it has nothing but Payload, so that it isn't
	// valid before an algorithm and a serializer are filled in.
	Envelope *cryptobox.Envelope
}

// Sealed tells whether there is a sealed payload.
func (c *Capture) Sealed() bool { return c.Envelope != nil }

// RecordSize is the size in bytes of the serialized record in the payload, by
// the algorithm that is claimed; for a payload alone, by a box's. It is less
// than 1 for a payload that is too short to be sealed, and not known for other
// algorithms.
func (c *Capture) RecordSize() (size int, known bool) {
	if c.Envelope == nil {
		return 0, false
	}
	switch c.Envelope.Algorithm {
	case "", cryptobox.AlgorithmBox, cryptobox.AlgorithmSecretBox:
		return len(c.Envelope.Payload) - new(cryptobox.Box).Overhead(), true
	case cryptobox.AlgorithmAESGCM:
		return len(c.Envelope.Payload) - new(cryptobox.AESGCM).Overhead(), true
	}
	return 0, false
}

// Parse finds the payload in input, written as the encoding says: with [Auto]
// it finds that out as well. The result may share memory with input.
//
// Errors wrap [ErrCapture], and those of the framings where a message holds
// parts of an envelope that is not whole.
func Parse(input []byte, encoding Encoding) (*Capture, error) {
	if len(input) > MaxInput {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrCapture, MaxInput)
	}
	data, encoding, err := decode(input, encoding)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrCapture)
	}
	c, err := structured(data)
	if err != nil {
		return nil, err
	}
	if c == nil {
		c = &Capture{Form: Payload, Envelope: &cryptobox.Envelope{Payload: data}}
	}
	if c.Form == Payload && len(data) > cryptobox.MaxPayload+maxOverhead {
		return nil, fmt.Errorf("%w: it is larger than any payload", ErrCapture)
	}
	c.Encoding = encoding
	return c, nil
}

// maxOverhead is more than any algorithm adds.
const maxOverhead = 256
