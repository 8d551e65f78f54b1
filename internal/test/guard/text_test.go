package guard_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// forgeries are texts of a router's making.
var forgeries = map[string]string{
	"escapes":  "com.x\x1b[2J\x1b]0;owned\a\b\b\x7f\u009b31m\u202egnp",
	"new line": "com.x\r\n2026-01-01 message accepted\u2028\u2029\u0085",
	"endless":  strings.Repeat("com.x.", 1<<17/6),
}

// longest is how long a text may be that repeats some of them.
const longest = 2000

// printed is all that a Session says: in errors, to WithOnReject, in its log.
type printed struct {
	mu    sync.Mutex
	texts []string
}

func (p *printed) add(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.texts = append(p.texts, text)
}

// Write takes a line of a log.
func (p *printed) Write(b []byte) (int, error) {
	p.add(strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}

// err takes an error, as it prints and as slog has it.
func (p *printed) err(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	p.add(err.Error())
	p.value(slog.AnyValue(err))
}

// value takes a value of a record as it is, since some handlers don't quote.
func (p *printed) value(v slog.Value) {
	v = v.Resolve()
	if v.Kind() != slog.KindGroup {
		p.add(fmt.Sprint(v.Any()))
		return
	}
	for _, a := range v.Group() {
		p.value(a.Value)
	}
}

// Enabled implements [slog.Handler].
func (*printed) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements [slog.Handler].
func (p *printed) Handle(_ context.Context, r slog.Record) error {
	p.add(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		p.value(a.Value)
		return true
	})
	return nil
}

// WithAttrs implements [slog.Handler].
func (p *printed) WithAttrs([]slog.Attr) slog.Handler { return p }

// WithGroup implements [slog.Handler].
func (p *printed) WithGroup(string) slog.Handler { return p }

func (p *printed) requireClean(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	require.NotEmpty(t, p.texts)
	for _, text := range p.texts {
		require.LessOrEqual(t, len(text), longest, "%.300q", text)
		require.True(t, utf8.ValidString(text), "%q", text)
		require.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", text)
	}
}

// listening has the stage's Sessions print into what it returns: through the logger of the
// configuration, or one of slog.
func (st *stage) listening(structured bool) *printed {
	p := new(printed)
	if structured {
		st.options = append(st.options, transparency.WithLogger(slog.New(p)))
	}
	st.change = func(cfg *client.Config) {
		cfg.Logger = log.New(p, "", 0)
		cfg.AuthHandlers = map[string]client.AuthFunc{"ticket": func(*wamp.Challenge) (string, wamp.Dict) { return "", wamp.Dict{} }}
	}
	return p
}

// forEachForgery runs the test with each text over each stage, with either logger.
func forEachForgery(t *testing.T, test func(t *testing.T, st stage, d cryptobox.Dialect, p *printed, text string)) {
	t.Helper()
	for name, text := range forgeries {
		t.Run(name, func(t *testing.T) {
			forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
				for _, structured := range []bool{false, true} {
					st := st
					p := st.listening(structured)
					test(t, st, d, p, text)
					p.requireClean(t)
				}
			})
		})
	}
}

// refusals takes what has been refused.
func (p *printed) refusals(h *hostile, n int) {
	h.t.Helper()
	for range n {
		p.err(h.t, h.refused.Next(h.t))
	}
}

