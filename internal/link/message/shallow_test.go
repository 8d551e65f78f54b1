package message_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// raw is what a serializer makes of a value.
func raw(t testing.TB, serializer string, v any) []byte {
	t.Helper()
	return serialized(t, serializer, v)
}

func TestFlag(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		require.True(t, codec.Flag(raw(t, serializer, wamp.Dict{"progress": true, "x": wamp.List{"progress", wamp.Dict{"y": 1}}}), "progress"))
		for name, details := range map[string]any{
			"false": wamp.Dict{"progress": false}, "one": wamp.Dict{"progress": 1}, "text": wamp.Dict{"progress": "true"}, "null": wamp.Dict{"progress": nil}, "absent": wamp.Dict{"progres": true, "progresss": true},
			"deep": wamp.Dict{"x": wamp.Dict{"progress": true}}, "value": wamp.Dict{"x": "progress", "y": true}, "empty": wamp.Dict{}, "no dict": wamp.List{"progress", true}, "nothing": nil,
		} {
			require.False(t, codec.Flag(raw(t, serializer, details), "progress"), "%s %s", serializer, name)
		}
		require.False(t, codec.Flag(nil, "progress"))
	}
	for serializer, details := range map[string]map[string]bool{
		"json": {
			`{"a":false,"a":true}`: true, `{"a":true,"a":false}`: false, `{"a":true,"a":null}`: false, ` { "\u0061" : true } `: true, `{"a":true`: false, `{"a":truefalse}`: false, `{"b":NaN,"a":true}`: true, `{1:2,"a":true}`: false,
		},
		"msgpack": {"\x82\xa1a\xc2\xa1a\xc3": true, "\x82\xa1a\xc3\xa1a\xc2": false, "\x81\xc4\x01a\xc3": true, "\x81\xd9\x01a\xc3": true, "\x82\xa1a\xc3": false, "\x82\x01\x01\xa1a\xc3": false},
		"cbor":    {"\xa2\x61a\xf4\x61a\xf5": true, "\xa2\x61a\xf5\x61a\xf4": false, "\xbf\x7f\x61a\xff\xf5\xff": true, "\xbf\x61a\xf5": false, "\xa1\x41a\xf5": true, "\xa1\x61a\xc6\xf5": false},
	} {
		for data, want := range details {
			require.Equal(t, want, newCodec(t, serializer).Flag([]byte(data), "a"), "%s %q", serializer, data)
		}
	}
	for data, want := range map[string]bool{"\xa1\x7f\x61c\x61d\xff\xf5": true, "\xa1\x5f\x41c\x41d\xff\xf5": true, "\xa1\x62cd\xf5": true, "\xa1\x62dc\xf5": false} {
		require.Equal(t, want, newCodec(t, "cbor").Flag([]byte(data), "cd"), "%q", data)
	}
}

func TestItems(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		list, ok := codec.Items(raw(t, serializer, wamp.List{wamp.Dict{"k": wamp.List{}}, "text"}), make([][]byte, 0, 2))
		require.True(t, ok)
		require.Equal(t, [][]byte{raw(t, serializer, wamp.Dict{"k": wamp.List{}}), raw(t, serializer, "text")}, list)
		for _, other := range []any{wamp.List{1, 2, 3}, wamp.Dict{}, "text", 1, nil} {
			_, ok = codec.Items(raw(t, serializer, other), make([][]byte, 0, 2))
			require.False(t, ok)
		}
		_, ok = codec.Items(nil, nil)
		require.False(t, ok)
	}
}

func TestBinary(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, other := range []any{1, nil, true, wamp.List{"text"}, wamp.Dict{"text": "text"}} {
			_, ok := codec.BinaryValue(raw(t, serializer, other))
			require.False(t, ok)
		}
		for text, want := range map[string][]byte{"\x00": {}, "\x00AQI=": {1, 2}} {
			got, ok := codec.BinaryValue(raw(t, serializer, text))
			require.True(t, ok)
			require.Equal(t, want, got)
		}
		for _, text := range []string{"", "text", "AQI=", "\x00AQI", "\x00AQJ=", "\x00AQI=!", "\x00\x00AQI=", "\x00-_-_"} {
			_, ok := codec.BinaryValue(raw(t, serializer, text))
			require.False(t, ok, "%q", text)
		}
		for _, b := range [][]byte{{}, {0, 0xff}} {
			if serializer == "json" {
				continue // it has none
			}
			got, ok := codec.BinaryValue(raw(t, serializer, b))
			require.True(t, ok)
			require.Equal(t, b, got)
		}
		_, ok := codec.BinaryValue(nil)
		require.False(t, ok)
	}
	for data, want := range map[string]string{"\xd8\x40\x42ab": "ab", "\x5f\x41a\x41b\xff": "ab", "\xd8\x40\x5f\x41a\x41b\xff": "ab", "\xd9\xd9\xf7\x42ab": "ab", "\x7f\x61\x00\x64QUI=\xff": "AB"} {
		got, ok := newCodec(t, "cbor").BinaryValue([]byte(data))
		require.True(t, ok, "%q", data)
		require.Equal(t, want, string(got))
		p := read(t, newCodec(t, "cbor"), []byte(data))
		require.NoError(t, p.Err)
		require.Equal(t, data, string(p.Args))
	}
	for _, data := range []string{"\xd8\x41\x42ab", "\xd8\x40\x62ab", "\xd8\x40\x82\x01\x02", "\xd8\x40\xd8\x40\x41a"} {
		_, ok := newCodec(t, "cbor").BinaryValue([]byte(data))
		require.False(t, ok, "%q", data)
		require.Error(t, read(t, newCodec(t, "cbor"), []byte(data)).Err)
	}
	got, ok := newCodec(t, "json").BinaryValue([]byte(` "\u0000\/\/\/\u002f"`))
	require.True(t, ok, "escapes in base64")
	require.Equal(t, []byte{0xff, 0xff, 0xff}, got)
}

