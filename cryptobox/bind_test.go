package cryptobox_test

import (
	"encoding/json"
	"maps"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// someToken is the token of a payload that was really sealed.
func someToken(t testing.TB) cryptobox.Token {
	t.Helper()
	ours, _ := pair(t)
	_, token, err := cryptobox.Seal(ours, cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	return token
}

func TestBindTravels(t *testing.T) {
	from, re := cryptobox.NewSenderID(), someToken(t)
	require.NotEqual(t, from, cryptobox.NewSenderID())
	for _, b := range []cryptobox.Bind{
		{Kind: cryptobox.KindPublish, Realm: "realm1", From: from, N: 1, TS: 1_787_000_000_000, Self: true, Keep: true},
		{Kind: cryptobox.KindCallProgress, Realm: "realm1", From: from, N: math.MaxUint64, TS: math.MaxInt64, Seq: 0},
		{Kind: cryptobox.KindCall, Realm: "ä", From: from, N: 2, TS: 0, Re: re, Seq: 7},
		{Kind: cryptobox.KindProgress, Realm: "realm1", From: from, N: 1 << 53, TS: math.MinInt64, Re: re, Seq: math.MaxUint64},
		{Kind: cryptobox.KindResult, Realm: "realm1", From: from, N: math.MaxInt64, Re: re, Seq: 1},
		{Kind: cryptobox.KindError, Realm: "realm1", From: from, N: 3, Re: re},
	} {
		for _, s := range serializers {
			ours, theirs := pair(t)
			env, _, err := cryptobox.Seal(ours, s, "", cryptobox.NewRecord("", nil, nil, &b))
			require.NoError(t, err)
			rec, _, err := cryptobox.Open(theirs, env)
			require.NoError(t, err)
			require.Equal(t, &b, rec.Bind())
		}
	}
}

// bindOnWire is what Encode writes, as JSON sees it.
func bindOnWire(t *testing.T, b cryptobox.Bind) map[string]any {
	t.Helper()
	data, err := cryptobox.JSON.Encode(cryptobox.NewRecord("", nil, nil, &b))
	require.NoError(t, err)
	var root map[string]map[string]any
	require.NoError(t, json.Unmarshal(data, &root))
	return root["bind"]
}

func TestBindOnTheWire(t *testing.T) {
	id := cryptobox.SenderID{0xfb, 0xff}
	require.Equal(t, map[string]any{"v": 1.0, "kind": "publish", "realm": "r", "from": "\x00+/8AAAAAAAAAAAAAAAAAAA==", "n": 2.0, "ts": 3.0},
		bindOnWire(t, cryptobox.Bind{Kind: cryptobox.KindPublish, Realm: "r", From: id, N: 2, TS: 3}))
	full := bindOnWire(t, cryptobox.Bind{Kind: cryptobox.KindResult, Realm: "r", From: id, N: 2, TS: 3, Re: someToken(t), Seq: 4, Self: true, Keep: true})
	require.Len(t, full, 10)
	require.Equal(t, 4.0, full["seq"])
	require.Equal(t, true, full["self"])
	require.Equal(t, true, full["keep"])
	require.Len(t, full["re"], 1+32) // NUL and the base64 of 24 bytes
	require.Contains(t, bindOnWire(t, cryptobox.Bind{Kind: cryptobox.KindCall, Realm: "r", From: cryptobox.SenderID{1}, N: 1}), "seq")
}

func TestMalformedBind(t *testing.T) {
	good := map[string]any{"v": 1, "kind": "call", "realm": "realm1", "from": "\x00AQAAAAAAAAAAAAAAAAAAAA==", "n": 1, "ts": 1, "seq": 0}
	type absent struct{}
	cases := map[string][]any{
		"v":     {absent{}, nil, 0, 2, -1, "1", true, json.RawMessage("1.0"), []int{1}},
		"kind":  {absent{}, nil, "", "Call", "event", 1, "\x00AAAA"},
		"realm": {absent{}, nil, "", 1, "\x00AAAA"},
		"from":  {absent{}, nil, "", "AQAAAAAAAAAAAAAAAAAAAA==", "\x00AAAAAAAAAAAAAAAAAAAAAA==", "\x00", "\x00AAAAAAAAAAAAAAAAAAAA", "\x00AAAAAAAAAAAAAAAAAAAAAAA=", 1},
		"n":     {absent{}, nil, 0, -1, json.RawMessage("1.0"), json.RawMessage("18446744073709551616"), "1"},
		"ts":    {absent{}, nil, json.RawMessage("1.0"), json.RawMessage("9223372036854775808"), "1"},
		"re":    {nil, "", "\x00", "text", 1, "\x00" + string(make64("A", 88))},
		"seq":   {absent{}, nil, -1, json.RawMessage("0.0"), "0"},
		"self":  {nil, 1, "true"},
		"keep":  {nil, 0, []any{}},
	}
	data, err := json.Marshal(map[string]any{"bind": good})
	require.NoError(t, err)
	_, err = cryptobox.JSON.Decode(data)
	require.NoError(t, err)
	for field, values := range cases {
		for _, v := range values {
			bad := maps.Clone(good)
			bad[field] = v
			if v == any(absent{}) {
				delete(bad, field)
			}
			data, err := json.Marshal(map[string]any{"bind": bad})
			require.NoError(t, err)
			requireRefused(t, cryptobox.ErrMalformed, cryptobox.JSON, data)
		}
	}
}

func make64(s string, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = s[0]
	}
	return b
}

func TestBindIgnoresWhatIsNew(t *testing.T) {
	data := `{"bind":{"v":1,"kind":"publish","realm":"r","from":"\u0000AQAAAAAAAAAAAAAAAAAAAA==","n":1,"ts":-1,"self":false,"later":{"a":[null]}}}`
	rec, err := cryptobox.JSON.Decode([]byte(data))
	require.NoError(t, err)
	require.Equal(t, &cryptobox.Bind{Kind: cryptobox.KindPublish, Realm: "r", From: cryptobox.SenderID{1}, N: 1, TS: -1}, rec.Bind())
}

func TestTokens(t *testing.T) {
	a, b := someToken(t), someToken(t)
	require.False(t, a.IsZero())
	require.True(t, cryptobox.Token{}.IsZero())
	require.True(t, a != b)
	seen := map[cryptobox.Token]bool{a: true}
	require.True(t, seen[a])
	require.False(t, seen[b])
}
