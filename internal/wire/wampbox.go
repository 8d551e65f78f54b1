package wire

import (
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// EncName is the keyword argument that holds the envelope in our dialect.
const EncName = "enc"

// wampbox is our dialect, which any router and any transport carries:
//
//	Arguments   = []
//	ArgumentsKw = {"enc": bytes}
//
// The bytes travel as binary data of the session's serializer (WAMP specification, "Binary
// conversion of JSON Strings"), and are accepted in every shape in which routers pass them
// on.
type wampbox struct{}

func (wampbox) traits() Traits { return Traits{} }

func (wampbox) put(part *Part, env *Envelope) {
	part.Raw = nil
	if part.Encoded {
		part.Args, part.Kwargs, part.Payload = nil, nil, (*encPayload)(env)
		return
	}
	if env.Sealing != nil {
		env.Payload = env.Sealing.Append(nil)
		env.Sealing.Release()
	}
	// An explicit empty list: nexus writes a nil one as null.
	part.Args, part.Kwargs = wamp.List{}, wamp.Dict{EncName: part.binary(env.Payload)}
}

// encPayload is an envelope that writes itself, without a map. What is yet to be sealed is
// sealed where it is written.
type encPayload Envelope

// AppendPayload implements [message.PayloadWriter].
func (p *encPayload) AppendPayload(c *message.Codec, b []byte) []byte {
	b = c.AppendSeparator(c.AppendEmptyList(b))
	b = c.AppendKey(c.OpenMap(b, 1), 0, EncName)
	if p.Sealing == nil {
		return c.CloseMap(c.AppendBinary(b, p.Payload))
	}
	defer p.Sealing.Release()
	return c.CloseMap(c.AppendBinaryOf(b, p.Sealing.Size(), p.Sealing.Append))
}

// Room implements [message.PayloadWriter].
func (p *encPayload) Room(c *message.Codec) int {
	if p.Sealing == nil {
		return c.BinaryRoom(len(p.Payload))
	}
	return c.BinaryRoom(p.Sealing.Size())
}

func (wampbox) in(part *Part) bool {
	_, found := part.Kwargs[EncName]
	return found
}

func (wampbox) take(part *Part) (*Envelope, error) {
	if len(part.Args) != 0 || len(part.Kwargs) != 1 {
		return nil, partsError("other arguments beside enc")
	}
	payload, ok := Bytes(part.Kwargs[EncName])
	if !ok {
		return nil, partsError("enc is no binary data")
	}
	if err := checkEnc(payload); err != nil {
		return nil, err
	}
	return &Envelope{Payload: payload}, nil
}

// TakeRaw is [Take] for a payload of our dialect in the shape that most routers pass on,
// which becomes no map. The envelope's payload may point into kwargs. It returns false for
// all others.
func TakeRaw(codec *message.Codec, args, kwargs []byte, details wamp.Dict, env *Envelope) bool {
	if _, reserved := ReservedIn(details); reserved {
		return false
	}
	if _, empty := codec.Items(args, nil); !empty {
		return false
	}
	value, ok := codec.Only(kwargs, EncName)
	if !ok {
		return false
	}
	payload, ok := codec.BinaryValue(value)
	if !ok || checkEnc(payload) != nil {
		return false
	}
	*env = Envelope{Payload: payload}
	return true
}

// checkEnc checks what needs no key.
func checkEnc(enc []byte) error {
	if _, _, err := cryptobox.SuiteAndID(enc); err != nil {
		return fmt.Errorf("%s: %w", EncName, err)
	}
	return nil
}
