package message_test

import (
	"runtime"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

func seeds(t testing.TB, add func(serializer string, data []byte)) {
	t.Helper()
	for _, v := range vectors(t) {
		list := items(t, v.Serializer, v.bytes(t))
		add(v.Serializer, v.bytes(t))
		add(v.Serializer, serialized(t, v.Serializer, []any{36, 1, 2, list[2], list[4]}))
		add(v.Serializer, serialized(t, v.Serializer, []any{8, 48, 2, list[2], "a.b", list[4], nil}))
	}
	for serializer := range serializations {
		for _, list := range plain {
			add(serializer, serialized(t, serializer, list))
		}
		for _, value := range peculiar[serializer] {
			add(serializer, event(serializer, listOf(serializer, value)))
		}
	}
}

func TestFuzzSeeds(t *testing.T) {
	compared := map[string]int{}
	seeds(t, func(serializer string, data []byte) {
		if sameMessage(t, newCodec(t, serializer), data) {
			compared[serializer]++
		}
	})
	for serializer := range serializations {
		require.Greater(t, compared[serializer], len(plain)+20)
	}
}

// FuzzRead: whatever a router sends, reading it and its values neither panics nor takes
// more memory than was told, and what nexus can read means the same.
func FuzzRead(f *testing.F) {
	seeds(f, func(serializer string, data []byte) { f.Add(serializer, data) })
	f.Fuzz(func(t *testing.T, serializer string, data []byte) {
		if _, ok := serializations[serializer]; ok {
			sameMessage(t, newCodec(t, serializer), data)
		}
	})
}

// sameMessage reports whether there was a message to compare with nexus's.
func sameMessage(t testing.TB, codec *message.Codec, data []byte) bool {
	t.Helper()
	in := message.In{Type: wamp.EVENT}
	ok, err := codec.Read(data, &in)
	if err != nil {
		require.ErrorIs(t, err, message.ErrMessage)
	}
	if !ok {
		require.Zero(t, in)
		return false
	}
	if err := in.Payload.Err; err != nil {
		require.ErrorIs(t, err, message.ErrPayload)
		require.Nil(t, in.Payload.Args)
		require.Nil(t, in.Payload.Kwargs)
	}
	requireWithinMemory(t, codec, &in)
	_ = codec.Flag(in.Details, "progress")
	same := true
	for _, part := range [][]byte{in.Details, in.Payload.Args, in.Payload.Kwargs} {
		same = (part == nil || requireSamePart(t, codec, part)) && same
	}
	if !same || in.Payload.Err != nil {
		return false
	}
	return requireSameList(t, codec, data, &in)
}

// requireWithinMemory compares what was allocated with what was told. Others may
// allocate beside it, and extensions have a decoder each.
func requireWithinMemory(t testing.TB, codec *message.Codec, in *message.In) {
	t.Helper()
	least := ^uint64(0)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = codec.Dict(in.Details)
		_, _, _ = codec.Values(&in.Payload)
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
		if least <= uint64(2*in.Payload.Memory+64<<10) {
			return
		}
	}
	if codec.Name() != "msgpack" {
		t.Fatalf("%d bytes allocated, %d estimated", least, in.Payload.Memory)
	}
}

// requireSamePart compares one value with what nexus makes of it.
func requireSamePart(t testing.TB, codec *message.Codec, part []byte) bool {
	t.Helper()
	return requireParity(t, codec, &message.Payload{Args: listOf(codec.Name(), string(part))})
}

// requireSameList compares the parts of a message with the items that nexus finds.
func requireSameList(t testing.TB, codec *message.Codec, data []byte, in *message.In) bool {
	t.Helper()
	var v any
	if nexus[codec.Name()].DeserializeDataItem(data, &v) != nil {
		return false // what follows the last element isn't decoded here
	}
	list, ok := v.([]any)
	require.True(t, ok)
	at := map[wamp.MessageType]int{wamp.ABORT: 1, wamp.GOODBYE: 1, wamp.EVENT: 3, wamp.INVOCATION: 3, wamp.ERROR: 3}[in.Type]
	if at == 0 {
		at = 2
	}
	list = append(list, nil, nil, nil, nil, nil)
	details, err := codec.Dict(in.Details)
	require.NoError(t, err)
	if in.Details != nil {
		require.True(t, same(list[at], map[string]any(details)), "%x", data)
	}
	at++
	if in.Type == wamp.ERROR {
		require.Equal(t, list[at], in.URI)
		at++
	}
	args, kwargs, err := codec.Values(&in.Payload)
	if _, binary := codec.BinaryValue(in.Payload.Args); binary {
		return true
	}
	if err == nil && in.Payload.Args != nil {
		require.True(t, same(list[at], []any(args)), "%x", data)
	}
	if err == nil && in.Payload.Kwargs != nil {
		require.True(t, same(list[at+1], map[string]any(kwargs)), "%x", data)
	}
	return true
}

// FuzzAppend: values that come out of one serialization are written in another as nexus
// writes them, and read again as they were.
func FuzzAppend(f *testing.F) {
	for _, list := range [][]any{values, typical} {
		f.Add(serialized(f, "cbor", list))
	}
	for _, value := range peculiar["cbor"] {
		f.Add(listOf("cbor", value))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cbor := newCodec(t, "cbor")
		var in message.In
		if ok, err := cbor.Read(event("cbor", data), &in); err != nil || !ok {
			return
		}
		args, _, err := cbor.Values(&in.Payload)
		if err != nil {
			return
		}
		for serializer := range serializations {
			codec := newCodec(t, serializer)
			want, nexusErr := nexus[serializer].Serialize(&wamp.Yield{Request: 1, Options: wamp.Dict{}, Arguments: args})
			got, err := codec.Append(nil, &message.Out{Type: wamp.YIELD, Request: 1, Args: args})
			require.Equal(t, nexusErr == nil, err == nil)
			if err != nil {
				require.ErrorIs(t, err, message.ErrUnsendable)
				continue
			}
			require.Len(t, got, len(want))
			if !severalEntries(args) {
				require.Equal(t, want, got, "%s %#v", serializer, args)
			}
			var a, b any
			errA := nexus[serializer].DeserializeDataItem(want, &a)
			errB := nexus[serializer].DeserializeDataItem(got, &b)
			require.Equal(t, errA == nil, errB == nil)
			require.True(t, errA != nil || same(a, b), "%s %#v", serializer, args)
		}
	})
}

// severalEntries reports whether a value has a map whose entries have no fixed order.
func severalEntries(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if severalEntries(item) {
				return true
			}
		}
		return len(v) > 1
	case wamp.List:
		return severalEntries([]any(v))
	case []any:
		for _, item := range v {
			if severalEntries(item) {
				return true
			}
		}
		return false
	case codec.RawExt:
		return severalEntries(v.Value)
	}
	return false
}
