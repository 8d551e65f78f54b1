package link_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

var serializations = map[string]serialize.Serialization{
	"json": serialize.JSON, "msgpack": serialize.MSGPACK, "cbor": serialize.CBOR,
}

func newCodec(t testing.TB, name string) *link.Codec {
	t.Helper()
	codec, err := link.NewCodec(serializations[name])
	require.NoError(t, err)
	return codec
}

// vector is an entry of vectors/wamp_transparent_publish.json.
type vector struct {
	Serializer string
	Hex        string `json:"bytes_hex"`
	Expected   struct {
		Request wamp.ID `json:"request_id"`
		Options map[string]any
		Topic   wamp.URI
		Payload string
	} `json:"expected_attributes"`
}

func (v vector) bytes(t testing.TB) []byte { return unhex(t, v.Hex) }

func (v vector) payload(t testing.TB) []byte { return unhex(t, v.Expected.Payload) }

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return b
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("../../vectors/wamp_transparent_publish.json")
	require.NoError(t, err)
	var list []vector
	require.NoError(t, json.Unmarshal(data, &list))
	require.Len(t, list, 6)
	return list
}

// items is a message as a list, with its serializer's types.
func items(t testing.TB, codec *link.Codec, data []byte) []any {
	t.Helper()
	var list []any
	require.NoError(t, codec.Serializer().DeserializeDataItem(data, &list))
	return list
}

func serialized(t testing.TB, codec *link.Codec, list []any) []byte {
	t.Helper()
	data, err := codec.Serializer().SerializeDataItem(list)
	require.NoError(t, err)
	return data
}

// TestSpecificationPublish produces the specification's own messages. nexus's
// serializers write a dict's entries in no fixed order: each message is written
// until it came out as the specification has it, and every time it has to be
// one that means the same, in as many bytes.
func TestSpecificationPublish(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Serializer+" "+string(v.Expected.Topic), func(t *testing.T) {
			codec := newCodec(t, v.Serializer)
			want := v.bytes(t)
			options, ok := items(t, codec, want)[2].(map[string]any)
			require.True(t, ok)
			require.Len(t, options, len(v.Expected.Options))
			msg := &wamp.Publish{
				Request: v.Expected.Request, Topic: v.Expected.Topic,
				Options: options, Arguments: wamp.List{wire.Raw(v.payload(t))},
			}
			same := false
			for range 2000 {
				got, err := codec.Encode(msg)
				require.NoError(t, err)
				require.Len(t, got, len(want))
				require.Equal(t, items(t, codec, want), items(t, codec, got))
				if same = string(got) == string(want); same {
					break
				}
			}
			require.True(t, same, "the same bytes")
		})
	}
}

// TestSpecificationPayload reads the payloads of those messages in all that a
// client receives.
func TestSpecificationPayload(t *testing.T) {
	for _, v := range vectors(t) {
		codec := newCodec(t, v.Serializer)
		list := items(t, codec, v.bytes(t))
		options, payload := list[2], list[4]
		for name, head := range map[string][]any{
			"EVENT":      {36, 1, 2, options},
			"INVOCATION": {68, 1, 2, options},
			"RESULT":     {50, 1, options},
			"ERROR":      {8, 48, 1, options, "com.example.error"},
		} {
			t.Run(v.Serializer+" "+name, func(t *testing.T) {
				msg, err := codec.Decode(serialized(t, codec, append(head, payload)))
				require.NoError(t, err)
				part, ok := wire.PartOf(msg)
				require.True(t, ok)
				require.Equal(t, v.payload(t), part.Raw)
				require.Equal(t, wamp.Dict(options.(map[string]any)), part.Dict)
				require.Nil(t, part.Args)
				require.Nil(t, part.Kwargs)
			})
		}
	}
}

// TestRawInEveryMessage: where the payload lies in each of the messages.
func TestRawInEveryMessage(t *testing.T) {
	args := wamp.List{wire.Raw{0xfe, 0, 1}}
	for _, tt := range []struct {
		msg  wamp.Message
		json string
	}{
		{&wamp.Publish{Request: 1, Topic: "a.b", Arguments: args}, `[16,1,{},"a.b","\u0000/gAB"]`},
		{&wamp.Event{Subscription: 1, Publication: 2, Arguments: args}, `[36,1,2,{},"\u0000/gAB"]`},
		{&wamp.Call{Request: 1, Procedure: "a.b", Arguments: args}, `[48,1,{},"a.b","\u0000/gAB"]`},
		{&wamp.Invocation{Request: 1, Registration: 2, Arguments: args}, `[68,1,2,{},"\u0000/gAB"]`},
		{&wamp.Yield{Request: 1, Arguments: args}, `[70,1,{},"\u0000/gAB"]`},
		{&wamp.Result{Request: 1, Arguments: args}, `[50,1,{},"\u0000/gAB"]`},
		{&wamp.Error{Type: 48, Request: 1, Error: "a.b", Arguments: args}, `[8,48,1,{},"a.b","\u0000/gAB"]`},
	} {
		t.Run(tt.msg.MessageType().String(), func(t *testing.T) {
			data, err := newCodec(t, "json").Encode(tt.msg)
			require.NoError(t, err)
			require.Equal(t, tt.json, string(data))
			for _, binary := range []string{"msgpack", "cbor"} {
				codec := newCodec(t, binary)
				data, err := codec.Encode(tt.msg)
				require.NoError(t, err)
				list := items(t, codec, data)
				require.Equal(t, []byte{0xfe, 0, 1}, list[len(list)-1])
				require.Len(t, list, strings.Count(tt.json, ",")+1)
			}
		})
	}
}

