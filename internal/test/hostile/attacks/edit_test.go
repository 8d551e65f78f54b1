package attacks_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// edit is what a router may change of an envelope.
type edit struct {
	name   string
	only   []proxy.Framing // nil for all
	reason transparency.Reason
	change func(*proxy.Message)
}

var (
	inEnc    = []proxy.Framing{proxy.EncArgument}
	inNative = []proxy.Framing{proxy.Native}
	inPPT    = []proxy.Framing{proxy.PPT}
)

func setting(field proxy.Field, value any) func(*proxy.Message) {
	return func(m *proxy.Message) { m.Set(field, value) }
}

func unsetting(fields ...proxy.Field) func(*proxy.Message) {
	return func(m *proxy.Message) {
		for _, field := range fields {
			m.Unset(field)
		}
	}
}

// try tries the edits on each kind of payload.
func tryEdits(t *testing.T, edits []edit) {
	t.Helper()
	forEachKind(t, func(th *theatre, k payloadKind) {
		for _, e := range edits {
			if e.only != nil && !slices.Contains(e.only, proxy.Framing(th.framing.String())) {
				continue
			}
			th.doing = fmt.Sprintf("%s of %v", e.name, k)
			k.refuses(th, e.reason, e.change)
		}
	})
}

// TestHostileEditAttributes: what an envelope says of itself is as it has to be, or
// nothing is opened.
func TestHostileEditAttributes(t *testing.T) {
	var edits []edit
	for _, field := range []proxy.Field{proxy.Algorithm, proxy.Serializer, proxy.KeyID, proxy.Scheme} {
		var only []proxy.Framing
		if field == proxy.Scheme {
			only = inPPT
		}
		add := func(name string, change func(*proxy.Message)) {
			edits = append(edits, edit{string(field) + " " + name, only, transparency.Malformed, change})
		}
		if field != proxy.KeyID {
			add("missing", unsetting(field))
		}
		for _, value := range []any{nil, 5, true, "", []byte("cbor"), []any{"cbor"}, map[string]any{"x": 1}} {
			add(fmt.Sprintf("of type %T", value), setting(field, value))
		}
	}
	other := func(field proxy.Field, value string, reason transparency.Reason, only []proxy.Framing) {
		name := fmt.Sprintf("%s %.10q", field, value)
		edits = append(edits, edit{name, only, reason, setting(field, value)})
	}
	other(proxy.Algorithm, "xsalsa20poly1305", transparency.NotOpened, inEnc)
	other(proxy.Algorithm, "Cryptobox", transparency.NotOpened, inEnc)
	other(proxy.Algorithm, "x_cryptobox", transparency.NotOpened, inNative)
	other(proxy.Algorithm, "xsalsa20poly1305", transparency.Malformed, inNative)
	other(proxy.Algorithm, "aes256gcm", transparency.NotOpened, inPPT)
	other(proxy.Algorithm, "cryptobox", transparency.Malformed, inPPT)
	other(proxy.Algorithm, strings.Repeat("x", 65), transparency.Malformed, nil)
	other(proxy.Serializer, "cbor", transparency.Malformed, inNative)
	other(proxy.Serializer, "json", transparency.Malformed, []proxy.Framing{proxy.EncArgument, proxy.PPT})
	other(proxy.Serializer, "msgpack", transparency.Malformed, nil)
	other(proxy.Serializer, "ubjson", transparency.Malformed, nil)
	other(proxy.KeyID, "another", transparency.NotOpened, nil)
	other(proxy.KeyID, strings.Repeat("k", 257), transparency.Malformed, nil)
	other(proxy.KeyID, "a\x00b", transparency.Malformed, nil)
	other(proxy.Scheme, "x_custom", transparency.Malformed, inPPT)
	other(proxy.Scheme, "mqtt", transparency.Malformed, inPPT)
	tryEdits(t, edits)
}

// TestHostileEditKeyID: without an id the keys of the URI are tried, and no others.
func TestHostileEditKeyID(t *testing.T) {
	forEachKind(t, func(th *theatre, k payloadKind) {
		k.change(th, unsetting(proxy.KeyID))
		k.passes(th)
	})
}

