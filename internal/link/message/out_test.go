package message_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

type named struct {
	Text   string `codec:"text"`
	Number int
}

type textual struct{ text string }

func (v textual) MarshalText() ([]byte, error) { return []byte(v.text), nil }
func (v *textual) UnmarshalText(b []byte) error {
	v.text = string(b)
	return nil
}

type (
	namedText  string
	namedBytes []byte
	namedMap   map[string]any
)

var number, text = 7, "pointed to"

// written are values of every kind that applications send. Maps have one entry, since
// others have no order.
var written = wamp.List{
	nil, true, false, 0, 1, -1, 23, 24, 31, 32, 127, 128, 255, 256, -32, -33, -128, -129, -32768, -32769, 32767, 32768, 65535, 65536, int64(1 << 31), 1<<31 - 1, -1 << 31, int64(-1<<31 - 1), int64(1 << 32), int64(1 << 53),
	int8(-5), int16(300), int32(-70000), int64(-1) << 63, uint(7), uint8(200), uint16(60000), uint32(1 << 31), uint64(1) << 63, ^uint64(0), uintptr(9),
	0.0, 1.0, -1.0, 1.5, 0.1, 1e-7, float64(1<<52 - 1), float64(1 << 52), float64(1 << 53), 1e20, 1e21, 1e300, -2.5e-10, 123456789.0, float32(0.1), float32(2),
	"", "text é\"\\\n", "a/b<c>&d'", "\x00\x01\x1f\x7f\b\f\t\r", "\xff\xfe half \xe2\x80", "\u2028\u2029😀", strings.Repeat("long", 20), strings.Repeat("longer", 100), strings.Repeat("very long", 10_000),
	[]byte(nil), []byte{}, []byte{0, 0xff}, make([]byte, 40), make([]byte, 300), make([]byte, 70_000), serialize.BinaryData(nil), serialize.BinaryData{}, serialize.BinaryData{0xfb, 0xff}, &serialize.BinaryData{1}, (*serialize.BinaryData)(nil),
	wamp.Dict(nil), map[string]any(nil), wamp.List(nil), []any(nil), wamp.Dict{}, wamp.List{}, wamp.Dict{"k": wamp.List{wamp.Dict{"\"": nil}}}, map[string]any{"k": []any{1, "two"}}, wamp.URI("a.b"), wamp.ID(1 << 53), make([]any, 16), make([]any, 300), make(wamp.List, 70_000),
	[]string{"a"}, []int{1, 2}, []map[string]int{{"a": 1}}, map[string]string{"a": "b"}, map[int]string{1: "b"}, map[wamp.URI]any{"a": 1}, [3]byte{1, 2, 3}, [2]string{"a", "b"},
	named{"t", 7}, &named{"t", 7}, []named{{"t", 7}}, textual{"as text"}, &textual{"as text"}, namedText("n"), namedBytes{1}, namedMap{"a": 1}, time.Unix(1, 5000).UTC(), time.Time{}, time.Second, &number, &text, (*int)(nil), (*named)(nil),
}

// TestWrittenAsNexus: what nexus writes is written in the same bytes.
func TestWrittenAsNexus(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, v := range written {
			want := serialized(t, serializer, []any{int(wamp.YIELD), wamp.ID(3), map[string]any{}, []any{v}})
			got, err := codec.Append(nil, &message.Out{Type: wamp.YIELD, Request: 3, Args: wamp.List{v}})
			require.NoError(t, err)
			require.Equal(t, want, got, "%s %T %v", serializer, v, v)
			want = serialized(t, serializer, []any{int(wamp.CALL), wamp.ID(3), map[string]any{"o": v}, "a.b", []any{}, map[string]any{"k": v}})
			got, err = codec.Append(nil, &message.Out{Type: wamp.CALL, Request: 3, URI: "a.b", Options: wamp.Dict{"o": v}, Kwargs: wamp.Dict{"k": v}})
			require.NoError(t, err)
			require.Equal(t, want, got, "%s %T %v", serializer, v, v)
		}
	}
}