// An application's extension for nexus's own type changes nothing here.
func TestRawBesideAnExtension(t *testing.T) {
	encode := func(v reflect.Value) ([]byte, error) { return v.Bytes(), nil }
	decode := func(v reflect.Value, b []byte) error {
		v.Elem().SetBytes(append([]byte(nil), b...))
		return nil
	}
	serialize.InitMsgpackHandle()
	t.Cleanup(serialize.InitMsgpackHandle)
	require.NoError(t, serialize.MsgpackRegisterExtension(reflect.TypeFor[serialize.BinaryData](), 42, encode, decode))
	codec := newCodec(t, "msgpack")

	data, err := codec.Encode(&wamp.Yield{Request: 1, Arguments: wamp.List{wire.Raw{7}}})
	require.NoError(t, err)
	require.Equal(t, []byte{0x94, 70, 1, 0x80, 0xc4, 1, 7}, data, "plain binary data")
	msg, err := codec.Decode([]byte{0x94, 50, 1, 0x80, 0xd4, 42, 7})
	require.NoError(t, err)
	require.Equal(t, wamp.List{wire.Raw{7}}, msg.(*wamp.Result).Arguments)

	msg, err = codec.Decode([]byte{0x94, 50, 1, 0x80, 0xc7, 0, 42})
	require.NoError(t, err)
	require.Equal(t, wamp.List{wire.Raw{}}, msg.(*wamp.Result).Arguments, "never nil")

	// And works in arguments, both ways.
	data, err = codec.Encode(&wamp.Yield{Request: 1, Options: wamp.Dict{}, Arguments: wamp.List{serialize.BinaryData{7}}})
	require.NoError(t, err)
	require.Equal(t, []byte{0x94, 70, 1, 0x80, 0x91, 0xd4, 42, 7}, data)
	msg, err = codec.Decode([]byte{0x94, 50, 1, 0x80, 0x91, 0xd4, 42, 7})
	require.NoError(t, err)
	require.Equal(t, wamp.List{serialize.BinaryData{7}}, msg.(*wamp.Result).Arguments)
}

// TestWrittenAsNexus: what isn't ours is written exactly as nexus writes it, and nothing
// of a message is left in the next.
func TestWrittenAsNexus(t *testing.T) {
	type named struct {
		Text   string `codec:"text"`
		Number int
	}
	values := wamp.List{nil, true, -1, 1.5, "text \u00e9\"\\\n", []byte{0, 0xff}, serialize.BinaryData{0xfb, 0xff}, &serialize.BinaryData{1},
		(*serialize.BinaryData)(nil), uint64(1) << 63, wamp.Dict{"k": wamp.List{}}, wamp.URI("a.b"), []string{"a"}, named{"t", 7}, time.Unix(1, 0).UTC()}
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for i, msg := range []wamp.Message{
			&wamp.Publish{Request: 1 << 53, Options: wamp.Dict{"acknowledge": true}, Topic: "a.b", Arguments: values},
			&wamp.Publish{Request: 1, Options: wamp.Dict{}, Topic: "a.b"},
			&wamp.Call{Request: 2, Options: wamp.Dict{}, Procedure: "a.b", Arguments: wamp.List{}, ArgumentsKw: wamp.Dict{"values": values}},
			&wamp.Call{Request: 2, Options: wamp.Dict{}, Procedure: "a.b", Arguments: wamp.List{}, ArgumentsKw: wamp.Dict{}},
			&wamp.Yield{Request: 3, Options: wamp.Dict{"progress": true}, Arguments: wamp.List{strings.Repeat("long", 1000)}},
			&wamp.Yield{Request: 3, Options: wamp.Dict{}, Arguments: wamp.List{"short"}},
			&wamp.Error{Type: wamp.INVOCATION, Request: 4, Details: wamp.Dict{}, Error: "a.b", ArgumentsKw: wamp.Dict{"k": 1}, Arguments: wamp.List{1}},
			&wamp.Event{Subscription: 5, Publication: 6, Details: wamp.Dict{"topic": "a.b"}, Arguments: values},
			&wamp.Invocation{Request: 7, Registration: 8, Details: wamp.Dict{}, Arguments: values},
			&wamp.Result{Request: 9, Details: wamp.Dict{}, Arguments: values},
			&wamp.Hello{Realm: "realm1", Details: wamp.Dict{"roles": wamp.Dict{}}},
			&wamp.Subscribe{Request: 10, Options: wamp.Dict{}, Topic: "a.b"},
			&wamp.Cancel{Request: 11, Options: wamp.Dict{"mode": "kill"}},
		} {
			want, err := codec.Serializer().Serialize(msg)
			require.NoError(t, err)
			got, err := codec.Encode(msg)
			require.NoError(t, err)
			require.Equal(t, want, got, "%s %d", serializer, i)
		}
	}
}