// TestHostileEditPayload: binary data that is none, or not all, or more, isn't opened.
func TestHostileEditPayload(t *testing.T) {
	edits := []edit{{"payload missing", nil, transparency.Malformed, unsetting(proxy.Payload)}}
	for _, value := range []any{nil, 5, "", "no base64!", map[string]any{"x": 1}, []any{"x"}, []any{256}, []any{-1}, []byte{}} {
		edits = append(edits, edit{fmt.Sprintf("payload %T %v", value, value), nil, transparency.Malformed, setting(proxy.Payload, value)})
	}
	for _, size := range []int{1, 23, 24, 25, 39, 40, 41} {
		edits = append(edits, edit{fmt.Sprintf("payload of %d bytes", size), nil, transparency.NotOpened, func(m *proxy.Message) {
			m.SetBytes(m.Bytes()[:size])
		}})
	}
	edits = append(edits, edit{"text behind base64", nil, transparency.Malformed, func(m *proxy.Message) {
		m.Set(proxy.Payload, "\x00"+base64.StdEncoding.EncodeToString(m.Bytes())+"!")
	}})
	for name, change := range map[string]func([]byte) []byte{
		"without the last byte":  func(b []byte) []byte { return b[:len(b)-1] },
		"without the first byte": func(b []byte) []byte { return b[1:] },
		"with a byte more":       func(b []byte) []byte { return append(b, 0) },
		"with a byte before":     func(b []byte) []byte { return append([]byte{0}, b...) },
		"twice":                  func(b []byte) []byte { return append(b, b...) },
		"of zeros":               func(b []byte) []byte { return make([]byte, len(b)) },
	} {
		edits = append(edits, edit{"payload " + name, nil, transparency.NotOpened, func(m *proxy.Message) { m.SetBytes(change(m.Bytes())) }})
	}
	tryEdits(t, edits)
}

// TestHostileFlip: every bit counts, of nonce, tag and ciphertext.
func TestHostileFlip(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		event := payloadKinds[0]
		size := len(event.honest(th).Bytes())
		for at := range size {
			th.doing = fmt.Sprintf("byte %d of %d", at, size)
			event.refuses(th, transparency.NotOpened, func(m *proxy.Message) {
				b := m.Bytes()
				b[at] ^= 1 << (at % 8)
				m.SetBytes(b)
			})
		}
	})
}

// TestHostileParts: an envelope is whole and alone, or it is none.
func TestHostileParts(t *testing.T) {
	detail := func(name string, value any) func(*proxy.Message) {
		return func(m *proxy.Message) { m.Details()[name] = value }
	}
	payload := func(change func(p []any) []any) func(*proxy.Message) {
		return func(m *proxy.Message) { m.SetPayload(change(m.Payload())...) }
	}
	malformed := transparency.Malformed
	attributes := []proxy.Field{proxy.Algorithm, proxy.Serializer, proxy.KeyID, proxy.Scheme}
	otherFramings := []proxy.Framing{proxy.EncArgument, proxy.Native}
	tryEdits(t, []edit{
		{"detail enc_x", nil, malformed, detail("enc_x", "y")},
		{"detail ppt_x", nil, malformed, detail("ppt_x", "y")},
		{"detail ppt_scheme", otherFramings, malformed, detail("ppt_scheme", "wamp")},
		{"detail enc_algo", []proxy.Framing{proxy.EncArgument, proxy.PPT}, malformed, detail("enc_algo", "cryptobox")},
		{"detail enc_key null", nil, malformed, detail("enc_key", nil)},

		{"another keyword", inEnc, malformed, payload(func(p []any) []any { p[1].(map[string]any)["k"] = 1; return p })},
		{"another argument", inEnc, malformed, payload(func(p []any) []any { p[0] = []any{1}; return p })},
		{"another field", inEnc, malformed, payload(func(p []any) []any { p[1].(map[string]any)["enc"].(map[string]any)["x"] = 1; return p })},
		{"arguments a map", inEnc, malformed, payload(func(p []any) []any { p[0] = map[string]any{}; return p })},
		{"keywords a list", inEnc, malformed, payload(func(p []any) []any { p[1] = []any{p[1]}; return p })},
		{"enc empty", inEnc, malformed, payload(func([]any) []any { return []any{[]any{}, map[string]any{"enc": map[string]any{}}} })},
		{"enc null", inEnc, malformed, payload(func([]any) []any { return []any{[]any{}, map[string]any{"enc": nil}} })},
		{"enc a list", inEnc, malformed, payload(func([]any) []any { return []any{[]any{}, map[string]any{"enc": []any{}}} })},
		{"binary data behind", inEnc, malformed, payload(func(p []any) []any { return append(p, []byte{1}) })},
		{"binary data instead", inEnc, malformed, payload(func(p []any) []any {
			return []any{p[1].(map[string]any)["enc"].(map[string]any)["payload"]}
		})},

		{"no attributes", inNative, malformed, unsetting(attributes...)},
		{"no binary data", inNative, malformed, payload(func([]any) []any { return []any{[]any{"x"}} })},
		{"arguments behind", inNative, malformed, payload(func(p []any) []any { return append(p, []any{}) })},
		{"keywords behind", inNative, malformed, payload(func(p []any) []any { return append(p, map[string]any{"k": 1}) })},
		{"in a list", inNative, malformed, payload(func(p []any) []any { return []any{p} })},
		{"enc too", []proxy.Framing{proxy.Native, proxy.PPT}, malformed, payload(func(p []any) []any {
			return append(p, map[string]any{"enc": map[string]any{}})
		})},

		{"no attributes", inPPT, transparency.Plaintext, unsetting(attributes...)},
		{"another argument", inPPT, malformed, payload(func(p []any) []any { p[0] = append(p[0].([]any), 1); return p })},
		{"keywords", inPPT, malformed, payload(func(p []any) []any { return append(p, map[string]any{"k": 1}) })},
		{"in no list", inPPT, malformed, payload(func(p []any) []any { return p[0].([]any) })},
		{"in two lists", inPPT, malformed, payload(func(p []any) []any { return []any{p} })},
	})
}