// TestNothingIsKept: values share nothing with the data that they were read from.
func TestNothingIsKept(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		data := serialized(t, serializer, plain["INVOCATION"])
		var in message.In
		_, err := codec.Read(data, &in)
		require.NoError(t, err)
		got := whole(t, codec, &in)
		before, err := json.Marshal(got)
		require.NoError(t, err)
		for i := range data {
			data[i] = 0xff
		}
		after, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
}

// TestOnly: the one entry of that name, and nothing beside it.
func TestOnly(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, v := range []any{"text", []byte{1}, wamp.Dict{"a": wamp.List{}}, wamp.List{}, 1, nil} {
			value, ok := codec.Only(raw(t, serializer, wamp.Dict{"enc": v}), "enc")
			require.True(t, ok, serializer)
			require.Equal(t, raw(t, serializer, v), value)
		}
		for name, other := range map[string]any{
			"another name": wamp.Dict{"enk": "text"}, "another entry": wamp.Dict{"enc": "text", "x": 1}, "two": wamp.Dict{"enc": "text", "end": "text"},
			"no map": wamp.List{"enc", "text"}, "text": "enc", "empty": wamp.Dict{}, "nothing": nil,
		} {
			_, ok := codec.Only(raw(t, serializer, other), "enc")
			require.False(t, ok, "%s %s", serializer, name)
		}
		for _, v := range []any{"text", wamp.List{1}} {
			whole := raw(t, serializer, wamp.Dict{"enc": v})
			for n := range whole {
				_, ok := codec.Only(whole[:n], "enc")
				require.False(t, ok, "%s cut at %d", serializer, n)
			}
			_, ok := codec.Only(append(whole, whole...), "enc")
			require.False(t, ok, "%s: more behind", serializer)
		}
	}
	for data, want := range map[string]bool{
		` { "enc" : { "a" : 1 } } `: false, // a raw value has nothing around it
		`{ "enc" : { "a" : 1 } }`:   true, `{"\u0065nc":1}`: true, `{"enc":1,"enc":1}`: false, `{"enc":1,"x"}`: false, `{1:1}`: false, `{"\x":1}`: false, `{"enc"}`: false,
	} {
		_, ok := newCodec(t, "json").Only([]byte(data), "enc")
		require.Equal(t, want, ok, data)
	}
	for data, want := range map[string]bool{
		"\xbf\x63enc\x41a\xff": true, "\xa1\x7f\x61e\x62nc\xff\x41a": true, "\xbf\x63enc\x5f\x41a\x41b\xff\xff": true, "\xbf\x63enc\x41a": false,
		"\xa1\x43enc\x41a":             true, // as nexus reads it
		"\xa1\xd9\xd9\xf7\x63enc\x41a": false, "\xa2\x63enc\x41a\x63enc\x41a": false, "\xbf\x63enc\x41a\x63enc\x41a\xff": false,
	} {
		_, ok := newCodec(t, "cbor").Only([]byte(data), "enc")
		require.Equal(t, want, ok, "%q", data)
	}
}

// TestBinaryOf: what tells its size before it is there is written as what is there already.
func TestBinaryOf(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, size := range []int{0, 1, 2, 3, 57, 255, 256, 70_000} {
			b := bytes.Repeat([]byte{0xa7}, size)
			for _, room := range []int{0, 8, 1 << 20} {
				got := codec.AppendBinaryOf(append(make([]byte, 0, room), "frame"...), size, func(dst []byte) []byte { return append(dst, b...) })
				require.Equal(t, codec.AppendBinary([]byte("frame"), b), got, "%s %d", serializer, size)
			}
		}
	}
}

// TestBinaryWithEscapes: however JSON writes the NUL and the base64, it is the same.
func TestBinaryWithEscapes(t *testing.T) {
	codec := newCodec(t, "json")
	for text, want := range map[string]string{
		`"\u0000aGk="`: "hi", `"\u0000\u0061Gk="`: "hi", `"\u0000aG\u006b="`: "hi", `"\u0000"`: "", `"\u0000/+8="`: "\xff\xef", `"\u0000\/+8="`: "\xff\xef",
	} {
		got, ok := codec.BinaryValue([]byte(text))
		require.True(t, ok, text)
		require.NotNil(t, got)
		require.Equal(t, want, string(got), text)
	}
	for _, text := range []string{`"\u0000aGk"`, `"\u0000aGk=="`, `"\u0000aG k="`, `"\u0000aGl="`, `"\u0001aGk="`, `"aGk="`, `"\u0000aGk=`, `"\u0000`, `"\u0000aGk=\"`} {
		_, ok := codec.BinaryValue([]byte(text))
		require.False(t, ok, text)
	}
}