// TestCodecAfterFailures: what could not be written or read leaves no trace.
func TestCodecAfterFailures(t *testing.T) {
	whole := &wamp.Publish{Request: 1, Options: wamp.Dict{}, Topic: "a.b", Arguments: wamp.List{wamp.Dict{"k": "v"}}}
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		want, err := codec.Encode(whole)
		require.NoError(t, err)
		read, err := codec.Decode(serialized(t, codec, plain["EVENT with args"]))
		require.NoError(t, err)
		for _, bad := range []any{1i, failing{}, explosive{}, wamp.List{wamp.Dict{"deep": 1i}}} {
			_, err := codec.Encode(&wamp.Publish{Options: wamp.Dict{}, Arguments: wamp.List{"before", bad}})
			require.ErrorIs(t, err, link.ErrUnsendable)
			got, err := codec.Encode(whole)
			require.NoError(t, err)
			require.Equal(t, want, got, serializer)
		}
		for _, bad := range []string{"", "[", "\x9f", "\xdf\xff\xff\xff\xff", strings.Repeat("[", 100_000), strings.Repeat("\x81", 100_000), strings.Repeat("\x91", 100_000)} {
			_, err := codec.Decode([]byte(bad))
			require.ErrorIs(t, err, link.ErrMessage)
			again, err := codec.Decode(serialized(t, codec, plain["EVENT with args"]))
			require.NoError(t, err)
			require.Equal(t, read, again, serializer)
		}
	}
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

func TestUnsendable(t *testing.T) {
	for name, msg := range map[string]wamp.Message{
		"complex":           &wamp.Publish{Arguments: wamp.List{"secret", 1i}},
		"complex deep":      &wamp.Publish{ArgumentsKw: wamp.Dict{"secret": wamp.List{wamp.Dict{"f": 1i}}}},
		"failing":           &wamp.Publish{Arguments: wamp.List{"secret", failing{}}},
		"every error":       &wamp.Publish{Arguments: wamp.List{"secret", everyError{}}},
		"panicking":         &wamp.Publish{Arguments: wamp.List{"secret", explosive{}}},
		"nothing":           nil,
		"no bytes":          &wamp.Publish{Arguments: wamp.List{wire.Raw(nil)}},
		"raw and more":      &wamp.Publish{Arguments: wamp.List{wire.Raw("secret"), "secret"}},
		"more and raw":      &wamp.Publish{Arguments: wamp.List{"secret", wire.Raw("secret")}},
		"refusal":           &wamp.Publish{Arguments: wamp.List{&wire.Refusal{Err: errors.New("secret")}}},
		"receipt":           &wamp.Publish{Arguments: wamp.List{"secret", wire.Receipt(func(error) {})}},
		"typed nil message": (*wamp.Hello)(nil),
	} {
		for serializer := range serializations {
			t.Run(serializer+" "+name, func(t *testing.T) {
				data, err := newCodec(t, serializer).Encode(msg)
				require.ErrorIs(t, err, link.ErrUnsendable)
				require.NotErrorIs(t, err, link.ErrTooLarge)
				require.Nil(t, data)
				require.NotContains(t, err.Error(), "secret")
			})
		}
	}
}

func TestUnknownSerialization(t *testing.T) {
	for _, s := range []serialize.Serialization{serialize.AUTO, -1, 4} {
		_, err := link.NewCodec(s)
		require.Error(t, err)
	}
}

// TestDecodedMessagesKeepNothing: links read each message into the room of the one
// before.
func TestDecodedMessagesKeepNothing(t *testing.T) {
	for name := range serializations {
		codec := newCodec(t, name)
		for what, args := range map[string]wamp.List{
			"values":       {"text", serialize.BinaryData("bytes"), wamp.List{"nested"}, wamp.Dict{"key": "value"}, strings.Repeat("long", 1000)},
			"binary data":  {wire.Raw("payload")},
			"long payload": {wire.Raw(strings.Repeat("p", 100_000))},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				data, err := codec.Encode(&wamp.Event{Subscription: 1, Publication: 2, Details: wamp.Dict{"topic": "com.x"}, Arguments: args})
				require.NoError(t, err)
				want, err := codec.Decode(append([]byte(nil), data...))
				require.NoError(t, err)
				got, err := codec.Decode(data)
				require.NoError(t, err)
				for i := range data {
					data[i] = 0xff
				}
				require.Equal(t, want, got)
			})
		}
	}
}
