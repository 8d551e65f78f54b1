package format_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
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
		switch {
		case vectors[i].has("$tag64"):
			encoding = "cbor" // alone has tags
		case vectors[i].has("$fill") && vectors[i].Dialect != "autobahn":
			encoding = "msgpack" // as 16 MiB in JSON take seconds: those come that are JSON themselves
		}
		t.Run(vectors[i].Name+"/"+encoding, func(t *testing.T) {
			k := begin(t, f, &vectors[i], encoding)
			if k.refusedAtOnce() {
				return
			}
			for j := range vectors[i].Messages {
				k.send(&vectors[i].Messages[j])
			}
		})
	}
}

// has tells whether a message of the vector has a mark in it.
func (v *vector) has(mark string) bool {
	for _, m := range v.Messages {
		for _, part := range []any{m.Args.value, m.Kwargs.value, m.Binary} {
			if text, err := json.Marshal(part); err == nil && bytes.Contains(text, []byte(`"`+mark+`"`)) {
				return true
			}
		}
	}
	return false
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
	case m.Expect.Refused:
		k.requireRefused(m, got.refused)
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
	case m.Binary != nil:
		list = append(list, in(m.Binary))
	case m.Args.is || m.Kwargs.is || m.Behind != nil:
		list = append(list, in(m.Args.value))
	}
	if m.Kwargs.is || m.Behind != nil {
		list = append(list, in(m.Kwargs.value))
	}
	for _, more := range m.Behind {
		list = append(list, in(more))
	}
	return list
}

// continues tells whether the next message is a chunk of the one before it.
func (k *talk) continues() bool {
	before := &k.v.Messages[k.sent-1]
	more, _ := before.Details["progress"].(bool)
	return more && before.Expect.Reason == ""
}

// requireAnswer takes the answer to a refused invocation, which tells a router nothing.
func (k *talk) requireAnswer(m *message) {
	k.t.Helper()
	want := m.Expect.Answer
	if m.Type != "INVOCATION" {
		require.Zero(k.t, want)
		return
	}
	for {
		got := k.conn.Next()
		if kind, _ := wamp.AsInt64(got[0]); kind != int64(wamp.ERROR) {
			continue // of an invocation before
		}
		require.Equal(k.t, want.Error, got[4])
		require.Empty(k.t, got[3])
		if want.Enc == 0 {
			require.Len(k.t, got, 5)
			return
		}
		require.Len(k.t, got, 7)
		require.Empty(k.t, got[5])
		kwargs := got[6].(map[string]any)
		require.Len(k.t, kwargs, 1)
		enc, ok := wire.Bytes(kwargs["enc"])
		require.True(k.t, ok)
		require.Len(k.t, enc, want.Enc)
		return
	}
}

// requireRefused takes a refusal, readable or not.
func (k *talk) requireRefused(m *message, got *transparency.Error) {
	k.t.Helper()
	require.NotNil(k.t, got)
	require.Equal(k.t, transparency.Refused, got.Reason, "%v", got)
	if m.Expect.Refusal == nil {
		require.Nil(k.t, got.Peer)
		return
	}
	require.NotNil(k.t, got.Peer)
	if reason, known := reasons[m.Expect.Refusal.Reason]; known {
		require.Equal(k.t, reason, got.Peer.Reason)
	} else {
		require.Zero(k.t, got.Peer.Reason)
	}
	require.Equal(k.t, time.Duration(m.Expect.Refusal.Clock-k.file.Now)*time.Millisecond, got.Peer.Skew)
}

func (k *talk) requirePlain(m *message, got outcome) {
	k.t.Helper()
	_, sealed := transparency.InfoFrom(got.details)
	require.False(k.t, sealed)
	require.Equal(k.t, m.Error, got.uri)
	if m.Args.value == nil || k.v.Exchange.Re != nil && k.v.Dialect == "wampbox" { // which proves nothing
		require.Empty(k.t, got.args)
		return
	}
	in := func(v any) any { return value(k.t, v, binaryIn(k.encoding)) }
	require.Equal(k.t, fmt.Sprint(in(m.Args.value)), fmt.Sprint(got.args)) // integers come in several types
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
	info, ok := transparency.InfoFrom(got.details)
	require.True(k.t, ok, "sealed")
	require.Equal(k.t, k.v.Dialect, info.Dialect.String())
	if k.v.Dialect != "wampbox" {
		if m.Type == "ERROR" {
			require.Equal(k.t, m.Error, got.uri)
		}
		require.Zero(k.t, info.Counter)
		return
	}
	if m.Type == "ERROR" {
		require.Equal(k.t, want.URI, got.uri, "the one inside")
	}
	require.Equal(k.t, want.Kind.String(), strconv.Itoa(int(info.Kind)))
	require.Equal(k.t, exact(k.t, want.From), info.Session[:])
	require.EqualValues(k.t, exact(k.t, want.N), info.Counter)
	require.EqualValues(k.t, exact(k.t, want.TS), info.Sent.UnixMilli())
	require.Equal(k.t, m.Expect.Sender, info.Sender.Name)
}

