package message_test

import (
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
}

func TestEntriesAndItems(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		room := make([]message.Entry, 0, 2)
		entries, ok := codec.Entries(raw(t, serializer, wamp.Dict{"a\n": wamp.List{1}, "b": "text"}), room)
		require.True(t, ok)
		got := map[string][]byte{}
		for _, entry := range entries {
			got[string(entry.Key)] = entry.Value
		}
		require.Equal(t, map[string][]byte{"a\n": raw(t, serializer, wamp.List{1}), "b": raw(t, serializer, "text")}, got)
		entries, ok = codec.Entries(raw(t, serializer, wamp.Dict{}), nil)
		require.True(t, ok)
		require.Empty(t, entries)
		for _, other := range []any{wamp.Dict{"a": 1, "b": 2, "c": 3}, wamp.List{}, "text", 1, nil} {
			_, ok = codec.Entries(raw(t, serializer, other), room)
			require.False(t, ok)
		}

		list, ok := codec.Items(raw(t, serializer, wamp.List{wamp.Dict{"k": wamp.List{}}, "text"}), make([][]byte, 0, 2))
		require.True(t, ok)
		require.Equal(t, [][]byte{raw(t, serializer, wamp.Dict{"k": wamp.List{}}), raw(t, serializer, "text")}, list)
		for _, other := range []any{wamp.List{1, 2, 3}, wamp.Dict{}, "text", 1, nil} {
			_, ok = codec.Items(raw(t, serializer, other), make([][]byte, 0, 2))
			require.False(t, ok)
		}
		_, ok = codec.Items(nil, nil)
		require.False(t, ok)
		_, ok = codec.Entries(nil, nil)
		require.False(t, ok)
	}
	for serializer, maps := range map[string][]string{
		"json":    {`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{null:1}`, `{1:1}`, `{"\x":1}`, `{"a":1`, `{"a"}`},
		"msgpack": {"\x82\xa1a\x01\xd9\x01a\x02", "\x81\xc4\x01a\x01", "\x81\x01\x01", "\x81\xc0\x01", "\x81\xa1a"},
		"cbor":    {"\xa2\x61a\x01\x7f\x61a\xff\x02", "\xa1\x41a\x01", "\xa1\x01\x01", "\xa1\xf6\x01", "\xa1\xd9\xd9\xf7\x61a\x01", "\xbf\x61a\x01"},
	} {
		for _, data := range maps {
			_, ok := newCodec(t, serializer).Entries([]byte(data), make([]message.Entry, 0, 8))
			require.False(t, ok, "%s %q", serializer, data)
		}
	}
}

func TestTextAndBinary(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, text := range []string{"", "text", "\"\\/\n\x00é😀", "\x00AAE="} {
			got, ok := codec.TextValue(raw(t, serializer, text))
			require.True(t, ok)
			require.Equal(t, text, string(got))
		}
		for _, other := range []any{1, nil, true, wamp.List{"text"}, wamp.Dict{"text": "text"}} {
			_, ok := codec.TextValue(raw(t, serializer, other))
			require.False(t, ok)
			_, ok = codec.BinaryValue(raw(t, serializer, other))
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
			_, ok = codec.TextValue(raw(t, serializer, b))
			require.False(t, ok)
		}
		_, ok := codec.TextValue(nil)
		require.False(t, ok)
		_, ok = codec.BinaryValue(nil)
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

// TestEntriesOf: the one entry of that name, and nothing beside it.
func TestEntriesOf(t *testing.T) {
	room := make([]message.Entry, 0, 2)
	inner := wamp.Dict{"a": "text"}
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		entries, ok := codec.EntriesOf(raw(t, serializer, wamp.Dict{"enc": inner}), "enc", room)
		require.True(t, ok, serializer)
		require.Equal(t, []message.Entry{{Key: []byte("a"), Value: raw(t, serializer, "text")}}, entries)
		_, ok = codec.EntriesOf(raw(t, serializer, wamp.Dict{"enc": wamp.Dict{}}), "enc", room)
		require.True(t, ok, serializer)
		for name, other := range map[string]any{
			"another name": wamp.Dict{"enk": inner}, "another entry": wamp.Dict{"enc": inner, "x": 1}, "two": wamp.Dict{"enc": inner, "end": inner},
			"no map within": wamp.Dict{"enc": 1}, "list within": wamp.Dict{"enc": wamp.List{}}, "no map": wamp.List{"enc", inner}, "empty": wamp.Dict{}, "nothing": nil,
			"too many": wamp.Dict{"enc": wamp.Dict{"a": 1, "b": 2, "c": 3}},
		} {
			_, ok = codec.EntriesOf(raw(t, serializer, other), "enc", room)
			require.False(t, ok, "%s %s", serializer, name)
		}
		whole := raw(t, serializer, wamp.Dict{"enc": inner})
		for n := range whole {
			_, ok = codec.EntriesOf(whole[:n], "enc", room)
			require.False(t, ok, "%s cut at %d", serializer, n)
		}
		_, ok = codec.EntriesOf(append(whole, whole...), "enc", room)
		require.False(t, ok, "%s: more behind", serializer)
	}
	json := newCodec(t, "json")
	_, ok := json.EntriesOf([]byte(` { "enc" : { "a" : 1 } } `), "enc", room)
	require.False(t, ok, "a raw value has nothing around it")
	_, ok = json.EntriesOf([]byte(`{ "enc" : { "a" : 1 } }`), "enc", room)
	require.True(t, ok)
	_, ok = json.EntriesOf([]byte(`{"enc":{"a":1},"enc":{"a":1}}`), "enc", room)
	require.False(t, ok, "the same name twice")
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
