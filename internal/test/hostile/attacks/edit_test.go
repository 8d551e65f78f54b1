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
	only   []proxy.Dialect // nil for all
	reason transparency.Reason
	change func(*proxy.Message)
}

var (
	inOurs     = []proxy.Dialect{proxy.Wampbox}
	inAutobahn = []proxy.Dialect{proxy.Autobahn}
	inPassthru = []proxy.Dialect{proxy.Passthru}
	inForeign  = []proxy.Dialect{proxy.Autobahn, proxy.Passthru}
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
			if e.only != nil && !slices.Contains(e.only, th.dialect) {
				continue
			}
			if th.foreign() && k.op == "error" && e.reason == transparency.Plaintext {
				continue // a plain one is delivered, and proves nothing
			}
			th.doing = fmt.Sprintf("%s of %v", e.name, k)
			k.refuses(th, e.reason, e.change)
		}
	})
}

// TestHostileEditAttributes: what a foreign envelope says of itself is as it has to be, or
// nothing is opened.
func TestHostileEditAttributes(t *testing.T) {
	var edits []edit
	add := func(field proxy.Field, name string, reason transparency.Reason, only []proxy.Dialect, change func(*proxy.Message)) {
		edits = append(edits, edit{string(field) + " " + name, only, reason, change})
	}
	for _, field := range []proxy.Field{proxy.Algorithm, proxy.Serializer, proxy.KeyID, proxy.Scheme} {
		only := inForeign
		if proxy.Autobahn.Name(field) == "" {
			only = inPassthru
		}
		if field != proxy.KeyID {
			add(field, "missing", transparency.Malformed, only, unsetting(field))
		}
		for _, value := range []any{nil, 5, true, "", []byte("cbor"), []any{"cbor"}, map[string]any{"x": 1}} {
			add(field, fmt.Sprintf("of type %T", value), transparency.Malformed, only, setting(field, value))
		}
	}
	other := func(field proxy.Field, value string, reason transparency.Reason, only []proxy.Dialect) {
		add(field, fmt.Sprintf("%.10q", value), reason, only, setting(field, value))
	}
	other(proxy.Algorithm, "x_cryptobox", transparency.NotOpened, inAutobahn)
	other(proxy.Algorithm, "xsalsa20poly1305", transparency.Malformed, inAutobahn)
	other(proxy.Algorithm, "aes256gcm", transparency.NotOpened, inPassthru)
	other(proxy.Algorithm, "cryptobox", transparency.Malformed, inPassthru)
	other(proxy.Algorithm, strings.Repeat("x", 65), transparency.Malformed, inForeign)
	other(proxy.Serializer, "cbor", transparency.Malformed, inAutobahn)
	other(proxy.Serializer, "json", transparency.Malformed, inPassthru)
	other(proxy.Serializer, "msgpack", transparency.Malformed, inForeign)
	other(proxy.Serializer, "ubjson", transparency.Malformed, inForeign)
	other(proxy.KeyID, "another", transparency.NotOpened, inPassthru)
	other(proxy.KeyID, strings.Repeat("k", 257), transparency.Malformed, inPassthru)
	other(proxy.KeyID, "a\x00b", transparency.Malformed, inPassthru)
	other(proxy.Scheme, "x_custom", transparency.Malformed, inPassthru)
	other(proxy.Scheme, "mqtt", transparency.Malformed, inPassthru)
	tryEdits(t, edits)
}

// TestHostileEditKeyID: in payload passthru mode an id may be missing. Then the keys of
// the URI are tried, and no others.
func TestHostileEditKeyID(t *testing.T) {
	attackIn(t, inPassthru, func(_ *testing.T, th *theatre) {
		for _, k := range payloadKinds {
			th.doing = k.String()
			k.change(th, unsetting(proxy.KeyID))
			k.passes(th)
		}
	})
}

