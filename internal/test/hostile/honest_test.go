package hostile

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// nexus's broker shares one map of details between all subscriptions that match an
// event, writes the topic into that for those by pattern, and encodes it for the others
// at the same time. So it gets to see exact subscriptions only: a pattern is a topic of
// its own, to which a copy of each event is published that matches.

// patternTopic stands for a pattern.
func (a *adversary) patternTopic(p keyring.Pattern) string {
	return a.w.uri("pattern." + hex.EncodeToString([]byte(p.Match.String()+" "+p.URI)))
}

// hide returns what nexus gets in place of a message.
func (a *adversary) hide(m *message) []*message {
	if m.Direction != proxy.Up {
		return []*message{m}
	}
	for name, v := range m.Details() {
		_, text := v.(string)
		if strings.HasPrefix(name, "ppt_") && (!text || a.w.dialect != proxy.Passthru) {
			delete(m.Details(), name) // nexus's router would panic, or end the session and panic later
		}
	}
	switch {
	case m.Is(wamp.SUBSCRIBE):
		return []*message{a.exact(m)}
	case !m.Is(wamp.PUBLISH) || len(m.List) < 4:
		return []*message{m}
	}
	if a.w.foreign() && attributes(m) {
		m.Conceal(nil, attributePrefixes...)
	}
	out := []*message{m}
	told := map[string]bool{}
	for _, s := range subscriptions {
		p := keyring.Pattern{URI: a.w.uri(s.uri), Match: s.match}
		topic := a.patternTopic(p)
		if s.match == keyring.MatchExact || told[topic] || !p.Matches(m.Text(3)) {
			continue
		}
		told[topic] = true
		copied := m.Clone()
		delete(copied.Details(), wamp.OptAcknowledge)
		copied.Conceal(map[string]any{"topic": m.Text(3)}, attributePrefixes...)
		copied.List[3] = topic
		out = append(out, copied)
	}
	return out
}

// exact makes an exact subscription of one by pattern.
func (a *adversary) exact(m *message) *message {
	if len(m.List) < 4 {
		return m
	}
	options, _ := m.List[2].(map[string]any)
	name, _ := options["match"].(string)
	match, err := keyring.ParseMatch(name)
	if err != nil || match == keyring.MatchExact {
		return m
	}
	return m.With(2, map[string]any{}).With(3, a.patternTopic(keyring.Pattern{URI: m.Text(3), Match: match}))
}

// show makes of a message of nexus's what a better router would send: the inverse of
// hide, and Autobahn's payloads on JSON connections as the binary data that they were on
// others.
func (a *adversary) show(m *message) {
	if m.Direction != proxy.Down {
		return
	}
	for m.Reveal() {
	}
	payload := m.Payload()
	if a.w.dialect != proxy.Autobahn || len(payload) == 0 {
		return
	}
	if text, isText := payload[0].(string); isText && !strings.HasPrefix(text, "\x00") {
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			m.SetBytes(b)
		}
	}
}
