package transparency_test

import (
	"maps"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// dialect is a framing as its specification tells it, for tests to read and write
// by hand: nothing here comes from the code under test.
type dialect struct {
	framing    transparency.Framing
	serializer cryptobox.Serializer // that a Session writes records in
	features   []string             // announced by the client
	router     []string             // announced by the router

	// What the fields of an envelope are called, and what else is always there.
	algorithm, recordsIn, keyID string
	fixed                       map[string]any
	ciphers                     map[string]string // other names of algorithms

	// place returns the attributes that go into the options or details, and the
	// elements of the message from its payload on.
	place func(fields map[string]any, binary any) (attributes map[string]any, payload []any)
	// where in those elements the binary data stands.
	where []any
}

var (
	encArgument = dialect{
		framing:    transparency.EncArgument,
		serializer: cryptobox.CBOR,
		algorithm:  "algo", recordsIn: "serializer", keyID: "key",
		place: func(fields map[string]any, binary any) (map[string]any, []any) {
			fields["payload"] = binary
			return nil, []any{[]any{}, map[string]any{"enc": fields}}
		},
		where: []any{1, "enc", "payload"},
	}
	native = dialect{
		framing:    transparency.Native,
		serializer: cryptobox.JSON,
		features:   []string{"payload_transparency", "payload_encryption_cryptobox"},
		router:     []string{"payload_transparency"},
		algorithm:  "enc_algo", recordsIn: "enc_serializer", keyID: "enc_key",
		place: func(fields map[string]any, binary any) (map[string]any, []any) {
			return fields, []any{binary}
		},
		where: []any{0},
	}
	passthru = dialect{
		framing:    transparency.PPT,
		serializer: cryptobox.CBOR,
		features:   []string{"payload_passthru_mode"},
		router:     []string{"payload_passthru_mode"},
		algorithm:  "ppt_cipher", recordsIn: "ppt_serializer", keyID: "ppt_keyid",
		fixed:   map[string]any{"ppt_scheme": "wamp"},
		ciphers: map[string]string{"cryptobox": "xsalsa20poly1305"},
		place: func(fields map[string]any, binary any) (map[string]any, []any) {
			return fields, []any{[]any{binary}}
		},
		where: []any{0, 0},
	}
	dialects = []dialect{encArgument, native, passthru}
)

func (d dialect) String() string { return d.framing.String() }

// cipher is what the dialect calls an algorithm.
func (d dialect) cipher(algorithm string) string {
	if name, ok := d.ciphers[algorithm]; ok {
		return name
	}
	return algorithm
}

// fields are what the dialect says of env.
func (d dialect) fields(env *cryptobox.Envelope) map[string]any {
	fields := map[string]any{d.algorithm: d.cipher(env.Algorithm), d.recordsIn: string(env.Serializer)}
	if env.KeyID != "" {
		fields[d.keyID] = env.KeyID
	}
	maps.Copy(fields, d.fixed)
	return fields
}

// layout tells where the options or details of a message stand, and where its
// payload begins.
var layout = map[wamp.MessageType]struct{ dict, payload int }{
	wamp.PUBLISH:    {2, 4},
	wamp.EVENT:      {3, 4},
	wamp.CALL:       {2, 4},
	wamp.INVOCATION: {3, 4},
	wamp.YIELD:      {2, 3},
	wamp.RESULT:     {2, 3},
	wamp.ERROR:      {3, 5},
}

// message returns the elements of a message: head with the attributes in its dict,
// and the payload.
func (d dialect) message(head []any, fields map[string]any, binary any) []any {
	attributes, payload := d.place(fields, binary)
	kind, _ := head[0].(wamp.MessageType)
	at := layout[kind].dict
	dict := map[string]any{}
	given, _ := head[at].(wamp.Dict)
	maps.Copy(dict, given)
	maps.Copy(dict, attributes)
	list := append([]any(nil), head...)
	list[at] = dict
	return append(list, payload...)
}