// TestHostileEditPayload: binary data that is none, or not all, or more, isn't opened.
func TestHostileEditPayload(t *testing.T) {
	edits := []edit{
		{"payload missing", inOurs, transparency.Plaintext, unsetting(proxy.Payload)},
		{"payload missing", inForeign, transparency.Malformed, unsetting(proxy.Payload)},
	}
	for _, value := range []any{nil, 5, "", "no base64!", map[string]any{"x": 1}, []any{"x"}, []any{256}, []any{-1}, []byte{}} {
		edits = append(edits, edit{fmt.Sprintf("payload %T %v", value, value), nil, transparency.Malformed, setting(proxy.Payload, value)})
	}
	size := func(n int, only []proxy.Dialect, reason transparency.Reason) {
		edits = append(edits, edit{fmt.Sprintf("payload of %d bytes", n), only, reason, func(m *proxy.Message) { m.SetBytes(m.Bytes()[:n]) }})
	}
	for _, n := range []int{1, 23, 24, 25, 39, 40, 41} {
		size(n, inForeign, transparency.NotOpened)
	}
	for _, n := range []int{1, 16, 17, 41, 56} {
		size(n, inOurs, transparency.Malformed)
	}
	size(57, inOurs, transparency.NotOpened)
	edits = append(edits, edit{"text behind base64", nil, transparency.Malformed, func(m *proxy.Message) {
		m.Set(proxy.Payload, "\x00"+base64.StdEncoding.EncodeToString(m.Bytes())+"!")
	}})
	for name, change := range map[string]func([]byte) []byte{
		"without the last byte": func(b []byte) []byte { return b[:len(b)-1] },
		"with a byte more":      func(b []byte) []byte { return append(b, 0) },
		"twice":                 func(b []byte) []byte { return append(b, b...) },
		"zeros behind its head": func(b []byte) []byte { return append(b[:idEnd:idEnd], make([]byte, len(b)-idEnd)...) },
		"of another suite":      func(b []byte) []byte { return append([]byte{b[0]%5 + 1}, b[1:]...) },
	} {
		edits = append(edits, edit{"payload " + name, nil, transparency.NotOpened, func(m *proxy.Message) { m.SetBytes(change(m.Bytes())) }})
	}
	for name, change := range map[string]func([]byte) []byte{
		"without the first byte": func(b []byte) []byte { return b[1:] },
		"with a byte before":     func(b []byte) []byte { return append([]byte{0}, b...) },
		"of zeros":               func(b []byte) []byte { return make([]byte, len(b)) },
	} {
		edits = append(edits, edit{"payload " + name, inForeign, transparency.NotOpened, func(m *proxy.Message) { m.SetBytes(change(m.Bytes())) }})
	}
	for _, suite := range []byte{0, 6, 255} {
		edits = append(edits, edit{fmt.Sprintf("suite %d", suite), inOurs, transparency.Malformed, func(m *proxy.Message) {
			m.SetBytes(append([]byte{suite}, m.Bytes()[1:]...))
		}})
	}
	for further := range 4 {
		edits = append(edits, edit{fmt.Sprintf("a suite %d further", further+1), inOurs, transparency.NotOpened, func(m *proxy.Message) {
			m.SetBytes(append([]byte{(m.Bytes()[0]+byte(further))%5 + 1}, m.Bytes()[1:]...))
		}})
	}
	tryEdits(t, edits)
}

// TestHostileFlip: every byte counts, of suite, key id, nonce, tag and ciphertext.
func TestHostileFlip(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) { th.flips() })
}

// TestHostileFlipSuites: in every suite.
func TestHostileFlipSuites(t *testing.T) {
	attackBox(t, func(t *testing.T, th *theatre) {
		for _, s := range suites(t)[1:] {
			th.withRaw(s)
			th.flips()
		}
	})
}

