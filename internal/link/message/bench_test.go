package message_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

var order = []string{"json", "msgpack", "cbor"}

// typical is a payload of about 256 bytes.
var typical = wamp.List{strings.Repeat("0123456789abcdef", 13), 12345, true, wamp.Dict{"id": 7, "name": "a name"}}

func typicalInvocation(t testing.TB, serializer string) []byte {
	t.Helper()
	data, err := nexus[serializer].Serialize(&wamp.Invocation{Request: 123456, Registration: 1 << 50, Details: wamp.Dict{"progress": true}, Arguments: typical})
	require.NoError(t, err)
	return data
}

func typicalCall() *message.Out {
	return &message.Out{Type: wamp.CALL, Request: 123456, URI: "com.example.procedure", Options: wamp.Dict{"timeout": 1000}, Args: typical}
}

// TestAllocations: reading and writing allocate nothing, values no more than what they
// are made of.
func TestAllocations(t *testing.T) {
	for _, serializer := range order {
		codec := newCodec(t, serializer)
		data := typicalInvocation(t, serializer)
		var in message.In
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = codec.Read(data, &in) }), serializer)
		require.Zero(t, testing.AllocsPerRun(100, func() { codec.Flag(in.Details, "progress") }), serializer)
		call, b := typicalCall(), make([]byte, 0, 1024)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = codec.Append(b, call) }), serializer)
		raw := &message.Out{Type: wamp.YIELD, Request: 1, Raw: bytes.Repeat([]byte("x"), 256)}
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = codec.Append(b, raw) }), serializer)
		// The list, text with its header, a number, the map with its room, two keys,
		// text with its header.
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _, _ = codec.Values(&in.Payload) }), 11.0, serializer)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, serializer := range order {
		codec, data := newCodec(b, serializer), typicalInvocation(b, serializer)
		var in message.In
		b.Run(serializer, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = codec.Read(data, &in)
			}
		})
		b.Run(serializer+" and values", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = codec.Read(data, &in)
				_, _, _ = codec.Values(&in.Payload)
			}
		})
		b.Run(serializer+" by nexus", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = nexus[serializer].Deserialize(data)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, serializer := range order {
		codec, call := newCodec(b, serializer), typicalCall()
		buf := make([]byte, 0, 1024)
		b.Run(serializer, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = codec.Append(buf, call)
			}
		})
		msg := &wamp.Call{Request: call.Request, Procedure: wamp.URI(call.URI), Options: call.Options, Arguments: call.Args}
		b.Run(serializer+" by nexus", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = nexus[serializer].Serialize(msg)
			}
		})
	}
}
