package cryptobox_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// travel seals v as the one argument and opens it at the other end.
func travel(t *testing.T, d cryptobox.Dialect, v any) any {
	t.Helper()
	ours, theirs := pair(t)
	payload, sealed, err := cryptobox.SealForeign(ours, d, cryptobox.NewForeignRecord("", []any{v}, map[string]any{"k": v}))
	require.NoError(t, err)
	rec, opened, err := cryptobox.OpenForeign(theirs, d, payload)
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

func TestForeignValuesAreExact(t *testing.T) {
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
		for _, d := range foreign {
			t.Run(name+" "+d.String(), func(t *testing.T) { requireSame(t, v, travel(t, d, v)) })
		}
	}
}

// TestValuesOfSomeDialects: big integers are in both, the rest only in CBOR.
func TestValuesOfSomeDialects(t *testing.T) {
	huge := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), cryptobox.MaxBigBits), big.NewInt(1))
	for _, n := range []*big.Int{bigInt("18446744073709551616"), bigInt("-9223372036854775809"), bigInt("-18446744073709551616"),
		bigInt("-18446744073709551617"), huge, new(big.Int).Neg(huge)} {
		requireSame(t, n, travel(t, cryptobox.Autobahn, n))
		requireSame(t, n, travel(t, cryptobox.Passthru, n))
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		requireSame(t, f, travel(t, cryptobox.Passthru, f))
	}
	requireSame(t, "\x00text", travel(t, cryptobox.Passthru, "\x00text"))
	v := map[string]any{"\x00": int64(1)}
	requireSame(t, v, travel(t, cryptobox.Passthru, v))
}

func TestNilAndEmptyStayApart(t *testing.T) {
	for _, d := range foreign {
		for _, rec := range []*cryptobox.ForeignRecord{
			cryptobox.NewForeignRecord("", nil, nil),
			cryptobox.NewForeignRecord("com.example.x", nil, nil),
			cryptobox.NewForeignRecord("", []any{}, nil),
			cryptobox.NewForeignRecord("", nil, map[string]any{}),
			cryptobox.NewForeignRecord("com.example.x", []any{}, map[string]any{}),
			cryptobox.NewForeignRecord("", []any{nil}, map[string]any{"": nil}),
		} {
			data, err := encode(t, d, rec)
			require.NoError(t, err)
			got, err := decode(t, d, data)
			require.NoError(t, err)
			require.True(t, sameRecord(rec, got), "%s", data)
		}
	}
}

// TestEncodeIsWhatPeersRead pins the bytes of a record.
func TestEncodeIsWhatPeersRead(t *testing.T) {
	rec := cryptobox.NewForeignRecord("com.x", []any{1, 2.0, "é<>&", []byte{0, 1}}, nil)
	data, err := encode(t, cryptobox.Autobahn, rec)
	require.NoError(t, err)
	require.Equal(t, `{"uri":"com.x","args":[1,2.0,"é<>&","\u0000AAE="],"kwargs":null}`, string(data))

	data, err = encode(t, cryptobox.Passthru, rec)
	require.NoError(t, err)
	require.Equal(t, unhex(t, "a3 63757269 65636f6d2e78 6461726773 84 01 fb4000000000000000 65c3a93c3e26 420001 666b7761726773 f6"), data)
}

// TestJSONIsReadByOthers: the standard library reads what we write.
func TestJSONIsReadByOthers(t *testing.T) {
	data, err := encode(t, cryptobox.Autobahn, cryptobox.NewForeignRecord("com.x", []any{1.5, "ä"}, map[string]any{"a": 1, "b": []any{}}))
	require.NoError(t, err)
	var got struct {
		URI    string
		Args   []any
		Kwargs map[string]any
	}
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, "com.x", got.URI)
	require.Equal(t, []any{1.5, "ä"}, got.Args)
	require.Equal(t, map[string]any{"a": 1.0, "b": []any{}}, got.Kwargs)
	require.NotContains(t, string(data), " ")
}

func TestOpenForeignKeepsNothing(t *testing.T) {
	ours, theirs := pair(t)
	for _, d := range foreign {
		rec := cryptobox.NewForeignRecord("com.x", []any{"text", []byte("bytes")}, map[string]any{"key": "value"})
		payload, _, err := cryptobox.SealForeign(ours, d, rec)
		require.NoError(t, err)
		before := bytes.Clone(payload)
		got, _, err := cryptobox.OpenForeign(theirs, d, payload)
		require.NoError(t, err)
		require.Equal(t, before, payload, "the input was changed")
		clear(payload)
		require.True(t, sameRecord(rec, got))
	}
}

func TestUnknownKeysAreIgnored(t *testing.T) {
	for d, data := range map[cryptobox.Dialect]string{
		cryptobox.Autobahn: ` {"pad":"\u0000AAAA", "bind":null, "next":{"a":[1]}, "args":[1] } `,
		cryptobox.Passthru: string(unhex(t, "a4 63706164 4400000000 6462696e64 f6 646e657874 a1616181 01 6461726773 8101")),
	} {
		rec, err := decode(t, d, []byte(data))
		require.NoError(t, err)
		require.True(t, sameRecord(cryptobox.NewForeignRecord("", []any{int64(1)}, nil), rec))
	}
}

func TestParseDialect(t *testing.T) {
	for d, name := range map[cryptobox.Dialect]string{cryptobox.Wampbox: "wampbox", cryptobox.Autobahn: "autobahn", cryptobox.Passthru: "passthru"} {
		require.Equal(t, name, d.String())
		require.Equal(t, d != cryptobox.Wampbox, d.Foreign())
		got, err := cryptobox.ParseDialect(name)
		require.NoError(t, err)
		require.Equal(t, d, got)
	}
	require.Equal(t, "Dialect(3)", cryptobox.Dialect(3).String())
	for _, name := range []string{"", "Wampbox", "autobahn ", "native", "Dialect(3)"} {
		got, err := cryptobox.ParseDialect(name)
		require.ErrorIs(t, err, cryptobox.ErrDialect)
		require.ErrorContains(t, err, "use wampbox, autobahn or passthru")
		require.Zero(t, got)
	}
}

// TestOtherDialectsHaveNoSuchRecords: neither ours nor what isn't known.
func TestOtherDialectsHaveNoSuchRecords(t *testing.T) {
	ours, theirs := pair(t)
	payload, _, err := cryptobox.SealForeign(ours, cryptobox.Passthru, &cryptobox.ForeignRecord{})
	require.NoError(t, err)
	for _, d := range []cryptobox.Dialect{cryptobox.Wampbox, 3, 255} {
		sealed, token, err := cryptobox.SealForeign(ours, d, &cryptobox.ForeignRecord{})
		require.ErrorIs(t, err, cryptobox.ErrDialect)
		require.Nil(t, sealed)
		require.True(t, token.IsZero())
		requireNoRecord(t, cryptobox.ErrDialect, theirs, d, payload)
	}
}
