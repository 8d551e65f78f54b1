package message_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// event wraps raw arguments into an EVENT.
func event(serializer string, args []byte) []byte {
	switch serializer {
	case "json":
		return append(append([]byte(`[36,1,2,{},`), args...), ']')
	case "cbor":
		return append([]byte("\x85\x18\x24\x01\x02\xa0"), args...)
	}
	return append([]byte("\x95\x24\x01\x02\x80"), args...)
}

// read returns the payload of an EVENT with raw arguments.
func read(t testing.TB, codec *message.Codec, args []byte) *message.Payload {
	t.Helper()
	var in message.In
	ok, err := codec.Read(event(codec.Name(), args), &in)
	require.NoError(t, err)
	require.True(t, ok)
	return &in.Payload
}

// ordinary reports whether keys in a value are text, and none is there twice. With
// others nexus does what this package's comment tells.
func ordinary(codec *message.Codec, raw []byte) bool {
	for codec.Name() == "cbor" && raw[0]>>5 == 6 { // a tag
		size := map[byte]int{0xd8: 2, 0xd9: 3, 0xda: 5, 0xdb: 9}[raw[0]]
		raw = raw[max(size, 1):]
	}
	if list, ok := codec.Items(raw, make([][]byte, 0, len(raw))); ok {
		for _, item := range list {
			if !ordinary(codec, item) {
				return false
			}
		}
		return true
	}
	values, ok := codec.Entries(raw)
	for _, value := range values {
		if !ordinary(codec, value) {
			return false
		}
	}
	return ok || !isMap(codec.Name(), raw)
}

func isMap(serializer string, raw []byte) bool {
	switch serializer {
	case "json":
		return raw[0] == '{'
	case "cbor":
		return raw[0]>>5 == 5
	}
	return raw[0]>>4 == 8 || raw[0] == 0xde || raw[0] == 0xdf
}

// stricter reports whether nexus may decode what can't be decoded here, as this
// package's comment tells.
func stricter(serializer string, raw []byte) bool {
	switch serializer {
	case "json":
		return !json.Valid(raw) || strings.Contains(strings.ToLower(string(raw)), `\ud`)
	case "cbor":
		for _, c := range raw {
			if c == 0x3b || c >= 0xc0 && c <= 0xdb {
				return true
			}
		}
	}
	return false
}

// requireParity demands of raw arguments what nexus makes of them. It reports whether
// there were values to compare.
func requireParity(t testing.TB, codec *message.Codec, p *message.Payload) bool {
	t.Helper()
	args, _, err := codec.Values(&message.Payload{Args: p.Args})
	if err != nil {
		require.ErrorIs(t, err, message.ErrPayload)
		require.Nil(t, args)
	}
	if b, ok := codec.BinaryValue(p.Args); ok {
		require.NotNil(t, b)
		require.Error(t, err)
		return false
	}
	if !ordinary(codec, p.Args) {
		return false
	}
	var want []any
	nexusErr := nexus[codec.Name()].DeserializeDataItem(p.Args, &want)
	switch {
	case err != nil && nexusErr != nil:
		return false
	case err != nil:
		require.True(t, stricter(codec.Name(), p.Args), "%x %q: nexus reads %#v", p.Args, p.Args, want)
		return false
	}
	require.NoError(t, nexusErr, "%x %q: read as %#v", p.Args, p.Args, args)
	if !same(want, []any(args)) {
		t.Fatalf("%x %q: nexus reads\n%#v, not\n%#v", p.Args, p.Args, want, args)
	}
	return true
}

// same is as reflect.DeepEqual, and NaN is NaN.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	switch a := a.(type) {
	case float64:
		b := b.(float64)
		return a == b || a != a && b != b
	case []any:
		b := b.([]any)
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b := b.(map[string]any)
		if len(a) != len(b) {
			return false
		}
		for key := range a {
			item, ok := b[key]
			if !ok || !same(a[key], item) {
				return false
			}
		}
		return true
	}
	v := reflect.ValueOf(a)
	return v.Kind() == reflect.Struct && v.FieldByName("Tag").IsValid() &&
		v.FieldByName("Tag").Uint() == reflect.ValueOf(b).FieldByName("Tag").Uint() &&
		same(v.FieldByName("Value").Interface(), reflect.ValueOf(b).FieldByName("Value").Interface())
}

