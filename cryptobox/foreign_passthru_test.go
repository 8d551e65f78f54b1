package cryptobox_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Hex of the entries of a record of payload passthru mode.
const cborKeyArgs, cborKeyKwargs = "64 61726773 ", "66 6b7761726773 "

// TestPassthruRecords: the records of other implementations decode, and what
// we write of them is what any reader of that serializer takes for the same.
func TestPassthruRecords(t *testing.T) {
	var file []struct {
		Implementation string `json:"implementation"`
		Serializer     string `json:"ppt_serializer"`
		Args           any    `json:"args"`
		Kwargs         any    `json:"kwargs"`
		Bytes          string `json:"bytes_hex"`
	}
	readVectors(t, "ppt_envelope_vectors.json", &file)
	seen := map[cryptobox.Dialect]int{}
	dialects := map[string]cryptobox.Dialect{"json": cryptobox.Autobahn, "cbor": cryptobox.Passthru}
	for _, v := range file {
		d, known := dialects[v.Serializer]
		if !known { // MessagePack is of no dialect
			continue
		}
		seen[d]++
		t.Run(v.Implementation+" "+v.Serializer, func(t *testing.T) {
			rec, err := decode(t, d, unhex(t, v.Bytes))
			require.NoError(t, err)
			want := cryptobox.NewForeignRecord("", statedList(t, v.Args), statedMap(t, v.Kwargs))
			require.True(t, sameRecord(want, rec), "%#v %#v", rec.Args(), rec.Kwargs())

			again, err := encode(t, d, rec)
			require.NoError(t, err)
			root := readByOthers(t, d, again)
			require.Len(t, root, 3)
			require.Nil(t, root["uri"])
			requireLike(t, want.Args(), root["args"])
			requireLike(t, want.Kwargs(), root["kwargs"])
			if v.Implementation != "wampy.js 7.2.0" && len(rec.Kwargs()) < 2 {
				require.Equal(t, withAbsentURI(t, d, unhex(t, v.Bytes)), again)
			}
		})
	}
	require.Equal(t, map[cryptobox.Dialect]int{cryptobox.Autobahn: 3, cryptobox.Passthru: 7}, seen)
}

// withAbsentURI puts "uri": null before the entries of a record of two.
func withAbsentURI(t testing.TB, d cryptobox.Dialect, data []byte) []byte {
	t.Helper()
	two, three := "{", `{"uri":null,`
	if d == cryptobox.Passthru {
		two, three = "\xa2", "\xa3\x63uri\xf6"
	}
	rest, ok := bytes.CutPrefix(data, []byte(two))
	require.True(t, ok)
	return append([]byte(three), rest...)
}

// readByOthers reads a record as a program without this package does.
func readByOthers(t testing.TB, d cryptobox.Dialect, data []byte) map[string]any {
	t.Helper()
	var root map[string]any
	if d == cryptobox.Autobahn {
		require.NoError(t, json.Unmarshal(data, &root))
		return root
	}
	h := new(codec.CborHandle)
	h.MapType = reflect.TypeFor[map[string]any]()
	require.NoError(t, codec.NewDecoderBytes(data, h).Decode(&root))
	return root
}

// requireLike compares values whatever Go types their numbers have.
func requireLike(t testing.TB, want, got any) {
	t.Helper()
	wantText, err := json.Marshal(want)
	require.NoError(t, err)
	gotText, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, string(wantText), string(gotText))
}

