package main

import "maps"

// sealed is a sealed record and what is said of it in clear.
type sealed struct {
	algorithm, serializer, keyID string
	payload                      any // bytes, or another shape of them
}

// put lays an envelope out in a message.
func (s sealed) put(framing string, m *message) {
	payload := stated(s.payload)
	said := func(algorithm, serializer, key string) map[string]any {
		d := map[string]any{algorithm: s.algorithm, serializer: s.serializer}
		if s.keyID != "" {
			d[key] = s.keyID
		}
		return d
	}
	switch framing {
	case "enc":
		enc := said("algo", "serializer", "key")
		enc["payload"] = payload
		m.Args, m.Kwargs = []any{}, map[string]any{"enc": enc}
	case "native":
		maps.Copy(m.Details, said("enc_algo", "enc_serializer", "enc_key"))
		m.Binary = payload
	case "ppt":
		if s.algorithm == "cryptobox" {
			s.algorithm = "xsalsa20poly1305" // the same function, by what opens it
		}
		maps.Copy(m.Details, said("ppt_cipher", "ppt_serializer", "ppt_keyid"))
		m.Details["ppt_scheme"] = "wamp"
		m.Args = []any{payload}
	}
}

// framings with the serializers that each carries.
var framings = []struct {
	name        string
	serializers []string
	keys        []string
}{
	{"enc", []string{"cbor", "msgpack", "json"}, []string{"pair", "secretbox", "aesgcm"}},
	{"native", []string{"json", "cbor", "msgpack"}, []string{"pair"}},
	{"ppt", []string{"cbor"}, []string{"pair", "secretbox", "aesgcm"}},
}
