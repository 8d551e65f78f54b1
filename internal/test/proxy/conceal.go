package proxy

import (
	"maps"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"
)

// private is the keyword argument in which nexus's router carries what it doesn't know.
const private = "org.wamp-cryptobox.proxy"

// Conceal puts the payload, and the details whose names begin so, where nexus leaves them
// alone. [Message.Reveal] brings them back, with the details given beside them.
func (m *Message) Conceal(with map[string]any, prefixes ...string) {
	dict := m.Details()
	details := map[string]any{}
	for name, v := range dict {
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) {
				details[name] = v
				delete(dict, name)
			}
		}
	}
	maps.Copy(details, with)
	m.SetPayload([]any{}, map[string]any{private: map[string]any{"details": details, "payload": m.Payload()}})
}

// Reveal is the inverse of Conceal. It returns false where there is nothing to reveal.
func (m *Message) Reveal() bool {
	payload := m.Payload()
	if len(payload) < 2 {
		return false
	}
	kwargs, _ := payload[1].(map[string]any)
	inside, ok := kwargs[private].(map[string]any)
	if !ok {
		return false
	}
	details, _ := inside["details"].(map[string]any)
	maps.Copy(m.Details(), details)
	was, _ := inside["payload"].([]any)
	m.SetPayload(was...)
	return true
}

// wrap conceals a payload of Autobahn's dialect, or parts of one.
func wrap(m *Message) {
	raw := false
	if payload := m.Payload(); len(payload) > 0 {
		_, raw = m.binary(payload[0])
	}
	for name := range m.Details() {
		raw = raw || strings.HasPrefix(name, "enc_")
	}
	if raw {
		m.Conceal(nil, "enc_")
	}
}

// announce adds to a WELCOME that the router carries Autobahn's dialect.
func announce(m *Message) {
	if !m.Is(wamp.WELCOME) || len(m.List) < 3 {
		return
	}
	details, _ := m.List[2].(map[string]any)
	roles, _ := details["roles"].(map[string]any)
	for _, v := range roles {
		role, _ := v.(map[string]any)
		if features, ok := role["features"].(map[string]any); ok {
			features["payload_transparency"] = true
		}
	}
}
