package cryptobox_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// travel seals v as the one argument and opens it at the other end.
func travel(t *testing.T, s cryptobox.Serializer, v any) any {
	t.Helper()
	ours, theirs := pair(t)
	env, sealed, err := cryptobox.Seal(ours, s, "", cryptobox.NewRecord("", []any{v}, map[string]any{"k": v}, nil))
	require.NoError(t, err)
	rec, opened, err := cryptobox.Open(theirs, env)
	require.NoError(t, err)
	require.Equal(t, sealed, opened)
	require.Len(t, rec.Args(), 1)
	requireSame(t, rec.Args()[0], rec.Kwargs()["k"])
	return rec.Args()[0]
}

func bigInt(text string) *big.Int {
	n, _ := new(big.Int).SetString(text, 0)
	return n
}

func TestValuesAreExact(t *testing.T) {
	values := map[string]any{
		"nil": nil, "true": true, "false": false,
		"0": int64(0), "-1": int64(-1), "2^53+1": int64(1<<53 + 1), "-2^53-1": int64(-1<<53 - 1),
		"int8": int64(math.MinInt8), "int16": int64(math.MinInt16), "int32": int64(math.MinInt32), "-33": int64(-33),
		"min int64": int64(math.MinInt64), "max int64": int64(math.MaxInt64),
		"above int64": uint64(math.MaxInt64 + 1), "max uint64": uint64(math.MaxUint64),
		"0.0": 0.0, "-0.0": math.Copysign(0, -1), "3.0": 3.0, "0.1": 0.1, "1e-07": 1e-07, "1e21": 1e21, "1e300": 1e300,
		"max float": math.MaxFloat64, "least float": math.SmallestNonzeroFloat64, "2^53": float64(1 << 53),
		"empty string": "", "ASCII": "text", "Unicode": "Grüße, 世界 🌍", "controls": "\x01\t\n\"\\\x7f\u2028", "NUL within": "a\x00b",
		"no bytes": []byte{}, "bytes": []byte{0, 1, 0xff}, "long bytes": make([]byte, 70_000), "long string": strings.Repeat("ä", 40_000),
		"empty list": []any{}, "empty map": map[string]any{},
		"nested": []any{[]any{nil, []any{}}, map[string]any{"": map[string]any{"ключ": []byte("x")}}},
		"long":   make([]any, 70_000),
	}
	for name, v := range values {
		for _, s := range serializers {
			t.Run(name+" "+string(s), func(t *testing.T) { requireSame(t, v, travel(t, s, v)) })
		}
	}
}

// TestValuesOfSomeSerializers: what only one or two of them can say.
func TestValuesOfSomeSerializers(t *testing.T) {
	huge := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), cryptobox.MaxBigBits), big.NewInt(1))
	for _, n := range []*big.Int{bigInt("18446744073709551616"), bigInt("-9223372036854775809"), bigInt("-18446744073709551616"),
		bigInt("-18446744073709551617"), huge, new(big.Int).Neg(huge)} {
		requireSame(t, n, travel(t, cryptobox.JSON, n))
		requireSame(t, n, travel(t, cryptobox.CBOR, n))
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		requireSame(t, f, travel(t, cryptobox.MessagePack, f))
		requireSame(t, f, travel(t, cryptobox.CBOR, f))
	}
	for _, s := range []cryptobox.Serializer{cryptobox.MessagePack, cryptobox.CBOR} {
		requireSame(t, "\x00text", travel(t, s, "\x00text"))
		v := map[string]any{"\x00": int64(1)}
		requireSame(t, v, travel(t, s, v))
	}
}

func TestNilAndEmptyStayApart(t *testing.T) {
	for _, s := range serializers {
		for _, rec := range []*cryptobox.Record{
			cryptobox.NewRecord("", nil, nil, nil),
			cryptobox.NewRecord("com.example.x", nil, nil, nil),
			cryptobox.NewRecord("", []any{}, nil, nil),
			cryptobox.NewRecord("", nil, map[string]any{}, nil),
			cryptobox.NewRecord("com.example.x", []any{}, map[string]any{}, nil),
			cryptobox.NewRecord("", []any{nil}, map[string]any{"": nil}, nil),
		} {
			data, err := s.Encode(rec)
			require.NoError(t, err)
			got, err := s.Decode(data)
			require.NoError(t, err)
			require.True(t, sameRecord(rec, got), "%s", data)
		}
	}
}

