package transparency_test

import (
	"encoding/json"
	"log"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const forgedLine = "\n2026-11-26 all is well\x1b[31m"

// refusesAndEnds has a Session refuse an event and lose its connection, both with text of
// the router's making.
func refusesAndEnds(t *testing.T, opts ...transparency.Option) {
	t.Helper()
	k := harness.NewKeys()
	p := play(t, dialects[0], handrouter.RawSocket, "json", k.ResponderKey(), k.OriginatorKey(), opts...)
	harness.Confirmed(t, p.Conn, func() error {
		return p.Subscribe(harness.Prefix, func(*wamp.Event) {}, wamp.Dict{"match": "prefix"})
	}, subscription)
	p.Send(wamp.EVENT, subscription, publication, wamp.Dict{"topic": harness.Prefix + forgedLine + strings.Repeat("x", 1000)}, wamp.List{marker})
	harness.RequireReason(t, p.refused.Next(t), transparency.Plaintext)
	p.Send(wamp.GOODBYE, wamp.Dict{}, "com.example.bye"+forgedLine)
	harness.Receive(t, p.Done())
}

func TestRecords(t *testing.T) {
	out := &harness.Buffer{}
	refusesAndEnds(t, transparency.WithLogger(slog.New(slog.NewJSONHandler(out, nil))))
	type line struct {
		Level, Msg string
		Error      any
	}
	var lines []line
	for text := range strings.Lines(out.String()) {
		var l line
		require.NoError(t, json.Unmarshal([]byte(text), &l), text)
		lines = append(lines, l)
	}
	require.Len(t, lines, 2)
	require.Equal(t, "WARN", lines[0].Level)
	require.Equal(t, "message refused", lines[0].Msg)
	refusal, ok := lines[0].Error.(map[string]any)
	require.True(t, ok)
	require.Equal(t, "event", refusal["op"])
	require.Equal(t, transparency.Plaintext.Error(), refusal["reason"])
	require.Equal(t, "WARN", lines[1].Level)
	require.Equal(t, "connection to the router ended", lines[1].Msg)
	for _, text := range []any{refusal["uri"], lines[1].Error} {
		text, ok := text.(string)
		require.True(t, ok)
		require.NotContains(t, text, "\n")
		require.NotContains(t, text, "\x1b")
		require.Contains(t, text, `\n2026-11-26`)
		require.Less(t, len(text), 300)
	}
	require.NotContains(t, out.String(), marker)
}

// TestLines: without WithLogger the same goes to the client's logger, a line each.
func TestLines(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	out := &harness.Buffer{}
	cfg := harness.Config(0)
	cfg.Logger = log.New(out, "", 0)
	s, err := transparency.ConnectLocal(r.Router(), cfg, harness.RingOf(t, k.ResponderKey()))
	require.NoError(t, err)
	require.Equal(t, cfg.Logger, s.Logger())
	events(t, s, harness.Prefix+"x", nil)
	require.NoError(t, local.plain(t, r).Publish(harness.Prefix+"x", wamp.Dict{"acknowledge": true}, wamp.List{marker}, nil))
	require.Eventually(t, func() bool { return s.Stats().Rejected[transparency.Plaintext] == 1 }, harness.Patience, 1)
	require.NoError(t, r.Close())
	harness.Receive(t, s.Done())
	require.Equal(t, "message refused: transparency: event \""+harness.Prefix+"x\": payload is not sealed (subscription 1)\n"+
		"connection to the router ended: the router has ended the session: GOODBYE wamp.close.system_shutdown\n", out.String())
}

// TestLineOfATransition names the pattern, and until when it lets plaintext through.
func TestLineOfATransition(t *testing.T) {
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	ring := harness.RingOf(t, harness.NewKeys().OriginatorKey())
	require.NoError(t, ring.Transition(keyring.Prefix(harness.Prefix), keyring.SendPlain, until))
	out := &harness.Buffer{}
	cfg := harness.Config(0)
	cfg.Logger = log.New(out, "", 0)
	s, err := transparency.ConnectLocal(startRouter(t).Router(), cfg, ring)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, s.Publish(harness.Prefix+"x", nil, wamp.List{marker}, nil))
	}
	require.Equal(t, "a message in plain, as its pattern is in transition: the first one, further ones are counted only, "+
		`pattern: prefix "`+harness.Prefix+`", plaintext: send, until: `+until.UTC().Format(time.RFC3339)+"\n", out.String())
	require.NoError(t, s.Close())
}

func TestNoLogger(t *testing.T) {
	_, err := transparency.Wrap(&scripted{}, harness.Realm, harness.RingOf(t, harness.NewKeys().ResponderKey()), transparency.WithLogger(nil))
	require.ErrorIs(t, err, transparency.ErrOption)
}