// peculiar are single values, each the only item of a list, that serializers read in
// their own ways.
var peculiar = map[string][]string{
	"json": {
		"0", "-0", "1", "-1", "255", "256", "999999999999999999", "1000000000000000000", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e3", "1E+3", "1.0", "-1.5e-7", "1e400", "0.1", "123456789012345678901234567890",
		`""`, `"a"`, `"\u0061"`, `"\u00e9\n\t\r\b\f\/\\\""`, `"\ud83d\ude00"`, `"\ud83d\u0041"`, `"\udc00\udc00"`, `"\ud83dabcdefgh"`, `"\uFFFD"`, `"\uZZZZ"`, `"\'"`, "\"\xff\xfe\"", "\"\x01\"", `"\x"`, `"\u12"`,
		`"\ud83d"`, `"\ud83dab\"cdef"`, `"\ud83d\n1234567"`, `"\ud83dabcde\\x"`, `"\ud83d\u00\"z"`, `"\u0\0\""`, `"\ud83dabcde\"x"`,
		"null", "true", "false", "nul", "True", "NaN", "Infinity", "-Infinity", "-", "+1", "01", "1.", ".5", "1.2.3", "--1", "truefalse", "1 2", "[1,]", "[,]", "[1}", `{"a":}`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `{1:2}`, `{"a":1}`,
		" [ 1 , 2 ] ", ` { "a" : 1 , "b" : [ ] } `, "[]", "{}", "[[[]]]", `{"":{"":[]}}`, `{null:1}`, "\x00", "\v1", "'a'",
	},
	"msgpack": {
		"\x00", "\x7f", "\xe0", "\xff", "\xcc\xff", "\xcd\xff\xff", "\xce\xff\xff\xff\xff", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "\xd0\x80", "\xd1\x80\x00", "\xd2\x80\x00\x00\x00", "\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "\xd0\x05",
		"\xca\x3f\x80\x00\x00", "\xca\x7f\xc0\x00\x00", "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", "\xcb\x7f\xf0\x00\x00\x00\x00\x00\x01", "\xc0", "\xc1", "\xc2", "\xc3", "\xa0", "\xa1a", "\xa2\xff\xfe", "\xd9\x01a", "\xda\x00\x01a", "\xdb\x00\x00\x00\x01a",
		"\xc4\x00", "\xc4\x01a", "\xc5\x00\x01a", "\xc6\x00\x00\x00\x01a", "\x90", "\xdc\x00\x00", "\xdd\x00\x00\x00\x01\x01", "\x80", "\xde\x00\x00", "\xdf\x00\x00\x00\x01\xa1a\x01",
		"\x81\x01\x02", "\x81\xc0\x02", "\x81\xc4\x01a\x02", "\x81\x91\x61\x02", "\x81\xc3\x01", "\x81\xcb\x00\x00\x00\x00\x00\x00\x00\x00\x01",
		"\xd4\x05a", "\xd5\x05ab", "\xd6\x05abcd", "\xd7\x05abcdefgh", "\xd8\x05abcdefghabcdefgh", "\xc7\x00\x05", "\xc7\x01\x05a", "\xc8\x00\x01\x05a", "\xc9\x00\x00\x00\x01\x05a",
		"\xd6\xff\x00\x00\x00\x01", "\xd7\xff\x00\x00\x00\x04\x00\x00\x00\x01", "\xc7\x0c\xff\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff", "\xd4\xff\x01", "\xd7\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	},
	"cbor": {
		"\x00", "\x17", "\x18\x18", "\x19\x01\x00", "\x1a\x00\x01\x00\x00", "\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "\x20", "\x38\xff", "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", "\x3b\x80\x00\x00\x00\x00\x00\x00\x00", "\x3b\xff\xff\xff\xff\xff\xff\xff\xff", "\x1c", "\x1f", "\x3f",
		"\x40", "\x41a", "\x5f\xff", "\x5f\x41a\x41b\xff", "\x5f\x61a\xff", "\x5f\x5f\xff\xff", "\x60", "\x61a", "\x62\xff\xfe", "\x7f\xff", "\x7f\x61a\x61b\xff", "\x7f\x41a\xff", "\x7f\x61\xff\xff",
		"\x80", "\x81\x01", "\x9f\xff", "\x9f\x01\x02\xff", "\x9f\x9f\x01\xff\x9f\xff\xff", "\xa0", "\xa1\x61a\x01", "\xbf\xff", "\xbf\x61a\x01\xff", "\xbf\x61a\xff", "\xa1\x01\x02", "\xa1\x41a\x01", "\xa1\xf6\x01", "\xa1\xf7\x01", "\xa1\x7f\x61a\x61b\xff\x01", "\xa1\x5f\x41a\xff\x01", "\xa1\x81\x61\x01", "\xa1\xf5\x01", "\xa1\x20\x01",
		"\xf4", "\xf5", "\xf6", "\xf7", "\xf0", "\xe0", "\xf8\x20", "\xff", "\xf9\x3c\x00", "\xf9\x7c\x00", "\xf9\xfc\x00", "\xf9\x7e\x00", "\xf9\x00\x01", "\xf9\x80\x00", "\xf9\x83\xff", "\xfa\x3f\x80\x00\x00", "\xfa\x7f\xc0\x00\x00", "\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00", "\xfc", "\xfd",
		"\xc0\x742013-03-21T20:04:00Z", "\xc0\x542013-03-21T20:04:00Z", "\xc0\x61a", "\xc0\x01", "\xc0\xf6", "\xc1\x01", "\xc1\x20", "\xc1\xfb\x41\xd4\x52\xd9\xec\x20\x00\x00", "\xc1\xf6", "\xc1\x61a", "\xc1\xc1\x01", "\xc1\xf9\x7e\x00",
		"\xc2\x42\x01\x00", "\xc3\x42\x01\x00", "\xc2\x40", "\xc2\xf6", "\xc2\x61\x01", "\xc2\x81\x01", "\xc2\x5f\x41\x01\xff", "\xc4\x82\x20\x0b", "\xc5\x82\x20\x0b", "\xc4\x52\x20\x0b", "\xc6\x01", "\xd8\x40\x41a", "\xd8\x40\x81\x01", "\xd8\x20\xf6", "\xd9\xd9\xf7\x01", "\xd9\xd9\xf7\x81\x01", "\xd9\xd9\xf7\xa1\x61a\x01", "\xd9\xd9\xf7\xd9\xd9\xf7\xf6", "\xc6\xc6\xa1\x61a\x9f\x01\xff", "\xda\x00\x01\x00\x00\x01", "\xdb\x00\x00\x00\x01\x00\x00\x00\x00\x01", "\xdf", "\xa1\xd9\xd9\xf7\x61a\x01", "\xc1\xd9\xd9\xf7\x01", "\xd9\xd9\xf7\xc1\x01",
	},
}

// listOf puts a value into a list.
func listOf(serializer, value string) []byte {
	switch serializer {
	case "json":
		return []byte("[" + value + "]")
	case "cbor":
		return []byte("\x81" + value)
	}
	return []byte("\x91" + value)
}

// TestPeculiarValues: single values mean what they mean to nexus.
func TestPeculiarValues(t *testing.T) {
	for serializer, list := range peculiar {
		codec := newCodec(t, serializer)
		compared := 0
		for _, value := range list {
			t.Run(serializer+" "+value, func(t *testing.T) {
				p := read(t, codec, listOf(serializer, value))
				if p.Err != nil {
					require.ErrorIs(t, p.Err, message.ErrPayload)
					require.False(t, json.Valid([]byte(value)))
					return
				}
				if requireParity(t, codec, p) {
					compared++
				}
			})
		}
		require.Greater(t, compared, len(list)/3, serializer)
	}
}

// Every half float.
func TestHalfFloats(t *testing.T) {
	codec := newCodec(t, "cbor")
	for bits := range 1 << 16 {
		require.True(t, requireParity(t, codec, read(t, codec, []byte{0x81, 0xf9, byte(bits >> 8), byte(bits)})))
	}
}