// TestHostilePartsAlone: parts of an envelope are refused where there is no key too,
// whatever the framing is that they would belong to.
func TestHostilePartsAlone(t *testing.T) {
	const plain = "com.plain.x"
	attack(t, func(t *testing.T, th *theatre) {
		th.callee.subscribe(plain, nil)
		th.callee.serve(plain)
		event := th.callee.conn.Message(proxy.Down, int(wamp.EVENT), 0, 1<<40, map[string]any{}, []any{"x"})
		call := th.callee.conn.Message(proxy.Down, int(wamp.INVOCATION), 0, 0, map[string]any{}, []any{"x"})
		for _, m := range []*proxy.Message{event, call} {
			for _, change := range []func(*proxy.Message){
				lying(map[string]any{"enc_algo": "cryptobox"}),
				lying(map[string]any{"enc_x": nil}),
				lying(map[string]any{"ppt_scheme": "wamp"}),
				lying(map[string]any{"ppt_scheme": 5}),
				func(m *proxy.Message) { m.SetPayload([]any{"x"}, map[string]any{"enc": 5}) },
				func(m *proxy.Message) { m.SetPayload([]any{}, map[string]any{"enc": map[string]any{}, "k": 1}) },
				func(m *proxy.Message) { m.SetPayload([]byte{1, 2, 3}) },
				func(m *proxy.Message) { m.SetPayload("text") },
				func(m *proxy.Message) { m.SetPayload([]any{}, map[string]any{}, 1) },
			} {
				forged := m.Clone()
				change(forged)
				id := th.callee.injectFor(plain, forged)
				op := strings.ToLower(m.Type().String())
				th.callee.refuses(op, transparency.Malformed)
				if m == call {
					th.await(th.callee.conn, proxy.Up, func(m *proxy.Message) bool { return m.Is(wamp.ERROR) && m.Answer(id) })
				}
			}
			th.callee.injectFor(plain, m)
		}
		harness.Receive(t, th.callee.events)
		harness.Receive(t, th.callee.served)
	})
}

// TestHostileEditChunk: what holds for the first chunk holds for those after it.
func TestHostileEditChunk(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		for _, e := range []edit{
			{"flipped", nil, transparency.NotOpened, func(m *proxy.Message) {
				b := m.Bytes()
				b[len(b)-1] ^= 1
				m.SetBytes(b)
			}},
			{"cut", nil, transparency.NotOpened, func(m *proxy.Message) { m.SetBytes(m.Bytes()[:24]) }},
			{"detail enc_x", nil, transparency.Malformed, func(m *proxy.Message) { m.Details()["enc_x"] = "y" }},
			{"detail ppt_keyid", nil, transparency.Malformed, func(m *proxy.Message) { m.Details()["ppt_keyid"] = "y" }},
			{"key id", []proxy.Framing{proxy.EncArgument, proxy.Native}, transparency.NotOpened, setting(proxy.KeyID, "another")},
			{"two arguments", inPPT, transparency.Plaintext, func(m *proxy.Message) { m.SetPayload([]any{m.Binary(m.Bytes()), 1}) }},
		} {
			if e.only != nil && !slices.Contains(e.only, proxy.Framing(th.framing.String())) {
				continue
			}
			th.doing = e.name
			th.changeChunk(1, e.change)
			requireOpaque(t, th.callUntilRefused(2))
			th.callee.refuses("invocation", e.reason)
			th.requireServed("x", 1)
		}
	})
}