// outs are messages beside what nexus has for them.
var outs = []struct {
	out  message.Out
	want wamp.Message
}{
	{message.Out{Type: wamp.HELLO, URI: "realm1", Options: wamp.Dict{"roles": wamp.Dict{}}}, &wamp.Hello{Realm: "realm1", Details: wamp.Dict{"roles": wamp.Dict{}}}},
	{message.Out{Type: wamp.AUTHENTICATE, URI: "signature"}, &wamp.Authenticate{Signature: "signature", Extra: wamp.Dict{}}},
	{message.Out{Type: wamp.ABORT, URI: "a.b"}, &wamp.Abort{Details: wamp.Dict{}, Reason: "a.b"}},
	{message.Out{Type: wamp.GOODBYE, URI: "a.b", Options: wamp.Dict{"message": "m"}}, &wamp.Goodbye{Details: wamp.Dict{"message": "m"}, Reason: "a.b"}},
	{message.Out{Type: wamp.SUBSCRIBE, Request: 10, URI: "a.b"}, &wamp.Subscribe{Request: 10, Options: wamp.Dict{}, Topic: "a.b"}},
	{message.Out{Type: wamp.UNSUBSCRIBE, Request: 10, ID: 1 << 53}, &wamp.Unsubscribe{Request: 10, Subscription: 1 << 53}},
	{message.Out{Type: wamp.PUBLISH, Request: 1 << 53, URI: "a.b", Options: wamp.Dict{"acknowledge": true}, Args: wamp.List{1}}, &wamp.Publish{Request: 1 << 53, Options: wamp.Dict{"acknowledge": true}, Topic: "a.b", Arguments: wamp.List{1}}},
	{message.Out{Type: wamp.PUBLISH, Request: 1, URI: "a.b"}, &wamp.Publish{Request: 1, Options: wamp.Dict{}, Topic: "a.b"}},
	{message.Out{Type: wamp.REGISTER, Request: 10, URI: "a.b"}, &wamp.Register{Request: 10, Options: wamp.Dict{}, Procedure: "a.b"}},
	{message.Out{Type: wamp.UNREGISTER, Request: 10, ID: 300}, &wamp.Unregister{Request: 10, Registration: 300}},
	{message.Out{Type: wamp.CALL, Request: 2, URI: "a.b", Args: wamp.List{}, Kwargs: wamp.Dict{"k": 1}}, &wamp.Call{Request: 2, Options: wamp.Dict{}, Procedure: "a.b", Arguments: wamp.List{}, ArgumentsKw: wamp.Dict{"k": 1}}},
	{message.Out{Type: wamp.CALL, Request: 2, URI: "a.b", Kwargs: wamp.Dict{"k": 1}}, &wamp.Call{Request: 2, Options: wamp.Dict{}, Procedure: "a.b", Arguments: wamp.List{}, ArgumentsKw: wamp.Dict{"k": 1}}},
	{message.Out{Type: wamp.CALL, Request: 2, URI: "a.b", Args: wamp.List{}, Kwargs: wamp.Dict{}}, &wamp.Call{Request: 2, Options: wamp.Dict{}, Procedure: "a.b", Arguments: wamp.List{}, ArgumentsKw: wamp.Dict{}}},
	{message.Out{Type: wamp.CANCEL, Request: 11, Options: wamp.Dict{"mode": "kill"}}, &wamp.Cancel{Request: 11, Options: wamp.Dict{"mode": "kill"}}},
	{message.Out{Type: wamp.YIELD, Request: 3, Options: wamp.Dict{"progress": true}, Args: wamp.List{"a", nil}}, &wamp.Yield{Request: 3, Options: wamp.Dict{"progress": true}, Arguments: wamp.List{"a", nil}}},
	{message.Out{Type: wamp.ERROR, Answers: wamp.INVOCATION, Request: 4, URI: "a.b", Args: wamp.List{1}, Kwargs: wamp.Dict{"k": 1}}, &wamp.Error{Type: wamp.INVOCATION, Request: 4, Details: wamp.Dict{}, Error: "a.b", Arguments: wamp.List{1}, ArgumentsKw: wamp.Dict{"k": 1}}},
}

