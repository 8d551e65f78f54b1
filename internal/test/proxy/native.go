package proxy

import (
	"strings"

	"github.com/gammazero/nexus/v3/wamp"
)

// private is the keyword argument in which native payloads pass nexus's router.
const private = "org.wamp-cryptobox.proxy.native"

// wrap makes of a native payload, or parts of one, what nexus carries.
func wrap(m *Message) {
	dict := m.Details()
	attributes := map[string]any{}
	for name, v := range dict {
		if strings.HasPrefix(name, "enc_") {
			attributes[name] = v
			delete(dict, name)
		}
	}
	payload := m.Payload()
	raw := len(payload) > 0
	if raw {
		_, raw = m.binary(payload[0])
	}
	if !raw && len(attributes) == 0 {
		return
	}
	m.SetPayload([]any{}, map[string]any{private: map[string]any{"attributes": attributes, "payload": payload}})
}

// unwrap is the inverse of wrap.
func unwrap(m *Message) {
	payload := m.Payload()
	if len(payload) < 2 {
		return
	}
	kwargs, _ := payload[1].(map[string]any)
	hidden, ok := kwargs[private].(map[string]any)
	if !ok {
		return
	}
	attributes, _ := hidden["attributes"].(map[string]any)
	for name, v := range attributes {
		m.Details()[name] = v
	}
	was, _ := hidden["payload"].([]any)
	m.SetPayload(was...)
}

// announce adds to a WELCOME that the router carries native payloads.
func announce(m *Message) {
	if !m.Is(wamp.WELCOME) || len(m.List) < 3 {
		return
	}
	details, _ := m.List[2].(map[string]any)
	roles, _ := details["roles"].(map[string]any)
	for _, v := range roles {
		role, _ := v.(map[string]any)
		features, ok := role["features"].(map[string]any)
		if !ok {
			continue
		}
		features["payload_transparency"] = true
	}
}