// flips changes each byte of an event, one after the other.
func (th *theatre) flips() {
	th.t.Helper()
	event := payloadKinds[0]
	size := len(event.honest(th).Bytes())
	for at := range size {
		if at%32 != 0 && at > idEnd && at < size-500 {
			continue // of a key that is encapsulated: package cryptobox tries each
		}
		th.doing = fmt.Sprintf("byte %d of %d", at, size)
		event.refuses(th, transparency.NotOpened, func(m *proxy.Message) {
			b := m.Bytes()
			if at == 0 && !th.foreign() {
				b[at] = b[at]%3 + 1 // another suite
			} else {
				b[at] ^= 1 << (at % 8)
			}
			m.SetBytes(b)
		})
	}
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
	notPassthru, notAutobahn := []proxy.Dialect{proxy.Wampbox, proxy.Autobahn}, []proxy.Dialect{proxy.Wampbox, proxy.Passthru}
	tryEdits(t, []edit{
		{"detail enc_x", nil, malformed, detail("enc_x", "y")},
		{"detail ppt_x", nil, malformed, detail("ppt_x", "y")},
		{"detail ppt_scheme", notPassthru, malformed, detail("ppt_scheme", "wamp")},
		{"detail enc_algo", notAutobahn, malformed, detail("enc_algo", "cryptobox")},
		{"detail enc_key null", notAutobahn, malformed, detail("enc_key", nil)},

		{"another keyword", inOurs, malformed, payload(func(p []any) []any { p[1].(map[string]any)["k"] = 1; return p })},
		{"another argument", inOurs, malformed, payload(func(p []any) []any { p[0] = []any{1}; return p })},
		{"arguments a map", inOurs, malformed, payload(func(p []any) []any { p[0] = map[string]any{}; return p })},
		{"keywords a list", inOurs, malformed, payload(func(p []any) []any { p[1] = []any{p[1]}; return p })},
		{"enc empty", inOurs, malformed, payload(func([]any) []any { return []any{[]any{}, map[string]any{"enc": map[string]any{}}} })},
		{"enc in a map", inOurs, malformed, payload(func(p []any) []any {
			kwargs := p[1].(map[string]any)
			kwargs["enc"] = map[string]any{"payload": kwargs["enc"]}
			return p
		})},
		{"enc null", inOurs, malformed, payload(func([]any) []any { return []any{[]any{}, map[string]any{"enc": nil}} })},
		{"enc a list", inOurs, malformed, payload(func([]any) []any { return []any{[]any{}, map[string]any{"enc": []any{}}} })},
		{"binary data behind", inOurs, malformed, payload(func(p []any) []any { return append(p, []byte{1}) })},
		{"binary data instead", inOurs, malformed, payload(func(p []any) []any {
			return []any{p[1].(map[string]any)["enc"]}
		})},

		{"no attributes", inAutobahn, malformed, unsetting(attributes...)},
		{"no binary data", inAutobahn, malformed, payload(func([]any) []any { return []any{[]any{"x"}} })},
		{"arguments behind", inAutobahn, malformed, payload(func(p []any) []any { return append(p, []any{}) })},
		{"keywords behind", inAutobahn, malformed, payload(func(p []any) []any { return append(p, map[string]any{"k": 1}) })},
		{"in a list", inAutobahn, malformed, payload(func(p []any) []any { return []any{p} })},
		{"enc too", inForeign, malformed, payload(func(p []any) []any {
			return append(p, map[string]any{"enc": map[string]any{}})
		})},

		{"no attributes", inPassthru, transparency.Plaintext, unsetting(attributes...)},
		{"another argument", inPassthru, malformed, payload(func(p []any) []any { p[0] = append(p[0].([]any), 1); return p })},
		{"keywords", inPassthru, malformed, payload(func(p []any) []any { return append(p, map[string]any{"k": 1}) })},
		{"in no list", inPassthru, malformed, payload(func(p []any) []any { return p[0].([]any) })},
		{"in two lists", inPassthru, malformed, payload(func(p []any) []any { return []any{p} })},
	})
}

// TestHostilePartsAlone: parts of an envelope are refused where there is no key too,
// whatever the dialect is that they would belong to.
func TestHostilePartsAlone(t *testing.T) {
	const plain = "com.plain.x"
	attackEach(t, func(t *testing.T, th *theatre) {
		th.callee.subscribe(plain, nil)
		th.callee.serve(plain)
		event := th.callee.conn.Message(proxy.Down, int(wamp.EVENT), 0, int64(1<<40), map[string]any{}, []any{"x"})
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
	attackEach(t, func(_ *testing.T, th *theatre) {
		for _, e := range []edit{
			{"flipped", nil, transparency.NotOpened, func(m *proxy.Message) {
				b := m.Bytes()
				b[len(b)-1] ^= 1
				m.SetBytes(b)
			}},
			{"cut", inForeign, transparency.NotOpened, func(m *proxy.Message) { m.SetBytes(m.Bytes()[:24]) }},
			{"cut", inOurs, transparency.Malformed, func(m *proxy.Message) { m.SetBytes(m.Bytes()[:24]) }},
			{"detail enc_x", nil, transparency.Malformed, func(m *proxy.Message) { m.Details()["enc_x"] = "y" }},
			{"detail ppt_keyid", nil, transparency.Malformed, func(m *proxy.Message) { m.Details()["ppt_keyid"] = "y" }},
			{"key id", inOurs, transparency.NotOpened, func(m *proxy.Message) {
				b := m.Bytes()
				b[idEnd-1] ^= 1
				m.SetBytes(b)
			}},
			{"two arguments", inPassthru, transparency.Plaintext, func(m *proxy.Message) { m.SetPayload([]any{m.Binary(m.Bytes()), 1}) }},
		} {
			if e.only != nil && !slices.Contains(e.only, th.dialect) {
				continue
			}
			th.doing = e.name
			th.changeChunk(1, e.change)
			th.requireRefused(th.callUntilRefused(2), e.reason)
			th.callee.refuses("invocation", e.reason)
			th.requireServed("x", 1)
		}
	})
}