func TestEveryMessageOfAClient(t *testing.T) {
	seen := map[wamp.MessageType]bool{}
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, tt := range outs {
			want, err := nexus[serializer].Serialize(tt.want)
			require.NoError(t, err)
			got, err := codec.Append([]byte("before"), &tt.out)
			require.NoError(t, err)
			require.Equal(t, "before"+string(want), string(got), "%s %s", serializer, tt.out.Type)
			seen[tt.out.Type] = true
		}
		for _, other := range []wamp.MessageType{-1, 0, 2, 17, 36, 50, 68, 71, 1000} {
			b, err := codec.Append([]byte("before"), &message.Out{Type: other})
			require.ErrorIs(t, err, message.ErrUnsendable)
			require.Equal(t, "before", string(b))
		}
	}
	require.Len(t, seen, 13)
}

// TestRawInEveryMessage: where binary data lies in each message.
func TestRawInEveryMessage(t *testing.T) {
	for kind, want := range map[wamp.MessageType]string{
		wamp.PUBLISH: `[16,1,{},"a.b","\u0000/gAB"]`,
		wamp.CALL:    `[48,1,{},"a.b","\u0000/gAB"]`,
		wamp.YIELD:   `[70,1,{},"\u0000/gAB"]`,
		wamp.ERROR:   `[8,48,1,{},"a.b","\u0000/gAB"]`,
	} {
		t.Run(kind.String(), func(t *testing.T) {
			m := &message.Out{Type: kind, Request: 1, URI: "a.b", Answers: 48, Raw: []byte{0xfe, 0, 1}, Args: wamp.List{"ignored"}, Kwargs: wamp.Dict{"ignored": 1}}
			data, err := newCodec(t, "json").Append(nil, m)
			require.NoError(t, err)
			require.Equal(t, want, string(data))
			for _, binary := range []string{"msgpack", "cbor"} {
				data, err := newCodec(t, binary).Append(nil, m)
				require.NoError(t, err)
				list := items(t, binary, data)
				require.Equal(t, []byte{0xfe, 0, 1}, list[len(list)-1])
				require.Len(t, list, strings.Count(want, ",")+1)
			}
			m.Raw = []byte{}
			data, err = newCodec(t, "json").Append(nil, m)
			require.NoError(t, err)
			require.Contains(t, string(data), `,"\u0000"]`, "none is still binary data")
		})
	}
}

// TestExtensions: an application's extension for nexus's own type works in arguments,
// both ways, and changes nothing for binary data in their place.
func TestExtensions(t *testing.T) {
	encode := func(v reflect.Value) ([]byte, error) { return v.Bytes(), nil }
	decode := func(v reflect.Value, b []byte) error {
		if string(b) == "\xff" {
			panic("secret")
		}
		v.Elem().SetBytes(b)
		return nil
	}
	serialize.InitMsgpackHandle()
	t.Cleanup(serialize.InitMsgpackHandle)
	require.NoError(t, serialize.MsgpackRegisterExtension(reflect.TypeFor[serialize.BinaryData](), 42, encode, decode))
	codec := newCodec(t, "msgpack")

	data, err := codec.Append(nil, &message.Out{Type: wamp.YIELD, Request: 1, Raw: []byte{7}})
	require.NoError(t, err)
	require.Equal(t, []byte{0x94, 70, 1, 0x80, 0xc4, 1, 7}, data, "plain binary data")
	for args, want := range map[string][]byte{"\xd4\x2a\x07": {7}, "\xc7\x00\x2a": {}} {
		p := read(t, codec, []byte(args))
		require.NoError(t, p.Err)
		got, ok := codec.BinaryValue(p.Args)
		require.True(t, ok)
		require.Equal(t, want, got)
	}
	require.Error(t, read(t, codec, []byte("\xd4\x2b\x07")).Err, "another extension")

	data, err = codec.Append(nil, &message.Out{Type: wamp.YIELD, Request: 1, Args: wamp.List{wamp.Dict{"k": wamp.List{serialize.BinaryData{7}}}}})
	require.NoError(t, err)
	require.Equal(t, []byte("\x94\x46\x01\x80\x91\x81\xa1k\x91\xd4\x2a\x07"), data)
	payload := read(t, codec, []byte{0x91, 0xd4, 42, 7})
	args, _, err := codec.Values(payload)
	require.NoError(t, err)
	clear(payload.Args) // as a buffer that is used again
	require.Equal(t, wamp.List{serialize.BinaryData{7}}, args)
	_, _, err = codec.Values(read(t, codec, []byte{0x91, 0xd4, 42, 0xff}))
	require.ErrorIs(t, err, message.ErrPayload)
	require.NotContains(t, err.Error(), "secret")
}

