package wire

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// EncName is the keyword argument that holds the envelope in the enc argument
// framing.
const EncName = "enc"

// Names inside the enc argument.
const (
	encAlgorithm   = "algo"
	encSerializer  = "serializer"
	encKeyID       = "key"
	encPayloadName = "payload"
)

// EncArgument is the framing that any router and any transport carries:
//
//	Arguments   = []
//	ArgumentsKw = {"enc": {"algo", "serializer", "key", "payload"}}
//
// An absent key id is left out. The payload travels as binary data of the
// session's serializer (WAMP specification, "Binary conversion of JSON
// Strings"), and is accepted in every shape in which routers pass it on.
type EncArgument struct{}

var _ Framing = EncArgument{}

var encMarks = Marks{Keyword: EncName}

// Traits returns the name "enc", and no demands.
func (EncArgument) Traits() Traits {
	return Traits{
		Name:        "enc",
		Serializers: []cryptobox.Serializer{cryptobox.CBOR, cryptobox.MessagePack, cryptobox.JSON},
		Marks:       encMarks,
	}
}

// Put replaces the payload of part with the enc argument.
func (EncArgument) Put(part *Part, env *cryptobox.Envelope) error {
	if err := checkPut(part, env); err != nil {
		return err
	}
	enc := wamp.Dict{
		encAlgorithm:   env.Algorithm,
		encSerializer:  string(env.Serializer),
		encPayloadName: part.binary(env.Payload),
	}
	if env.KeyID != "" {
		enc[encKeyID] = env.KeyID
	}
	// An explicit empty list: nexus writes a nil one as null.
	part.Args, part.Kwargs, part.Raw = wamp.List{}, wamp.Dict{EncName: enc}, nil
	return nil
}

// PutRaw is Put for what is written by a codec, where no map is needed.
func (EncArgument) PutRaw(part *Part, env *cryptobox.Envelope) error {
	if err := checkPut(part, env); err != nil {
		return err
	}
	part.Args, part.Kwargs, part.Raw, part.Payload = nil, nil, nil, encPayload{env}
	return nil
}

// encPayload is an envelope that writes itself as the enc argument.
type encPayload struct{ *cryptobox.Envelope }

// AppendPayload implements [message.PayloadWriter].
func (p encPayload) AppendPayload(c *message.Codec, b []byte) []byte {
	fields := 3
	if p.KeyID != "" {
		fields++
	}
	b = c.AppendSeparator(c.AppendEmptyList(b))
	b = c.AppendKey(c.OpenMap(b, 1), 0, EncName)
	b = c.AppendText(c.AppendKey(c.OpenMap(b, fields), 0, encAlgorithm), p.Algorithm)
	b = c.AppendText(c.AppendKey(b, 1, encSerializer), string(p.Serializer))
	b = c.AppendBinary(c.AppendKey(b, 2, encPayloadName), p.Payload)
	if p.KeyID != "" {
		b = c.AppendText(c.AppendKey(b, 3, encKeyID), p.KeyID)
	}
	return c.CloseMap(c.CloseMap(b))
}

// Take returns the envelope of the enc argument.
func (EncArgument) Take(part *Part) (*cryptobox.Envelope, error) {
	if err := checkForeign(part, encMarks); err != nil {
		return nil, err
	}
	enc, found := part.Kwargs[EncName]
	if !found {
		return nil, nil
	}
	if len(part.Args) != 0 || len(part.Kwargs) != 1 {
		return nil, partsError("other arguments beside enc")
	}
	fields, ok := asMap(enc)
	if !ok {
		return nil, partsError("enc is no map")
	}
	env, err := envelopeOf(fields)
	if err != nil {
		return nil, err
	}
	return valid(env)
}

// TakeRaw is Take for a payload in the shape that most routers pass on, which becomes no
// map. The envelope's payload may point into kwargs. It returns nil for all others.
func (EncArgument) TakeRaw(codec *message.Codec, args, kwargs []byte, details wamp.Dict) *cryptobox.Envelope {
	var fields [4]message.Entry
	if _, reserved := ReservedIn(details); reserved {
		return nil
	}
	if _, empty := codec.Items(args, nil); !empty {
		return nil
	}
	list, ok := codec.EntriesOf(kwargs, EncName, fields[:0])
	if !ok {
		return nil
	}
	env := new(cryptobox.Envelope)
	for _, field := range list {
		value, ok := codec.TextValue(field.Value)
		switch string(field.Key) {
		case encAlgorithm:
			env.Algorithm = known(value)
		case encSerializer:
			env.Serializer = cryptobox.Serializer(known(value))
		case encKeyID:
			env.KeyID = string(value)
			ok = ok && env.KeyID != ""
		case encPayloadName:
			value, ok = codec.BinaryValue(field.Value)
			env.Payload = value
		default:
			ok = false
		}
		if !ok {
			return nil
		}
	}
	if env.Validate() != nil {
		return nil
	}
	return env
}

// known is text, without an allocation for what most envelopes say.
func known(text []byte) string {
	switch string(text) {
	case cryptobox.AlgorithmBox:
		return cryptobox.AlgorithmBox
	case string(cryptobox.CBOR):
		return string(cryptobox.CBOR)
	}
	return string(text)
}

func envelopeOf(fields map[string]any) (*cryptobox.Envelope, error) {
	env := new(cryptobox.Envelope)
	for name, value := range fields {
		ok := false
		switch name {
		case encAlgorithm:
			env.Algorithm, ok = value.(string)
		case encSerializer:
			var serializer string
			serializer, ok = value.(string)
			env.Serializer = cryptobox.Serializer(serializer)
		case encKeyID:
			env.KeyID, ok = value.(string)
			ok = ok && env.KeyID != ""
		case encPayloadName:
			env.Payload, ok = Bytes(value)
		default:
			return nil, partsError("unknown field in enc")
		}
		if !ok {
			return nil, partsError("enc." + name + " has a wrong type")
		}
	}
	return env, nil
}

// asMap accepts what nexus's serializers decode a map to, and what a local
// link passes on.
func asMap(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case wamp.Dict:
		return v, true
	}
	return nil, false
}