// TestTextOfErrors: what the router answers requests and calls with.
func TestTextOfErrors(t *testing.T) {
	forEachForgery(t, func(t *testing.T, st stage, d cryptobox.Dialect, p *printed, text string) {
		h := st.session(t, d)
		s, _ := h.s.(*transparency.Session)
		said := []any{[]any{text, []any{text}}, wamp.Dict{text: text}}
		h.subscribe("com.plain.old", 10)
		h.register("com.plain.old", 20, harness.Echo)
		for _, ask := range []func() error{
			func() error { return s.Subscribe("com.plain.x", func(*wamp.Event) {}, nil) },
			func() error { return s.Register("com.plain.x", harness.Echo, nil) },
			func() error { return s.Publish("com.plain.x", wamp.Dict{wamp.OptAcknowledge: true}, nil, nil) },
			func() error { return s.Unsubscribe("com.plain.old") },
			func() error { return s.Unregister("com.plain.old") },
		} {
			done := harness.Go(ask)
			asked := h.r.Next()
			h.r.Send(append([]any{wamp.ERROR, asked[0], asked[1], wamp.Dict{"x": text}, text}, said...)...)
			p.err(t, harness.Receive(t, done))
		}
		for i, arguments := range [][]any{{[]any{}, wamp.Dict{"enc": text}}, said} {
			request, done := h.call(harness.Prefix+"x", nil)
			h.r.Send(append([]any{wamp.ERROR, wamp.CALL, request, wamp.Dict{}, text}, arguments...)...)
			err := harness.Receive(t, done).Err
			if i > 0 && d.Foreign() { // a plain one is delivered, as to a plain call
				harness.Raised(t, err)
				continue
			}
			p.err(t, err)
			p.refusals(h, 1)
		}
	})
}

// TestTextOfMessages: URIs that routers name beside patterns, and parts of envelopes.
func TestTextOfMessages(t *testing.T) {
	forEachForgery(t, func(t *testing.T, st stage, d cryptobox.Dialect, p *printed, text string) {
		h := st.session(t, d)
		prefix := wamp.Dict{wamp.OptMatch: "prefix"}
		harness.Confirmed(t, h.r, func() error {
			return h.s.Subscribe(harness.Prefix, func(*wamp.Event) { t.Error("an event was handed on") }, prefix)
		}, 10)
		harness.Confirmed(t, h.r, func() error { return h.s.Register("org.", harness.Echo, prefix) }, 20)
		h.r.Send(wamp.EVENT, 10, 1, wamp.Dict{"topic": "x" + text})
		h.r.Send(wamp.INVOCATION, 1, 20, wamp.Dict{"procedure": text})
		require.EqualValues(t, wamp.ERROR, h.r.Next()[0])
		p.refusals(h, 2)
		for _, topic := range []string{text, harness.Prefix + text} {
			details := wamp.Dict{"topic": topic}
			for _, parts := range []wamp.Dict{
				{"enc": text},
				{"enc": wamp.Dict{text: text}},
				{"enc": wamp.Dict{"algo": text, "serializer": "cbor", "key": "x", "payload": "\x00AAAA"}},
				{"enc": wamp.Dict{"algo": "cryptobox", "serializer": text, "key": "x", "payload": "\x00AAAA"}},
				{"enc": wamp.Dict{"algo": "cryptobox", "serializer": "cbor", "key": text, "payload": "\x00AAAA"}},
			} {
				h.r.Send(wamp.EVENT, 10, 1, details, []any{}, parts)
				p.refusals(h, 1)
			}
			for _, attribute := range []string{"enc_algo", "enc_serializer", "enc_key", "ppt_scheme", "ppt_serializer", "ppt_cipher", "ppt_keyid", "ppt_" + text, "enc_" + text} {
				details := wamp.Dict{
					"topic": topic, "enc_algo": "cryptobox", "enc_serializer": "json", "enc_key": "x",
					"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "xsalsa20poly1305", "ppt_keyid": "x",
				}
				for name := range details {
					if name != "topic" && !strings.HasPrefix(name, attribute[:4]) {
						delete(details, name)
					}
				}
				details[attribute] = text
				h.r.Send(wamp.EVENT, 10, 1, details, []any{"AAAA"})
				p.refusals(h, 1)
			}
		}
		h.requireAlive()
	})
}