type explosive struct{}

func (explosive) MarshalJSON() ([]byte, error)   { panic("secret") }
func (explosive) MarshalBinary() ([]byte, error) { panic("secret") }
func (explosive) UnmarshalBinary(_ []byte) error { return nil }
func (explosive) UnmarshalJSON(_ []byte) error   { return nil }

// everyError says that it is every error.
type everyError struct{}

func (everyError) Error() string                  { return "secret" }
func (everyError) Is(error) bool                  { return true }
func (everyError) MarshalJSON() ([]byte, error)   { return nil, everyError{} }
func (everyError) UnmarshalJSON([]byte) error     { return nil }
func (everyError) MarshalBinary() ([]byte, error) { return nil, everyError{} }
func (everyError) UnmarshalBinary([]byte) error   { return nil }

type failing struct{}

func (failing) MarshalJSON() ([]byte, error)   { return nil, errors.New("secret") }
func (failing) UnmarshalJSON(_ []byte) error   { return nil }
func (failing) MarshalBinary() ([]byte, error) { return nil, errors.New("secret") }
func (failing) UnmarshalBinary(_ []byte) error { return nil }

// TestUnsendable: what can't be written leaves nothing behind, in the buffer, in the
// error or in the next message.
func TestUnsendable(t *testing.T) {
	circle := wamp.Dict{}
	circle["secret"] = wamp.Dict{"secret": circle}
	ring := wamp.List{nil}
	ring[0] = ring
	for name, bad := range map[string]any{
		"complex": 1i, "complex deep": wamp.List{wamp.Dict{"secret": 1i}}, "failing": failing{}, "every error": everyError{}, "panicking": explosive{}, "panicking in a list": []explosive{{}}, "circle": circle, "ring": ring,
	} {
		for serializer := range serializations {
			t.Run(serializer+" "+name, func(t *testing.T) {
				codec := newCodec(t, serializer)
				for _, m := range []message.Out{
					{Type: wamp.CALL, Args: wamp.List{"secret", bad}}, {Type: wamp.CALL, Kwargs: wamp.Dict{"secret": bad}}, {Type: wamp.SUBSCRIBE, Options: wamp.Dict{"secret": bad}},
				} {
					b, err := codec.Append([]byte("before"), &m)
					require.ErrorIs(t, err, message.ErrUnsendable)
					require.NotErrorIs(t, err, message.ErrTooLarge)
					require.NotContains(t, err.Error(), "secret")
					require.Equal(t, "before", string(b))
				}
				whole := &message.Out{Type: wamp.CALL, Request: 1, URI: "a.b", Args: wamp.List{named{"t", 7}}}
				got, err := codec.Append(nil, whole)
				require.NoError(t, err)
				want, err := nexus[serializer].Serialize(&wamp.Call{Request: 1, Options: wamp.Dict{}, Procedure: "a.b", Arguments: wamp.List{named{"t", 7}}})
				require.NoError(t, err)
				require.Equal(t, want, got)
			})
		}
	}
}

// TestRoomIsEnough for text and binary data, so that what is large isn't moved.
func TestRoomIsEnough(t *testing.T) {
	text := strings.Repeat("long", 100_000)
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, m := range []message.Out{
			{Type: wamp.CALL, URI: "a.b", Args: wamp.List{text, 1, []byte(text)}},
			{Type: wamp.CALL, URI: "a.b", Kwargs: wamp.Dict{"text": text, "data": serialize.BinaryData(text)}},
			{Type: wamp.YIELD, Raw: []byte(text)},
		} {
			b := append(make([]byte, 0, codec.Room(&m)), 0)
			written, err := codec.Append(b, &m)
			require.NoError(t, err)
			require.Same(t, &b[0], &written[0], serializer)
		}
	}
}
