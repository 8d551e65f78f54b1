package message

import (
	"fmt"
	"math"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// In is a message from a router, read as far as its payload, which stays raw. Its
// slices point into the data it was read from.
type In struct {
	Type        wamp.MessageType
	Request     wamp.ID          // 0 where the message has none
	ID          wamp.ID          // WELCOME: session; PUBLISHED: publication; SUBSCRIBED, EVENT: subscription; REGISTERED, INVOCATION: registration
	Publication wamp.ID          // EVENT
	Answers     wamp.MessageType // ERROR: type of the request
	URI         string           // ERROR: error; ABORT, GOODBYE: reason; CHALLENGE: method
	Details     []byte           // raw dict, nil where absent or null
	Payload     Payload          // EVENT, INVOCATION, RESULT, ERROR
}

// Payload is the payload of a message, still raw.
type Payload struct {
	// Args and Kwargs are nil where absent or null. Args may be binary data in the
	// list's place, or text that stands for it. Nothing follows it then.
	Args, Kwargs []byte
	// Err says why the payload can't be taken at all. It wraps ErrPayload, and
	// ErrTooLarge where it would take too much memory. Args and Kwargs are nil then.
	Err error
	// Memory is at least what details and payload take once they are decoded, in bytes.
	Memory int
}

// What the values of a message may take in memory is memoryFactor times its bytes, and
// in any case as much as these floors.
const (
	memoryFactor = 8
	payloadFloor = 16 << 20
	detailsFloor = 1 << 20
)

// received are the elements of each message that a client may be sent, behind its type
// (WAMP specification, "Message Definitions"): r request, i id, p publication, t type of
// the request, u URI, d details, and + the payload.
var received = [...]string{
	wamp.WELCOME:      "id",
	wamp.ABORT:        "du",
	wamp.CHALLENGE:    "ud",
	wamp.GOODBYE:      "du",
	wamp.ERROR:        "trdu+",
	wamp.PUBLISHED:    "ri",
	wamp.SUBSCRIBED:   "ri",
	wamp.UNSUBSCRIBED: "r",
	wamp.EVENT:        "ipd+",
	wamp.REGISTERED:   "ri",
	wamp.UNREGISTERED: "r",
	wamp.INVOCATION:   "rid+",
	wamp.INTERRUPT:    "rd",
	wamp.RESULT:       "rd+",
}

// carrying are the messages that carry a payload, whoever is sent them.
var carrying = [...]string{
	wamp.ERROR:      received[wamp.ERROR],
	wamp.PUBLISH:    "rdu+",
	wamp.EVENT:      received[wamp.EVENT],
	wamp.CALL:       "rdu+",
	wamp.RESULT:     received[wamp.RESULT],
	wamp.INVOCATION: received[wamp.INVOCATION],
	wamp.YIELD:      "rd+",
}

// Read reads the message in data. Without an error, false stands for a message to
// ignore: of a type that is unknown, or that only routers receive.
//
// Every error wraps [ErrMessage] and holds nothing of data: it can't be read as a
// message. What is wrong with a payload alone is [Payload.Err], and so is what details
// beside a payload would take too much of. Elements that the specification doesn't have,
// and bytes behind the message, are ignored. What stands behind details that take too
// much isn't read: an ERROR has no URI then.
func (c *Codec) Read(data []byte, in *In) (bool, error) {
	known, _, err := c.read(data, in, received[:])
	return known, err
}

// ReadCarrying is [Codec.Read] for a whole message that carries a payload, whether a router
// or a client sends it, with nothing behind it. It returns false for all others.
func (c *Codec) ReadCarrying(data []byte, in *In) (bool, error) {
	known, end, err := c.read(data, in, carrying[:])
	if err == nil && known && in.Payload.Err == nil && end != len(data) {
		*in = In{}
		return false, fmt.Errorf("%w: something stands behind it", ErrMessage)
	}
	return known, err
}

// read reads a message of those that a table has, and tells where it ends, if all of it
// was read.
func (c *Codec) read(data []byte, in *In, table []string) (known bool, end int, err error) {
	*in = In{}
	r := reader{scan: scan{syntax: c.syntax, b: data, limit: math.MaxInt}}
	root := c.head(data, 0)
	if root.Kind != codec.KindList {
		return false, 0, fmt.Errorf("%w: no list", ErrMessage)
	}
	r.items = itemsOf(c.syntax, data, root)
	code := r.id()
	if code < wamp.ID(len(table)) && table[code] != "" {
		known = true
		in.Type = wamp.MessageType(code)
		r.message(in, table[code])
	}
	r.rest()
	if r.failed != nil {
		*in = In{}
		return false, 0, r.failed
	}
	return known, r.items.at, nil
}

// reader reads the elements of a message one by one. The first failure is kept.
type reader struct {
	scan
	items  items
	read   int
	failed error
	over   bool // nothing is to be read any more
}

func (r *reader) fail(want string) {
	if r.failed == nil {
		r.failed = fmt.Errorf("%w: element %d is no %s", ErrMessage, r.read-1, want)
	}
	r.over = true
}

// element is the head of the next element, whose kind is null behind the last one.
func (r *reader) element() codec.Head {
	r.read++
	switch {
	case r.items.more():
		return r.syntax.head(r.b, r.items.at)
	case r.items.at < 0:
		return codec.Head{}
	}
	return codec.Head{Kind: codec.KindNull, End: r.items.at}
}

func (r *reader) message(in *In, elements string) {
	for i := 0; i < len(elements) && !r.over; i++ {
		switch elements[i] {
		case 'r':
			in.Request = r.id()
		case 'i':
			in.ID = r.id()
		case 'p':
			in.Publication = r.id()
		case 't':
			in.Answers = wamp.MessageType(r.id())
		case 'u':
			in.URI = r.text()
		case 'd':
			r.details(in, elements[len(elements)-1] == '+')
		case '+':
			r.payload(&in.Payload)
		}
	}
}

// id reads an integer. JSON peers may write one as a float.
func (r *reader) id() wamp.ID {
	h := r.element()
	r.items.at = h.End
	switch h.Kind {
	case codec.KindUint:
		return wamp.ID(h.N)
	case codec.KindInt:
		if int64(h.N) >= 0 {
			return wamp.ID(h.N)
		}
	case codec.KindFloat:
		if id, ok := wholeID(math.Float64frombits(h.N)); ok {
			return id
		}
	case codec.KindNumber:
		v, _ := r.special(r.b, h)
		switch v := v.(type) {
		case uint64:
			return wamp.ID(v)
		case float64:
			if id, ok := wholeID(v); ok {
				return id
			}
		}
	}
	r.fail("id")
	return 0
}

func wholeID(f float64) (wamp.ID, bool) {
	if f >= 0 && f <= 1<<53 && f == math.Trunc(f) {
		return wamp.ID(f), true
	}
	return 0, false
}

func (r *reader) text() string {
	h := r.element()
	r.items.at = h.End
	if h.Kind == codec.KindText {
		if text, ok := content(r.syntax, r.b, h, nil); ok {
			return string(text)
		}
	}
	r.fail("string")
	return ""
}

// details reads a dict, which may be absent or null.
func (r *reader) details(in *In, payload bool) {
	h := r.element()
	switch h.Kind {
	case codec.KindNull:
		r.items.at = h.End
		return
	case codec.KindMap:
	default:
		r.fail("dict")
		return
	}
	r.limit = max(memoryFactor*len(r.b), detailsFloor)
	r.items.at = r.value(h.Start, 2)
	switch {
	case r.err == nil:
		in.Details = r.b[h.Start:r.items.at]
		in.Payload.Memory = r.memory
	case payload && r.err == errMemory:
		in.Payload.Err = ofPayload(r.err)
		r.over = true
	default:
		r.failed = fmt.Errorf("%w: its details are %w", ErrMessage, r.err)
		r.over = true
	}
}

// payload reads the arguments. What is wrong in there ends no connection: it comes from
// another client, which a router need not check.
func (r *reader) payload(p *Payload) {
	r.limit = max(memoryFactor*len(r.b), payloadFloor)
	if err := r.arguments(p); err != nil {
		p.Args, p.Kwargs, p.Err = nil, nil, err
		r.over = true
		return
	}
	p.Memory = r.memory
}

func (r *reader) arguments(p *Payload) error {
	h := r.element()
	binary := r.binary(h)
	if err := r.raw(h, &p.Args, h.Kind == codec.KindList || binary, errNoArguments); err != nil {
		return err
	}
	if binary {
		return r.nothing(errBehindBinary)
	}
	h = r.element()
	if err := r.raw(h, &p.Kwargs, h.Kind == codec.KindMap, errNoKeywords); err != nil {
		return err
	}
	return r.nothing(errBehindKeywords)
}

// raw takes the value of h, where it is a right one, or null or absent.
func (r *reader) raw(h codec.Head, to *[]byte, right bool, wrong error) error {
	switch {
	case h.Kind == codec.KindBad:
		return errPayloadBroken
	case h.Kind == codec.KindNull:
		r.items.at = h.End
		return nil
	case !right:
		return wrong
	}
	r.items.at = r.value(h.Start, 2)
	if r.err != nil {
		return ofPayload(r.err)
	}
	*to = r.b[h.Start:r.items.at]
	return nil
}

// nothing is the end of the message.
func (r *reader) nothing(wrong error) error {
	switch {
	case r.items.more():
		return wrong
	case r.items.at < 0:
		return errPayloadBroken
	}
	r.over = true
	return nil
}

// binary reports whether a value may be binary data in the place of the arguments.
func (r *reader) binary(h codec.Head) bool {
	switch h.Kind {
	case codec.KindBytes:
		return true
	case codec.KindTag, codec.KindExt, codec.KindText:
		return mayBeBinary(r.syntax, r.b, h)
	}
	return false
}

// rest goes over elements that aren't read.
func (r *reader) rest() {
	r.limit = math.MaxInt
	for !r.over && r.items.more() {
		r.items.at = r.value(r.items.at, 2)
	}
	if !r.over && r.items.at < 0 {
		r.failed = fmt.Errorf("%w: it is broken off", ErrMessage)
	}
}