// reasons by their names.
var reasons = map[string]transparency.Reason{
	"Plaintext": transparency.Plaintext, "NoKey": transparency.NoKey, "WrongRole": transparency.WrongRole,
	"Malformed": transparency.Malformed, "NotOpened": transparency.NotOpened, "WrongURI": transparency.WrongURI,
	"WrongKind": transparency.WrongKind, "WrongRealm": transparency.WrongRealm, "WrongRequest": transparency.WrongRequest,
	"Gap": transparency.Gap, "Replayed": transparency.Replayed, "Stale": transparency.Stale,
	"ClockSkew": transparency.ClockSkew, "StoreDown": transparency.StoreDown, "TooLarge": transparency.TooLarge,
	"Refused": transparency.Refused, "Unsealable": transparency.Unsealable, "Misuse": transparency.Misuse,
	"NotCarried": transparency.NotCarried, "ReservedOption": transparency.ReservedOption,
	"DeviceDown": transparency.DeviceDown, "WrongSender": transparency.WrongSender,
	"Invalid": transparency.Invalid,
}

func nameOf(err error) string {
	for name, reason := range reasons {
		if errors.Is(err, reason) {
			return name
		}
	}
	return "none"
}

// TestSealing: with the nonce of the file sealing gives its bytes, which open to the same.
func TestSealing(t *testing.T) {
	f := readFile(t)
	require.NotEmpty(t, f.Sealing)
	for _, want := range f.Sealing {
		t.Run(want.Name, func(t *testing.T) {
			key, record := sealing(t, f, &want)
			if want.Size != 0 {
				record.Pad = func(int) int { return want.Size }
			}
			nonce, enc := exact(t, want.Nonce).([]byte), exact(t, want.Enc).([]byte)
			deal(t, nonce)
			got, token, err := key.Seal(nil, &record)
			require.NoError(t, err)
			require.Equal(t, enc, got)

			var opened cryptobox.Opened
			require.NoError(t, key.OpenIn(record.Exchange, enc, record.Kind.Direction(), &opened))
			defer opened.Release()
			require.Equal(t, record.Head, opened.Head)
			require.Equal(t, token, opened.Token)
			require.Equal(t, want.Record.Realm, opened.Realm())
			require.Equal(t, want.Record.URI, opened.URI())
			requireOpened(t, &want.Record, &opened)
		})
	}
}

// requireOpened compares values.
func requireOpened(t *testing.T, want *record, opened *cryptobox.Opened) {
	t.Helper()
	args, kwargs, err := opened.Values()
	require.NoError(t, err)
	wantArgs, _ := exact(t, want.Args).([]any)
	wantKwargs, _ := exact(t, want.Kwargs).(map[string]any)
	requireSame(t, wantArgs, args)
	requireSame(t, wantKwargs, kwargs)
}

// recordOf makes the record that a vector tells.
func recordOf(t *testing.T, r *record) cryptobox.Record {
	t.Helper()
	kind, err := r.Kind.Int64()
	require.NoError(t, err)
	flags, err := r.Flags.Int64()
	require.NoError(t, err)
	head := cryptobox.Head{
		Kind: cryptobox.Kind(kind), From: cryptobox.SenderID(exact(t, r.From).([]byte)),
		N: unsigned(t, r.N), TS: int64(unsigned(t, r.TS)), Unnumbered: r.Seq == nil,
		Self: flags&1 != 0, Keep: flags&2 != 0,
	}
	if r.Seq != nil {
		head.Seq = unsigned(t, r.Seq)
	}
	if r.Re != nil {
		head.Re = tokenOf(t, exact(t, r.Re).([]byte))
	}
	args, _ := exact(t, r.Args).([]any)
	kwargs, _ := exact(t, r.Kwargs).(map[string]any)
	return cryptobox.NewRecord(head, r.Realm, r.URI, args, kwargs)
}

func unsigned(t *testing.T, v any) uint64 {
	t.Helper()
	switch n := exact(t, v).(type) {
	case int64:
		return uint64(n)
	case uint64:
		return n
	}
	t.Fatalf("no number: %v", v)
	return 0
}

// tokenOf gives the token of a message that was sealed with a nonce.
func tokenOf(t *testing.T, nonce []byte) cryptobox.Token {
	t.Helper()
	key, err := cryptobox.NewSharedKey(cryptobox.GenerateSymmetricKey())
	require.NoError(t, err)
	deal(t, nonce)
	record := cryptobox.NewRecord(cryptobox.Head{Kind: cryptobox.KindCall, From: cryptobox.SenderID{1}, N: 1}, "realm", "uri", nil, nil)
	_, token, err := key.Seal(nil, &record)
	require.NoError(t, err)
	return token
}
