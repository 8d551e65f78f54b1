package hostile

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// oddities are values that nobody expects.
var oddities = []any{
	nil, true, int64(0), int64(-1), int64(1) << 53, 1.5, "", "x", "cryptobox", "cbor", "json", "msgpack", "wamp", "xsalsa20poly1305",
	"\x00AAAA", []any{}, []any{int64(1)}, map[string]any{}, map[string]any{"enc": int64(1)}, "com.myapp.a.x", "com.myapp.b.y",
}

var fields = []proxy.Field{proxy.Algorithm, proxy.Serializer, proxy.KeyID, proxy.Payload, proxy.Scheme}

// editField changes a field of the envelope, or takes it out.
func editField(_ *adversary, o *order, m *message) {
	if m.Details() == nil {
		return
	}
	field := fields[o.n%len(fields)]
	if o.m%4 == 0 {
		m.Unset(field)
		return
	}
	m.Set(field, oddities[o.m/4%len(oddities)])
}

// names of details that mean something to somebody.
var names = []string{
	"topic", "procedure", "progress", "receive_progress", "retained", "timeout", "publisher", "caller", "mode", "acknowledge", "exclude_me",
	"enc_algo", "enc_key", "enc_serializer", "ppt_scheme", "ppt_cipher", "ppt_keyid", "ppt_serializer", "x_cryptobox_info", "match",
}

func editDetail(_ *adversary, o *order, m *message) {
	details := m.Details()
	if details == nil {
		return
	}
	name := names[o.n%len(names)]
	if o.m%4 == 0 {
		delete(details, name)
		return
	}
	details[name] = oddities[o.m/4%len(oddities)]
}

// editElement changes an element of the message, ids above all.
func editElement(a *adversary, o *order, m *message) {
	at := o.n % len(m.List)
	if o.m%2 == 0 {
		at = 1
	}
	value := oddities[o.m/2%len(oddities)]
	if other, ok := pick(a.corpus, o.m); ok && o.n%2 == 0 && len(other.List) > 1 {
		value = other.List[1]
	}
	if at < len(m.List) && at > 0 {
		m.List[at] = value
	}
}

// beside puts other arguments beside the envelope.
func beside(_ *adversary, o *order, m *message) {
	payload := m.Payload()
	if len(payload) == 0 {
		return
	}
	args, isList := payload[0].([]any)
	switch {
	case isList && o.n%2 == 0:
		m.SetPayload(append([]any{append(append([]any{}, args...), forgedText)}, payload[1:]...)...)
	case len(payload) > 1:
		kwargs, _ := payload[1].(map[string]any)
		if kwargs != nil {
			kwargs["more"] = forgedText
		}
	default:
		m.SetPayload(payload[0], map[string]any{"more": forgedText})
	}
}

// parts leaves a plain payload with parts of an envelope.
func parts(a *adversary, o *order, m *message) {
	if m.Details() == nil {
		return
	}
	m.Strip([]any{partsText}, nil)
	switch o.n % 4 {
	case 0:
		m.SetPayload([]any{partsText}, map[string]any{"enc": oddities[o.m%len(oddities)]})
	case 1:
		m.Details()["enc_algo"] = oddities[o.m%len(oddities)]
	case 2:
		m.Details()["ppt_scheme"] = oddities[o.m%len(oddities)]
	default:
		field := fields[o.m%len(fields)]
		if name := a.w.dialect.Name(field); name != "" {
			m.Details()[name] = "cryptobox"
		} else {
			m.SetPayload([]any{partsText}, map[string]any{"enc": map[string]any{"algo": "cryptobox"}})
		}
	}
}

func flipProgress(_ *adversary, _ *order, m *message) {
	if details := m.Details(); details != nil {
		details[wamp.OptProgress] = !m.Progress()
	}
}

// replies are types of messages that answer other requests than calls.
var replies = []wamp.MessageType{wamp.PUBLISHED, wamp.SUBSCRIBED, wamp.UNSUBSCRIBED, wamp.REGISTERED, wamp.UNREGISTERED, wamp.RESULT}

// otherType makes an error of a result and a result of an error, or another reply of
// any.
func otherType(_ *adversary, o *order, m *message) {
	was := m.Clone()
	if m.Direction == proxy.Down && m.Is(append(replies, wamp.ERROR)...) && o.m%2 == 0 && len(m.List) > 2 {
		request := m.List[1]
		if m.Is(wamp.ERROR) {
			request = m.List[2]
		}
		m.List = []any{int64(replies[o.n%len(replies)]), request, int64(o.m + 1)}
		return
	}
	var list []any
	switch uri := oddities[len(oddities)-1-o.n%2]; m.Type() {
	case wamp.RESULT:
		list = []any{int64(wamp.ERROR), int64(wamp.CALL), m.List[1], m.List[2], uri}
	case wamp.YIELD:
		list = []any{int64(wamp.ERROR), int64(wamp.INVOCATION), m.List[1], m.List[2], uri}
	case wamp.ERROR:
		if len(m.List) < 4 || m.ID(1) != wamp.ID(wamp.CALL) {
			return
		}
		list = []any{int64(wamp.RESULT), m.List[2], m.List[3]}
	default:
		return
	}
	m.List = append(list, was.Payload()...)
}

// nameAnother has the details of an event or call for a pattern name another URI: one of those
// that the actors use, or one as a router knows them.
func nameAnother(a *adversary, o *order, m *message) {
	name := map[wamp.MessageType]string{wamp.EVENT: "topic", wamp.INVOCATION: "procedure"}[m.Type()]
	if name != "" && m.Details() != nil {
		m.Details()[name] = a.w.uri(uris[o.n%len(uris)])
		if other, ok := pick(a.calls, o.m); ok && o.m%2 == 0 {
			m.Details()[name] = other.uri
		}
	}
}

// answerAgain sends a second answer behind the one to a request.
func answerAgain(_ *adversary, o *order, m *message) []*message {
	if !m.Is(wamp.RESULT, wamp.ERROR) || m.Direction != proxy.Down {
		return []*message{m, m.Clone()}
	}
	request := m.ID(1)
	if m.Is(wamp.ERROR) {
		request = m.ID(2)
	}
	out := []*message{m}
	for i := range 1 + o.n%3 {
		if (o.m+i)%2 == 0 {
			out = append(out, m.Conn.Message(proxy.Down, wamp.RESULT, request, map[string]any{}, forged(o)))
		} else {
			out = append(out, m.Conn.Message(proxy.Down, wamp.ERROR, wamp.CALL, request, map[string]any{}, "wamp.error.forged", forged(o)))
		}
	}
	return out
}
