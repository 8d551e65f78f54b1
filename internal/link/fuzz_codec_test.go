package link_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

func seeds(t testing.TB, add func(serializer string, data []byte)) {
	t.Helper()
	for _, v := range vectors(t) {
		codec := newCodec(t, v.Serializer)
		list := items(t, codec, v.bytes(t))
		add(v.Serializer, v.bytes(t))
		add(v.Serializer, serialized(t, codec, []any{36, 1, 2, list[2], list[4]}))
		add(v.Serializer, serialized(t, codec, []any{8, 48, 2, list[2], "a.b", list[4], nil}))
	}
	for serializer := range serializations {
		for _, list := range plain {
			add(serializer, serialized(t, newCodec(t, serializer), list))
		}
	}
	add("cbor", []byte("\x84\x18\x32\x01\xa0\xd8\x40\x41\x07"))
	add("msgpack", []byte("\x94\x32\x01\x80\xd6\xff\x00\x00\x00\x01"))
}

func TestFuzzSeeds(t *testing.T) {
	read := map[string]int{}
	seeds(t, func(serializer string, data []byte) {
		if msg, err := newCodec(t, serializer).Decode(data); err == nil && msg != nil {
			read[serializer]++
		}
	})
	for serializer := range serializations {
		require.Greater(t, read[serializer], len(plain))
	}
}

// FuzzDecode: whatever a router sends, decoding neither panics nor gives a
// message together with an error, and a message means the same when it is
// written and read again.
func FuzzDecode(f *testing.F) {
	seeds(f, func(serializer string, data []byte) { f.Add(serializer, data) })
	f.Fuzz(func(t *testing.T, serializer string, data []byte) {
		if _, ok := serializations[serializer]; !ok {
			return
		}
		codec := newCodec(t, serializer)
		msg, err := codec.Decode(data)
		if err != nil {
			require.ErrorIs(t, err, link.ErrMessage)
			require.Nil(t, msg)
			return
		}
		if msg == nil {
			return
		}
		if part, ok := wire.PartOf(msg); ok {
			if _, err := wire.Carried(part); err != nil {
				require.ErrorIs(t, err, wire.ErrParts)
				_, err := codec.Encode(msg)
				require.ErrorIs(t, err, link.ErrUnsendable, "a refusal stays here")
				return
			}
		}
		again, err := codec.Encode(msg)
		require.NoError(t, err)
		msg2, err := codec.Decode(again)
		require.NoError(t, err)
		require.Equal(t, reflect.TypeOf(msg), reflect.TypeOf(msg2))
		if a, b := loosely(msg), loosely(msg2); a != b {
			t.Fatalf("%x: %s became %x: %s", data, a, again, b)
		}
	})
}

// loosely prints a message without what serializers don't keep: the kind of a
// number, null against absent, text that is no UTF-8.
func loosely(msg wamp.Message) string {
	v := reflect.ValueOf(msg).Elem()
	text := msg.MessageType().String()
	for i := range v.NumField() {
		field := v.Field(i)
		switch field.Kind() {
		case reflect.Map, reflect.Slice:
			if field.Len() > 0 {
				text += fmt.Sprintf(" %s=%s", v.Type().Field(i).Name, loose(field.Interface()))
			}
		default:
			text += " " + valid(fmt.Sprint(field.Interface()))
		}
	}
	return text
}

func loose(v any) string {
	switch v := v.(type) {
	case uint64:
		return number(float64(v))
	case int64:
		return number(float64(v))
	case float64:
		return number(v)
	case float32:
		return number(float64(v))
	case wire.Raw:
		return fmt.Sprintf("raw %x", []byte(v))
	case []byte:
		return fmt.Sprintf("%x", v)
	case string:
		return fmt.Sprintf("%q", valid(v))
	case time.Time:
		return v.Round(time.Millisecond).UTC().String()
	case wamp.Dict:
		return loose(map[string]any(v))
	case map[string]any:
		dict := map[string]string{} // printed in order
		for name, item := range v {
			dict[valid(name)] = loose(item)
		}
		return fmt.Sprintf("%q", dict)
	case wamp.List:
		return loose([]any(v))
	case []any:
		text := "["
		for _, item := range v {
			text += loose(item) + ","
		}
		return text + "]"
	case codec.RawExt:
		return fmt.Sprintf("ext %d %x %s", v.Tag, v.Data, loose(v.Value))
	}
	return fmt.Sprintf("%v", v)
}

func number(f float64) string {
	if math.IsNaN(f) {
		return "NaN"
	}
	return fmt.Sprintf("%.12g", f+0) // -0 is 0
}

func valid(s string) string { return string([]rune(s)) }
