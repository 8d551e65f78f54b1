package format_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPositive(t *testing.T) {
	f := readFile(t)
	require.NotEmpty(t, f.Positive)
	runAll(t, f, f.Positive)
}

func TestNegative(t *testing.T) {
	f := readFile(t)
	require.NotEmpty(t, f.Negative)
	for _, v := range f.Negative {
		require.NotEmpty(t, v.Messages[len(v.Messages)-1].Expect.Reason, v.Name)
	}
	runAll(t, f, f.Negative)
}

// runAll has each vector come in messages of one of the serializers.
func runAll(t *testing.T, f *file, vectors []vector) {
	for i := range vectors {
		encoding := handrouter.Serializers[i%len(handrouter.Serializers)]
		t.Run(vectors[i].Name+"/"+encoding, func(t *testing.T) {
			k := begin(t, f, &vectors[i], encoding)
			for j := range vectors[i].Messages {
				k.send(&vectors[i].Messages[j])
			}
		})
	}
}

// send sends a message and compares what becomes of it.
func (k *talk) send(m *message) {
	k.t.Helper()
	k.conn.Send(k.list(m)...)
	got := harness.Receive(k.t, k.outcomes)
	k.sent++
	switch {
	case m.Expect.Reason != "":
		require.NotNil(k.t, got.refused, "delivered, expected %s", m.Expect.Reason)
		require.Equal(k.t, m.Expect.Reason, nameOf(got.refused), "%v", got.refused)
		k.requireAnswer(m)
	case m.Expect.Plain:
		require.Nil(k.t, got.refused)
		k.requirePlain(m, got)
	default:
		require.Nil(k.t, got.refused)
		k.requireRecord(m, got)
	}
}

// list is the message as a list of its elements.
func (k *talk) list(m *message) []any {
	in := func(v any) any { return value(k.t, v, binaryIn(k.encoding)) }
	details := in(map[string]any(m.Details))
	var list []any
	switch m.Type {
	case "EVENT":
		list = []any{wamp.EVENT, subscription, k.sent + 1, details}
	case "INVOCATION":
		list = []any{wamp.INVOCATION, 1, registration, details}
		if k.sent > 0 && !k.continues() {
			list[1] = k.sent + 1
		}
	case "RESULT":
		list = []any{wamp.RESULT, k.request, details}
	case "ERROR":
		list = []any{wamp.ERROR, wamp.CALL, k.request, details, m.Error}
	default:
		k.t.Fatalf("unknown message %q", m.Type)
	}
	switch {
	case m.Binary != nil && m.Kwargs != nil:
		return append(list, in(m.Binary), in(m.Kwargs))
	case m.Binary != nil:
		return append(list, in(m.Binary))
	case m.Kwargs != nil:
		return append(list, in(m.Args), in(m.Kwargs))
	case m.Args != nil:
		return append(list, in(m.Args))
	}
	return list
}

// continues tells whether the next message is a chunk of the one before it.
func (k *talk) continues() bool {
	more, _ := k.v.Messages[k.sent-1].Details["progress"].(bool)
	return more
}

// requireAnswer takes the answer to a refused invocation, which tells nothing.
func (k *talk) requireAnswer(m *message) {
	k.t.Helper()
	if m.Type != "INVOCATION" {
		require.Empty(k.t, m.Expect.Answer)
		return
	}
	for {
		got := k.conn.Next()
		if kind, _ := wamp.AsInt64(got[0]); kind != int64(wamp.ERROR) {
			continue // of an invocation before
		}
		require.Equal(k.t, m.Expect.Answer, got[4])
		require.Empty(k.t, got[3])
		require.Len(k.t, got, 5)
		return
	}
}

func (k *talk) requirePlain(m *message, got outcome) {
	k.t.Helper()
	_, sealed := transparency.InfoFrom(got.details)
	require.False(k.t, sealed)
	require.Equal(k.t, m.Error, got.uri)
	if m.Args == nil || strings.HasPrefix(m.Error, "wamp.") { // which proves nothing
		require.Empty(k.t, got.args)
		return
	}
	require.EqualValues(k.t, exact(k.t, m.Args), got.args)
}

func (k *talk) requireRecord(m *message, got outcome) {
	k.t.Helper()
	want := m.Expect.Record
	args, _ := got.args.(wamp.List)
	kwargs, _ := got.kwargs.(wamp.Dict)
	wantArgs, _ := exact(k.t, want.Args).([]any)
	wantKwargs, _ := exact(k.t, want.Kwargs).(map[string]any)
	require.Equal(k.t, want.Args == nil, args == nil, "null is no list")
	require.Equal(k.t, want.Kwargs == nil, kwargs == nil, "null is no map")
	requireSame(k.t, wantArgs, []any(args))
	requireSame(k.t, wantKwargs, map[string]any(kwargs))
	if m.Type == "ERROR" {
		require.Equal(k.t, m.Error, got.uri)
	}
	info, ok := transparency.InfoFrom(got.details)
	require.True(k.t, ok, "sealed")
	if want.Bind == nil {
		require.False(k.t, info.Bound)
		return
	}
	bind := exact(k.t, want.Bind).(map[string]any)
	require.True(k.t, info.Bound)
	require.EqualValues(k.t, bind["kind"], info.Kind)
	require.Equal(k.t, bind["from"], info.Sender[:])
	require.EqualValues(k.t, bind["n"], info.Counter)
	require.Equal(k.t, bind["ts"], info.Sent.UnixMilli())
}

// reasons by their names.
var reasons = map[string]transparency.Reason{
	"Plaintext": transparency.Plaintext, "NoKey": transparency.NoKey, "WrongRole": transparency.WrongRole,
	"Malformed": transparency.Malformed, "NotOpened": transparency.NotOpened, "WrongURI": transparency.WrongURI,
	"WrongKind": transparency.WrongKind, "WrongRealm": transparency.WrongRealm, "WrongRequest": transparency.WrongRequest,
	"Gap": transparency.Gap, "Replayed": transparency.Replayed, "Stale": transparency.Stale,
	"ClockSkew": transparency.ClockSkew, "StoreDown": transparency.StoreDown, "Unbound": transparency.Unbound,
	"TooLarge": transparency.TooLarge, "Misuse": transparency.Misuse, "ReservedOption": transparency.ReservedOption,
}

func nameOf(err error) string {
	for name, reason := range reasons {
		if errors.Is(err, reason) {
			return name
		}
	}
	return "none"
}

// TestPlaintexts: what a vector says of how it was made reads as the record that it
// expects, or as none.
func TestPlaintexts(t *testing.T) {
	f := readFile(t)
	seen := 0
	for _, v := range f.Positive {
		for _, m := range v.Messages {
			if m.Plaintext == nil {
				continue
			}
			seen++
			serializer, err := cryptobox.ParseSerializer(m.Serializer)
			require.NoError(t, err)
			record, err := serializer.Decode(exact(t, m.Plaintext).([]byte))
			require.NoError(t, err, v.Name)
			if m.Expect.Record != nil {
				require.Equal(t, m.Expect.Record.URI, record.URI())
			}
		}
	}
	require.NotZero(t, seen)
}
