package message_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"sync"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

var serializations = map[string]serialize.Serialization{
	"json": serialize.JSON, "msgpack": serialize.MSGPACK, "cbor": serialize.CBOR,
}

var nexus = map[string]serialize.Serializer{
	"json": &serialize.JSONSerializer{}, "msgpack": &serialize.MessagePackSerializer{}, "cbor": &serialize.CBORSerializer{},
}

func newCodec(t testing.TB, name string) *message.Codec {
	t.Helper()
	codec, err := message.New(serializations[name])
	require.NoError(t, err)
	return codec
}

func TestNew(t *testing.T) {
	for name, s := range serializations {
		codec, err := message.New(s)
		require.NoError(t, err)
		require.Equal(t, name, codec.Name())
		require.Equal(t, name == "json", codec.Text())
	}
	for _, s := range []serialize.Serialization{serialize.AUTO, -1, 4} {
		_, err := message.New(s)
		require.Error(t, err)
	}
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
	data, err := os.ReadFile("../../../vectors/wamp_transparent_publish.json")
	require.NoError(t, err)
	var list []vector
	require.NoError(t, json.Unmarshal(data, &list))
	require.Len(t, list, 6)
	return list
}

// items is a message as a list, with nexus's types.
func items(t testing.TB, serializer string, data []byte) []any {
	t.Helper()
	var list []any
	require.NoError(t, nexus[serializer].DeserializeDataItem(data, &list))
	return list
}

func serialized(t testing.TB, serializer string, v any) []byte {
	t.Helper()
	data, err := nexus[serializer].SerializeDataItem(v)
	require.NoError(t, err)
	return data
}

// TestSpecificationPublish produces the specification's own messages. The entries of a
// dict have no fixed order: each message is written until it came out as the
// specification has it, and every time it has to be one that means the same, in as many
// bytes.
func TestSpecificationPublish(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Serializer+" "+string(v.Expected.Topic), func(t *testing.T) {
			codec := newCodec(t, v.Serializer)
			want := v.bytes(t)
			options, ok := items(t, v.Serializer, want)[2].(map[string]any)
			require.True(t, ok)
			require.Len(t, options, len(v.Expected.Options))
			m := &message.Out{
				Type: wamp.PUBLISH, Request: v.Expected.Request, URI: string(v.Expected.Topic),
				Options: options, Raw: v.payload(t),
			}
			same := false
			for range 2000 {
				got, err := codec.Append(nil, m)
				require.NoError(t, err)
				require.Len(t, got, len(want))
				require.Equal(t, items(t, v.Serializer, want), items(t, v.Serializer, got))
				if same = string(got) == string(want); same {
					break
				}
			}
			require.True(t, same, "the same bytes")
		})
	}
}

// TestSpecificationPayload reads the payloads of those messages in all that a client
// receives.
func TestSpecificationPayload(t *testing.T) {
	for _, v := range vectors(t) {
		codec := newCodec(t, v.Serializer)
		list := items(t, v.Serializer, v.bytes(t))
		options, payload := list[2], list[4]
		for name, head := range map[string][]any{
			"EVENT":      {36, 1, 2, options},
			"INVOCATION": {68, 1, 2, options},
			"RESULT":     {50, 1, options},
			"ERROR":      {8, 48, 1, options, "com.example.error"},
		} {
			t.Run(v.Serializer+" "+name, func(t *testing.T) {
				var in message.In
				ok, err := codec.Read(serialized(t, v.Serializer, append(head, payload)), &in)
				require.NoError(t, err)
				require.True(t, ok)
				require.NoError(t, in.Payload.Err)
				b, ok := codec.BinaryValue(in.Payload.Args)
				require.True(t, ok)
				require.Equal(t, v.payload(t), b)
				require.Nil(t, in.Payload.Kwargs)
				details, err := codec.Dict(in.Details)
				require.NoError(t, err)
				require.Equal(t, wamp.Dict(options.(map[string]any)), details)
				_, _, err = codec.Values(&in.Payload)
				require.ErrorIs(t, err, message.ErrPayload)
			})
		}
	}
}

// TestConcurrentUse: any number of goroutines use one codec at once.
func TestConcurrentUse(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		data := serialized(t, serializer, plain["INVOCATION"])
		want, err := nexus[serializer].Deserialize(data)
		require.NoError(t, err)
		call := &message.Out{Type: wamp.CALL, URI: "a.b", Args: written}
		size, err := codec.Append(nil, call)
		require.NoError(t, err)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 20 {
					var in message.In
					_, err := codec.Read(data, &in)
					require.NoError(t, err)
					require.Equal(t, want, whole(t, codec, &in))
					got, err := codec.Append(nil, call)
					require.NoError(t, err)
					require.Len(t, got, len(size))
				}
			})
		}
		group.Wait()
	}
}