// TestPassthruForms: whatever form other implementations give a record in, it
// is the same record.
func TestPassthruForms(t *testing.T) {
	ab := cryptobox.NewForeignRecord("", []any{int64(1)}, map[string]any{"a": int64(2)})
	args, none := cryptobox.NewForeignRecord("", []any{int64(1)}, nil), &cryptobox.ForeignRecord{}
	float := func(f float64) *cryptobox.ForeignRecord { return cryptobox.NewForeignRecord("", []any{f}, nil) }
	for name, c := range map[string]struct {
		text string
		want *cryptobox.ForeignRecord
	}{
		"definite":                {"a2" + cborKeyArgs + "81 01" + cborKeyKwargs + "a1 6161 02", ab},
		"kwargs first":            {"a2" + cborKeyKwargs + "a1 6161 02" + cborKeyArgs + "81 01", ab},
		"indefinite root":         {"bf" + cborKeyArgs + "81 01" + cborKeyKwargs + "a1 6161 02 ff", ab},
		"indefinite everything":   {"bf" + cborKeyArgs + "9f 01 ff" + cborKeyKwargs + "bf 6161 02 ff ff", ab},
		"indefinite map keys":     {"a2 7f 6161 63726773 ff 81 01" + cborKeyKwargs + "a1 7f 6161 ff 02", ab},
		"indefinite and empty":    {"bf" + cborKeyArgs + "9f ff" + cborKeyKwargs + "bf ff ff", cryptobox.NewForeignRecord("", []any{}, map[string]any{})},
		"lengths of 16 bits":      {"b90002" + cborKeyArgs + "990001 01" + cborKeyKwargs + "b90001 790001 61 02", ab},
		"lengths of 32 bits":      {"ba00000002" + cborKeyArgs + "9a00000001 01" + cborKeyKwargs + "ba00000001 7a00000001 61 02", ab},
		"lengths of 64 bits":      {"bb0000000000000002" + cborKeyArgs + "9b0000000000000001 01" + cborKeyKwargs + "bb0000000000000001 7b0000000000000001 61 02", ab},
		"kwargs null":             {"a2" + cborKeyArgs + "81 01" + cborKeyKwargs + "f6", args},
		"kwargs undefined":        {"a2" + cborKeyArgs + "81 01" + cborKeyKwargs + "f7", args},
		"no kwargs":               {"a1" + cborKeyArgs + "81 01", args},
		"both null":               {"a2" + cborKeyArgs + "f6" + cborKeyKwargs + "f6", none},
		"both undefined":          {"a2" + cborKeyArgs + "f7" + cborKeyKwargs + "f7", none},
		"nothing":                 {"a0", none},
		"nothing, indefinite":     {"bf ff", none},
		"uri null":                {"a2 63757269 f6" + cborKeyArgs + "81 01", args},
		"uri undefined":           {"a2 63757269 f7" + cborKeyArgs + "81 01", args},
		"uri":                     {"a2 63757269 65636f6d2e78" + cborKeyArgs + "81 01", cryptobox.NewForeignRecord("com.x", []any{int64(1)}, nil)},
		"unknown keys":            {"a3 6178 82 01 f7" + cborKeyArgs + "81 01 60 bf 6161 9f ff ff", args},
		"undefined within":        {"a2" + cborKeyArgs + "82 f7 81 f7" + cborKeyKwargs + "a1 6161 f7", cryptobox.NewForeignRecord("", []any{nil, []any{nil}}, map[string]any{"a": nil})},
		"half float":              {"a1" + cborKeyArgs + "81 f93e00", float(1.5)},
		"float":                   {"a1" + cborKeyArgs + "81 fa3fc00000", float(1.5)},
		"double":                  {"a1" + cborKeyArgs + "81 fb3ff8000000000000", float(1.5)},
		"float that isn't double": {"a1" + cborKeyArgs + "81 fa3dcccccd", float(float64(float32(0.1)))},
		"half float of a whole":   {"a1" + cborKeyArgs + "81 f94200", float(3)},
		"half -0.0":               {"a1" + cborKeyArgs + "81 f98000", float(math.Copysign(0, -1))},
		"half subnormal":          {"a1" + cborKeyArgs + "81 f90001", float(math.Ldexp(1, -24))},
		"half infinity":           {"a1" + cborKeyArgs + "81 f97c00", float(math.Inf(1))},
		"half NaN":                {"a1" + cborKeyArgs + "81 f97e00", float(math.NaN())},
		"tag 64":                  {"a2" + cborKeyArgs + "81 d840 43010203" + cborKeyKwargs + "a1 6161 d840 40", cryptobox.NewForeignRecord("", []any{[]byte{1, 2, 3}}, map[string]any{"a": []byte{}})},
		"tag 64 of 64 bits":       {"a1" + cborKeyArgs + "81 db0000000000000040 43010203", cryptobox.NewForeignRecord("", []any{[]byte{1, 2, 3}}, nil)},
	} {
		t.Run("cbor "+name, func(t *testing.T) { requireForm(t, c.text, c.want) })
	}
}

// requireForm decodes a record by itself and sealed; with anything behind it,
// it is refused.
func requireForm(t *testing.T, text string, want *cryptobox.ForeignRecord) {
	t.Helper()
	plaintext := unhex(t, text)
	rec, err := decode(t, cryptobox.Passthru, plaintext)
	require.NoError(t, err)
	require.True(t, sameRecord(want, rec), "%s %#v %#v", rec.URI(), rec.Args(), rec.Kwargs())
	for _, tail := range []string{"00", "c0", "f6", "ff", "a0", "80", "d40000"} {
		requireRefused(t, cryptobox.ErrMalformed, cryptobox.Passthru, append(plaintext, unhex(t, tail)...))
	}
}

// TestPassthruEmission: a definite map that has args and kwargs always, null
// for what is missing, under each algorithm of payload passthru mode.
func TestPassthruEmission(t *testing.T) {
	key := cryptobox.GenerateSymmetricKey()
	for _, c := range []interface {
		cryptobox.Cipher
		Open(sealed []byte) ([]byte, error)
	}{secretBox(t, key), aesGCM(t, key)} {
		for text, rec := range map[string]*cryptobox.ForeignRecord{
			"a3 63757269 f6" + cborKeyArgs + "f6" + cborKeyKwargs + "f6":                           cryptobox.NewForeignRecord("", nil, nil),
			"a3 63757269 f6" + cborKeyArgs + "81 01" + cborKeyKwargs + "f6":                        cryptobox.NewForeignRecord("", []any{1}, nil),
			"a3 63757269 f6" + cborKeyArgs + "f6" + cborKeyKwargs + "a1 6161 02":                   cryptobox.NewForeignRecord("", nil, map[string]any{"a": 2}),
			"a3 63757269 65636f6d2e78" + cborKeyArgs + "80" + cborKeyKwargs + "a0":                 cryptobox.NewForeignRecord("com.x", []any{}, map[string]any{}),
			"a3 63757269 f6" + cborKeyArgs + "82 fb3ff8000000000000 420102" + cborKeyKwargs + "f6": cryptobox.NewForeignRecord("", []any{1.5, []byte{1, 2}}, nil),
		} {
			payload, _, err := cryptobox.SealForeign(c, cryptobox.Passthru, rec)
			require.NoError(t, err)
			plaintext, err := c.Open(payload)
			require.NoError(t, err)
			require.Equal(t, unhex(t, text), plaintext)
		}
	}
}