// TestEncodeIsWhatPeersRead pins the bytes of a record.
func TestEncodeIsWhatPeersRead(t *testing.T) {
	rec := cryptobox.NewRecord("com.x", []any{1, 2.0, "é<>&", []byte{0, 1}}, nil, nil)
	data, err := cryptobox.JSON.Encode(rec)
	require.NoError(t, err)
	require.Equal(t, `{"uri":"com.x","args":[1,2.0,"é<>&","\u0000AAE="],"kwargs":null}`, string(data))

	data, err = cryptobox.CBOR.Encode(rec)
	require.NoError(t, err)
	require.Equal(t, unhex(t, "a3 63757269 65636f6d2e78 6461726773 84 01 fb4000000000000000 65c3a93c3e26 420001 666b7761726773 f6"), data)

	data, err = cryptobox.MessagePack.Encode(rec)
	require.NoError(t, err)
	require.Equal(t, unhex(t, "83 a3757269 a5636f6d2e78 a461726773 94 01 cb4000000000000000 a5c3a93c3e26 c4020001 a66b7761726773 c0"), data)
}

// TestJSONIsReadByOthers: the standard library reads what we write.
func TestJSONIsReadByOthers(t *testing.T) {
	data, err := cryptobox.JSON.Encode(cryptobox.NewRecord("com.x", []any{1.5, "ä"}, map[string]any{"a": 1, "b": []any{}}, &cryptobox.Bind{Kind: cryptobox.KindResult, Realm: "r", From: cryptobox.SenderID{1}, N: 1}))
	require.NoError(t, err)
	var got struct {
		URI    string
		Args   []any
		Kwargs map[string]any
		Bind   map[string]any
	}
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, "com.x", got.URI)
	require.Equal(t, []any{1.5, "ä"}, got.Args)
	require.Equal(t, map[string]any{"a": 1.0, "b": []any{}}, got.Kwargs)
	require.Equal(t, "result", got.Bind["kind"])
	require.NotContains(t, string(data), " ")
}

func TestDecodeKeepsNothing(t *testing.T) {
	for _, s := range serializers {
		rec := cryptobox.NewRecord("com.x", []any{"text", []byte("bytes")}, map[string]any{"key": "value"}, nil)
		data, err := s.Encode(rec)
		require.NoError(t, err)
		before := append([]byte(nil), data...)
		got, err := s.Decode(data)
		require.NoError(t, err)
		require.Equal(t, before, data, "the input was changed")
		clear(data)
		require.True(t, sameRecord(rec, got))
	}
}

func TestUnknownKeysAreIgnored(t *testing.T) {
	for s, data := range map[cryptobox.Serializer]string{
		cryptobox.JSON:        ` {"pad":"\u0000AAAA", "next":{"a":[1]}, "args":[1] } `,
		cryptobox.CBOR:        string(unhex(t, "a3 63706164 4400000000 646e657874 a1616181 01 6461726773 8101")),
		cryptobox.MessagePack: string(unhex(t, "83 a3706164 c40400000000 a46e657874 81a1619101 a461726773 9101")),
	} {
		rec, err := s.Decode([]byte(data))
		require.NoError(t, err)
		require.True(t, sameRecord(cryptobox.NewRecord("", []any{int64(1)}, nil, nil), rec))
	}
}

func TestParseSerializer(t *testing.T) {
	for _, s := range serializers {
		got, err := cryptobox.ParseSerializer(string(s))
		require.NoError(t, err)
		require.Equal(t, s, got)
	}
	for _, name := range []string{"", "JSON", "ubjson", "native", "json "} {
		got, err := cryptobox.ParseSerializer(name)
		require.ErrorIs(t, err, cryptobox.ErrSerializer)
		require.Empty(t, got)
		data, err := cryptobox.Serializer(name).Encode(&cryptobox.Record{})
		require.ErrorIs(t, err, cryptobox.ErrSerializer)
		require.Nil(t, data)
		rec, err := cryptobox.Serializer(name).Decode([]byte("{}"))
		require.ErrorIs(t, err, cryptobox.ErrSerializer)
		require.Nil(t, rec)
	}
}