// TestTextOfTheEnd: what the router ends a session with.
func TestTextOfTheEnd(t *testing.T) {
	forEachForgery(t, func(t *testing.T, st stage, d cryptobox.Dialect, p *printed, text string) {
		for _, kind := range []wamp.MessageType{wamp.GOODBYE, wamp.ABORT} {
			h := st.session(t, d)
			_, done := h.call("com.plain.x", nil)
			h.r.Send(kind, wamp.Dict{"message": text}, text)
			p.err(t, harness.Receive(t, done).Err)
			s, _ := h.s.(*transparency.Session)
			p.err(t, s.Err())
			p.err(t, s.Ready())
			p.err(t, s.Publish("com.plain.x", nil, nil, nil))
		}
	})
}

// TestTextBeforeWelcome: what the router refuses to let a Session in with.
func TestTextBeforeWelcome(t *testing.T) {
	challenge := []any{wamp.CHALLENGE, "ticket", wamp.Dict{}}
	forEachForgery(t, func(t *testing.T, st stage, _ cryptobox.Dialect, p *printed, text string) {
		message := wamp.Dict{"message": text, text: text}
		for _, answers := range [][][]any{
			{{wamp.ABORT, message, text}},
			{{wamp.GOODBYE, message, text}},
			{{wamp.CHALLENGE, text, message}, {wamp.ABORT, message, text}},
			{challenge, {wamp.ABORT, message, text}},
			{challenge, {wamp.GOODBYE, message, text}},
			{challenge, {wamp.CHALLENGE, text, message}},
		} {
			r, cfg := st.start(t)
			joined := harness.Go(func() error {
				_, err := transparency.ConnectNet(context.Background(), r.URL(), cfg, keyring.New(), st.options...)
				return err
			})
			conn := r.Accept()
			for _, answer := range answers {
				conn.Next()
				conn.Send(answer...)
			}
			p.err(t, harness.Receive(t, joined))
		}
	})
}

// closing is WebSocket's close frame with a reason (RFC 6455, 5.5.1).
func closing(reason string) string {
	body := websocket.FormatCloseMessage(4000, strings.ToValidUTF8(reason[:min(len(reason), 120)], ""))
	return string(append([]byte{0x88, byte(len(body))}, body...))
}

// TestTextOfTransports: what is said below WAMP.
func TestTextOfTransports(t *testing.T) {
	for name, text := range forgeries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inLine := strings.NewReplacer("\r", "", "\n", "\v").Replace(text)
			inLine = inLine[:min(len(inLine), 1<<19)]
			name := strings.ToValidUTF8(strings.Map(func(r rune) rune {
				if r > unicode.MaxASCII {
					return -1
				}
				return r
			}, text[:min(len(text), 1<<14)]), "")
			p := new(printed)
			for _, s := range []handshake{
				{scheme: "ws", play: says("HTTP/1.1 403 " + inLine + "\r\nContent-Length: 0\r\n\r\n")},
				{scheme: "ws", play: says(inLine + "\r\n\r\n")},
				{scheme: "ws", play: says("HTTP/1.1 101 x\r\n" + inLine + "\r\n\r\n")},
				{scheme: "ws", play: says("HTTP/1.1 101 x\r\nContent-Length: 0\r\nUpgrade: " + inLine + "\r\nConnection: " + inLine + "\r\n\r\n")},
				{scheme: "ws", play: says("HTTP/1.1 407 " + inLine + "\r\nContent-Length: 0\r\n\r\n"), proxy: true},
				{scheme: "ws", play: says(inLine + "\r\n\r\n"), proxy: true},
				{scheme: "ws", play: chooses(inLine)},
				{scheme: "ws", play: upgrades(closing(text))},
				{scheme: "wss", play: says(inLine)},
				{scheme: "tcp", play: says(inLine)},
				{scheme: "tcps", play: says(inLine)},
				{scheme: "wss", play: secretly(certified(t, name), says("")), strict: true},
				{scheme: "tcps", play: secretly(certified(t, name), says("")), strict: true},
			} {
				p.err(t, s.connect(context.Background(), t, "json"))
			}
			p.requireClean(t)
		})
	}
}
