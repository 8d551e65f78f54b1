package proxy

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Framing is how sealed payloads lie in messages.
type Framing string

// The framings, by the names that they have in package transparency.
const (
	EncArgument Framing = "enc"
	Native      Framing = "native"
	PPT         Framing = "ppt"
)

// Framings lists them.
var Framings = []Framing{EncArgument, Native, PPT}

// Field is a field of an envelope.
type Field string

// The fields. Scheme is there in PPT alone.
const (
	Algorithm  Field = "algorithm"
	Serializer Field = "serializer"
	KeyID      Field = "key id"
	Payload    Field = "payload"
	Scheme     Field = "scheme"
)

// names of the fields. The payload of native and PPT stands elsewhere.
var names = map[Framing]map[Field]string{
	EncArgument: {Algorithm: "algo", Serializer: "serializer", KeyID: "key", Payload: "payload"},
	Native:      {Algorithm: "enc_algo", Serializer: "enc_serializer", KeyID: "enc_key"},
	PPT:         {Algorithm: "ppt_cipher", Serializer: "ppt_serializer", KeyID: "ppt_keyid", Scheme: "ppt_scheme"},
}

// Name is what the framing calls a field, empty for one that has no name.
func (f Framing) Name(field Field) string { return names[f][field] }

func (m *Message) framing() Framing { return m.Conn.proxy.framing }

// fields is the map that holds the named fields; nil where it isn't there.
func (m *Message) fields() map[string]any {
	if m.framing() != EncArgument {
		return m.Details()
	}
	payload := m.Payload()
	if len(payload) < 2 {
		return nil
	}
	kwargs, _ := payload[1].(map[string]any)
	enc, _ := kwargs["enc"].(map[string]any)
	return enc
}

// Sealed reports whether the message has a payload of an envelope.
func (m *Message) Sealed() bool {
	_, ok := m.Get(Payload)
	return ok
}

// Get returns a field of the envelope as it lies in the message.
func (m *Message) Get(field Field) (any, bool) {
	if name := m.framing().Name(field); name != "" {
		v, ok := m.fields()[name]
		return v, ok
	}
	payload := m.Payload()
	if field != Payload || len(payload) == 0 {
		return nil, false
	}
	if m.framing() == Native {
		_, plain := payload[0].([]any)
		return payload[0], !plain
	}
	args, _ := payload[0].([]any)
	if len(args) != 1 || len(payload) > 1 {
		return nil, false
	}
	_, binary := m.binary(args[0])
	return args[0], binary
}

// Set replaces a field of the envelope, or adds it, whatever the value is.
func (m *Message) Set(field Field, v any) {
	switch name := m.framing().Name(field); {
	case name == "" && field != Payload:
	case name == "" && m.framing() == Native:
		m.SetPayload(v)
	case name == "":
		m.SetPayload([]any{v})
	default:
		if m.fields() == nil {
			m.SetPayload([]any{}, map[string]any{"enc": map[string]any{}})
		}
		m.fields()[name] = v
	}
}

// Unset takes a field out of the envelope.
func (m *Message) Unset(field Field) {
	if name := m.framing().Name(field); name != "" {
		delete(m.fields(), name)
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
	for _, framing := range Framings[1:] {
		for _, name := range names[framing] {
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
// message of the same framing.
func (m *Message) Carry(other *Message) {
	m.Strip(nil, nil)
	m.SetPayload(clone(other.Payload()).([]any)...)
	if m.framing() == EncArgument {
		return
	}
	for field := range names[m.framing()] {
		if v, ok := other.Get(field); ok {
			m.Set(field, clone(v))
		}
	}
}
