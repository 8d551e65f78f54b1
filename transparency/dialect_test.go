package transparency_test

import (
	"maps"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// dialect is one as its specification tells it, for tests to read and write by hand:
// nothing here comes from the code under test.
type dialect struct {
	cryptobox.Dialect
	features []string // announced by the client
	router   []string // announced by the router

	// What the attributes of a foreign envelope are called, and what else is always there.
	algorithm, recordsIn, keyID string
	fixed                       map[string]any

	// place returns the attributes that go into the options or details, and the
	// elements of the message from its payload on.
	place func(fields map[string]any, binary any) (attributes map[string]any, payload []any)
	// where in those elements the binary data stands.
	where []any
}

var (
	ours = dialect{
		Dialect: cryptobox.Wampbox,
		place: func(_ map[string]any, binary any) (map[string]any, []any) {
			return nil, []any{[]any{}, map[string]any{"enc": binary}}
		},
		where: []any{1, "enc"},
	}
	autobahn = dialect{
		Dialect:   cryptobox.Autobahn,
		features:  []string{"payload_transparency", "payload_encryption_cryptobox"},
		router:    []string{"payload_transparency"},
		algorithm: "enc_algo", recordsIn: "enc_serializer",
		fixed: map[string]any{"enc_serializer": "json"},
		place: func(fields map[string]any, binary any) (map[string]any, []any) {
			return fields, []any{binary}
		},
		where: []any{0},
	}
	passthru = dialect{
		Dialect:   cryptobox.Passthru,
		features:  []string{"payload_passthru_mode"},
		router:    []string{"payload_passthru_mode"},
		algorithm: "ppt_cipher", recordsIn: "ppt_serializer", keyID: "ppt_keyid",
		fixed: map[string]any{"ppt_scheme": "wamp", "ppt_serializer": "cbor"},
		place: func(fields map[string]any, binary any) (map[string]any, []any) {
			return fields, []any{[]any{binary}}
		},
		where: []any{0, 0},
	}
	dialects = []dialect{ours, autobahn, passthru}
)

// fields are what the dialect says of env.
func (d dialect) fields(env *wire.Envelope) map[string]any {
	fields := maps.Clone(d.fixed)
	if d.algorithm != "" {
		fields[d.algorithm] = env.Algorithm
	}
	if d.keyID != "" && env.KeyID != "" {
		fields[d.keyID] = env.KeyID
	}
	return fields
}

// errorURI is what a router sees of the URI of a sealed error.
func (d dialect) errorURI(uri string) string {
	if d.Foreign() {
		return uri
	}
	return "wampbox.error"
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
