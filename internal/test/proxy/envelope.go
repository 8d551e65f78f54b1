package proxy

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Dialect is whose way of sealing clients speak, and so where payloads lie in messages.
type Dialect string

// The dialects, by the names that they have in package cryptobox.
const (
	Wampbox  Dialect = "wampbox"
	Autobahn Dialect = "autobahn"
	Passthru Dialect = "passthru"
)

// Dialects lists them, ours first.
var Dialects = []Dialect{Wampbox, Autobahn, Passthru}

// Field is a field of an envelope.
type Field string

// The fields. Ours has the payload alone, Scheme and KeyID are those of passthru.
const (
	Algorithm  Field = "algorithm"
	Serializer Field = "serializer"
	KeyID      Field = "key id"
	Payload    Field = "payload"
	Scheme     Field = "scheme"
)

// names of the fields that are options or details.
var names = map[Dialect]map[Field]string{
	Wampbox:  {},
	Autobahn: {Algorithm: "enc_algo", Serializer: "enc_serializer"},
	Passthru: {Algorithm: "ppt_cipher", Serializer: "ppt_serializer", KeyID: "ppt_keyid", Scheme: "ppt_scheme"},
}

// Attributes lists the fields that the dialect has in options and details.
func (d Dialect) Attributes() (fields []Field) {
	for _, field := range []Field{Algorithm, Serializer, KeyID, Scheme} {
		if d.Name(field) != "" {
			fields = append(fields, field)
		}
	}
	return fields
}

// Name is what the dialect calls a field, empty for one that has no name.
func (d Dialect) Name(field Field) string { return names[d][field] }

func (m *Message) dialect() Dialect { return m.Conn.proxy.dialect }

// Sealed reports whether the message has a payload of an envelope.
func (m *Message) Sealed() bool {
	_, ok := m.Get(Payload)
	return ok
}

// Get returns a field of the envelope as it lies in the message.
func (m *Message) Get(field Field) (any, bool) {
	if name := m.dialect().Name(field); name != "" {
		v, ok := m.Details()[name]
		return v, ok
	}
	payload := m.Payload()
	if field != Payload || len(payload) == 0 {
		return nil, false
	}
	args, isList := payload[0].([]any)
	switch m.dialect() {
	case Autobahn:
		return payload[0], !isList
	case Passthru:
		if len(args) != 1 || len(payload) > 1 {
			return nil, false
		}
		_, binary := m.binary(args[0])
		return args[0], binary
	}
	if len(payload) < 2 {
		return nil, false
	}
	kwargs, _ := payload[1].(map[string]any)
	v, ok := kwargs["enc"]
	return v, ok
}

// Set replaces a field of the envelope, or adds it, whatever the value is.
func (m *Message) Set(field Field, v any) {
	switch name := m.dialect().Name(field); {
	case name != "":
		m.Details()[name] = v
	case field != Payload:
	case m.dialect() == Autobahn:
		m.SetPayload(v)
	case m.dialect() == Passthru:
		m.SetPayload([]any{v})
	default:
		m.SetPayload([]any{}, map[string]any{"enc": v})
	}
}

// Unset takes a field out of the envelope.
func (m *Message) Unset(field Field) {
	if name := m.dialect().Name(field); name != "" {
		delete(m.Details(), name)
	} else if field == Payload {
		m.SetPayload()
	}
}

// Bytes are the sealed payload, nil where there is none.
func (m *Message) Bytes() []byte {
	v, _ := m.Get(Payload)
	b, _ := m.binary(v)
	return b
}

// SetBytes replaces the sealed payload.
func (m *Message) SetBytes(b []byte) { m.Set(Payload, m.Binary(b)) }

// Binary is binary data as the connection has it.
func (m *Message) Binary(b []byte) any {
	if !m.Conn.serializer.Load().Binary {
		return "\x00" + base64.StdEncoding.EncodeToString(b)
	}
	return bytes.Clone(b)
}

func (m *Message) binary(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case string:
		if text, ok := strings.CutPrefix(v, "\x00"); ok {
			b, err := base64.StdEncoding.DecodeString(text)
			return b, err == nil
		}
	}
	return nil, false
}

// Strip takes the envelope away and leaves a plain payload.
func (m *Message) Strip(args []any, kwargs map[string]any) {
	dict := m.Details()
	for _, fields := range names {
		for _, name := range fields {
			delete(dict, name)
		}
	}
	payload := []any{clone(args)}
	if kwargs != nil {
		payload = append(payload, clone(kwargs))
	}
	m.SetPayload(payload...)
}

// Carry replaces the payload, and what says how it is sealed, with those of another
// message of the same dialect.
func (m *Message) Carry(other *Message) {
	m.Strip(nil, nil)
	m.SetPayload(clone(other.Payload()).([]any)...)
	for _, field := range m.dialect().Attributes() {
		if v, ok := other.Get(field); ok {
			m.Set(field, clone(v))
		}
	}
}

// Lay puts a payload into the message as a dialect does, whichever the proxy's is, with
// these attributes.
func (m *Message) Lay(d Dialect, payload []byte, attributes map[Field]any) {
	m.Strip(nil, nil)
	switch d {
	case Autobahn:
		m.SetPayload(m.Binary(payload))
	case Passthru:
		m.SetPayload([]any{m.Binary(payload)})
	default:
		m.SetPayload([]any{}, map[string]any{"enc": m.Binary(payload)})
	}
	for field, v := range attributes {
		if name := d.Name(field); name != "" {
			m.Details()[name] = v
		}
	}
}
