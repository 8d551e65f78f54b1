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
	EncArgument Form = "enc argument" // keyword arguments alone
	Arguments   Form = "arguments"    // both kinds of arguments of a message, {"args": ..., "kwargs": ...}
	Message     Form = "message"      // a whole message
)

// Capture is what was found. Everything in it is claimed, nothing proved.
type Capture struct {
	Form     Form
	Encoding Encoding // how the input was written: Raw, Base64, Hex or Text
	Within   []string // what it was taken out of, from the outside in: gzip, a frame, other text

	// Serializer is that of the message or the arguments around the payload,
	// empty for a payload alone.
	Serializer string

	// Type and URI are what a message says: URI is its topic, procedure or error
	// URI, empty where that kind of message names none. Arguments have a URI where a
	// router has shown it.
	Type wamp.MessageType
	URI  string

	// Payload is what is sealed, nil for a plain message, and for arguments that are
	// plain, or sealed by attributes that aren't there.
	Payload []byte

	// Dialect is the one that the payload is laid out in. It is empty where that can't be
	// told, for a payload alone.
	Dialect string

	// Suite is that of our dialect. A payload alone of another may begin like one of ours
	// by chance.
	Suite cryptobox.Suite

	KeyID     string // empty where there is none
	Algorithm string // of another dialect than ours

	// Format1 is true for what is sealed in the form that our dialect had before any
	// release. Nothing else is known of it.
	Format1 bool

	// Err says, of one among several, what keeps it from being shown: parts of an envelope
	// that isn't whole.
	Err error
}

// Sealed tells whether there is a sealed payload.
func (c *Capture) Sealed() bool { return c.Payload != nil || c.Format1 }

// ours reads how a payload of our dialect begins, if it can be one.
func (c *Capture) ours() {
	if suite, id, err := cryptobox.SuiteAndID(c.Payload); err == nil {
		c.Suite, c.KeyID = suite, id.String()
	}
}

// RecordSize is the size in bytes of the serialized record in the payload, by what it
// claims to be; for a payload alone that isn't of our dialect, by a box's. It is less than 1
// for a payload that is too short to be sealed, and not known for other algorithms.
func (c *Capture) RecordSize() (size int, known bool) {
	switch {
	case c.Payload == nil:
		return 0, false
	case c.Suite != 0:
		return len(c.Payload) - cryptobox.MinSealed, !c.Signed() // which say within what they add
	}
	switch c.Algorithm {
	case "", cryptobox.AlgorithmBox, cryptobox.AlgorithmSecretBox:
		return len(c.Payload) - new(cryptobox.Box).Overhead(), true
	case cryptobox.AlgorithmAESGCM:
		return len(c.Payload) - new(cryptobox.AESGCM).Overhead(), true
	}
	return 0, false
}

// Direction is the one in which a message of its type is sealed, 0 where that isn't known: of a
// payload or arguments alone. What a router shows of an event was a publish.
func (c *Capture) Direction() cryptobox.Direction {
	switch c.Type {
	case wamp.PUBLISH, wamp.EVENT, wamp.CALL, wamp.INVOCATION:
		return cryptobox.Message
	case wamp.RESULT, wamp.YIELD, wamp.ERROR:
		return cryptobox.Answer
	}
	if c.Form == Arguments && c.URI != "" {
		return cryptobox.Message
	}
	return 0
}

// Signed tells whether it says that it is of a suite of signed keys.
func (c *Capture) Signed() bool { return c.Suite.Signed() }

// Encapsulated is how many bytes its encapsulated key has: a message of a signed key has one,
// and no answer. What isn't known to be an answer counts as a message.
func (c *Capture) Encapsulated() int {
	if c.Direction() == cryptobox.Answer {
		return 0
	}
	switch c.Suite {
	case cryptobox.SuiteSigned:
		return 32
	case cryptobox.SuiteSignedPQ:
		return 1120
	}
	return 0
}

// ContentsSize is how many bytes are sealed in a payload of a signed key: a byte that says how
// it is signed, who did with the signature, and the record. It is less than 1 for one that is
// too short.
func (c *Capture) ContentsSize() int {
	return len(c.Payload) - cryptobox.MinSealed - c.Encapsulated()
}

// Found is what there is in an input.
type Found struct {
	Captures []*Capture // at least one
	Passed   int        // how many messages of WAMP were beside them that carry no payload
	Left     int        // how many bytes stand behind the last message, and are none
}

// maxFound bounds how many messages are taken out of one input.
const maxFound = 10_000

// Parse finds the payloads in input, written as the encoding says: with [Auto]
// it finds that out as well. The result may share memory with input.
//
// Errors wrap [ErrCapture], and those of package wire where a message holds
// parts of an envelope that is not whole. One of several such messages is no error of Parse:
// it has its own.
func Parse(input []byte, encoding Encoding) (*Found, error) {
	if len(input) > MaxInput {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrCapture, MaxInput)
	}
	f := finder{budget: searchFactor*len(input) + searchFloor, alone: true}
	if err := f.read(input, encoding); err != nil {
		return nil, err
	}
	if len(f.Captures) == 1 && f.Captures[0].Err != nil {
		return nil, f.Captures[0].Err
	}
	return &f.Found, nil
}

// single makes what was read as a payload alone, where that can be one.
func single(data []byte, written Encoding) (*Capture, error) {
	c := &Capture{Form: Payload, Payload: data}
	c.ours()
	size, _ := c.RecordSize()
	switch {
	case len(data) == 0:
		return nil, errEmpty
	case len(data) > cryptobox.MaxSealed:
		return nil, fmt.Errorf("%w: it is larger than any payload", ErrCapture)
	case size < 1 && written == Raw:
		return nil, fmt.Errorf("%w: %d bytes are too short to be sealed", ErrCapture, len(data))
	case size < 1:
		return nil, fmt.Errorf("%w: %d bytes in %s are too short to be sealed", ErrCapture, len(data), written)
	}
	return c, nil
}
