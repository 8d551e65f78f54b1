package wire_test

import (
	"encoding/base64"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

var serializers = map[string]serialize.Serializer{
	"json":    &serialize.JSONSerializer{},
	"msgpack": &serialize.MessagePackSerializer{},
	"cbor":    &serialize.CBORSerializer{},
}

func envelope(keyID string) *cryptobox.Envelope {
	return &cryptobox.Envelope{
		Algorithm:  cryptobox.AlgorithmBox,
		Serializer: cryptobox.CBOR,
		KeyID:      keyID,
		Payload:    []byte{0, 1, 2, 0xfe, 0xff},
	}
}

// TestEncArgumentCrossesNexus writes and reads a PUBLISH with each of nexus's
// serializers.
func TestEncArgumentCrossesNexus(t *testing.T) {
	for name, s := range serializers {
		for _, keyID := range []string{"", "key-1"} {
			t.Run(name+" "+keyID, func(t *testing.T) {
				part := wire.Part{Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}}
				require.NoError(t, wire.EncArgument{}.Put(&part, envelope(keyID)))
				data, err := s.Serialize(&wamp.Publish{Request: 1, Options: wamp.Dict{}, Topic: "a.b", Arguments: part.Args, ArgumentsKw: part.Kwargs})
				require.NoError(t, err)
				require.NotContains(t, string(data), "secret")
				msg, err := s.Deserialize(data)
				require.NoError(t, err)
				publish := msg.(*wamp.Publish)
				require.NotNil(t, publish.Arguments, "the list is empty, not null")
				got, err := wire.EncArgument{}.Take(&wire.Part{Dict: publish.Options, Args: publish.Arguments, Kwargs: publish.ArgumentsKw})
				require.NoError(t, err)
				require.Equal(t, envelope(keyID), got)
			})
		}
	}
}

func TestEncArgumentOnTheWire(t *testing.T) {
	var part wire.Part
	require.NoError(t, wire.EncArgument{}.Put(&part, envelope("key-1")))
	data, err := serializers["json"].SerializeDataItem([]any{part.Args, part.Kwargs["enc"].(wamp.Dict)["payload"]})
	require.NoError(t, err)
	require.Equal(t, `[[],"\u0000AAEC/v8="]`, string(data))
	require.Equal(t, wamp.Dict{
		"algo": "cryptobox", "serializer": "cbor", "key": "key-1",
		"payload": serialize.BinaryData{0, 1, 2, 0xfe, 0xff},
	}, part.Kwargs["enc"])
}

func TestPutRefusesAnUnusableEnvelope(t *testing.T) {
	part := wire.Part{Args: wamp.List{"plain"}}
	require.Error(t, wire.EncArgument{}.Put(&part, &cryptobox.Envelope{}))
	require.Equal(t, wire.Part{Args: wamp.List{"plain"}}, part)
}

func TestTakeTellsPlainFromParts(t *testing.T) {
	take := func(part wire.Part) (*cryptobox.Envelope, error) { return wire.EncArgument{}.Take(&part) }
	for name, part := range map[string]wire.Part{
		"nothing":          {},
		"arguments":        {Args: wamp.List{"enc"}, Kwargs: wamp.Dict{"Enc": 1, "enclosed": 1}},
		"harmless details": {Dict: wamp.Dict{"topic": "a", "encrypted": true, "ppt": 1, "enc": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			env, err := take(part)
			require.NoError(t, err)
			require.Nil(t, env)
		})
	}
	var whole wire.Part
	require.NoError(t, wire.EncArgument{}.Put(&whole, envelope("")))
	for _, detail := range []string{"enc_algo", "enc_key", "enc_x", "ppt_scheme", "ppt_keyid"} {
		for _, kwargs := range []wamp.Dict{nil, whole.Kwargs} {
			env, err := take(wire.Part{Dict: wamp.Dict{detail: nil}, Kwargs: kwargs})
			require.ErrorIs(t, err, wire.ErrParts, detail)
			require.Nil(t, env)
		}
	}
}

func TestReserved(t *testing.T) {
	for name, reserved := range map[string]bool{
		"enc_algo": true, "enc_": true, "ppt_scheme": true, "ppt_": true,
		"enc": false, "ppt": false, "": false, "topic": false, "ENC_algo": false, "xenc_": false,
	} {
		require.Equal(t, reserved, wire.Reserved(name), name)
	}
}

func TestBytesInEveryShape(t *testing.T) {
	want := []byte{0, 1, 0xff}
	b64 := base64.StdEncoding.EncodeToString(want)
	for name, v := range map[string]any{
		"bytes":               want,
		"binary data":         serialize.BinaryData(want),
		"NUL and base64":      "\x00" + b64,
		"base64":              b64,
		"tag 64":              codec.RawExt{Tag: 64, Value: want},
		"list of uint64":      []any{uint64(0), uint64(1), uint64(255)},
		"list of int64":       wamp.List{int64(0), int64(1), int64(255)},
		"list of mixed kinds": []any{uint8(0), 1, uint64(255)},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := wire.Bytes(v)
			require.True(t, ok)
			require.Equal(t, want, got)
		})
	}
	for name, v := range map[string]any{
		"nil":               nil,
		"number":            5,
		"empty string":      "",
		"no base64":         "\x00***",
		"unpadded base64":   "AAE",
		"trailing bits":     "AAF=",
		"map":               map[string]any{"type": "Buffer"},
		"another tag":       codec.RawExt{Tag: 65, Value: want},
		"tag 64, no bytes":  codec.RawExt{Tag: 64, Value: "x"},
		"too large item":    []any{uint64(256)},
		"negative item":     []any{int64(-1)},
		"negative int item": []any{-1},
		"fractional item":   []any{1.0},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := wire.Bytes(v)
			require.False(t, ok)
			require.Nil(t, got)
		})
	}
}

// FuzzTake: whatever a router sends, Take doesn't panic, and what it accepts is
// put back as the same envelope.
func FuzzTake(f *testing.F) {
	seeds := 0
	for _, s := range serializers {
		for _, keyID := range []string{"", "key-1"} {
			var part wire.Part
			require.NoError(f, wire.EncArgument{}.Put(&part, envelope(keyID)))
			data, err := s.SerializeDataItem(map[string]any{"kwargs": part.Kwargs, "details": wamp.Dict{"topic": "a.b"}})
			require.NoError(f, err)
			f.Add(data)
			seeds++
		}
	}
	f.Add([]byte(`{"kwargs":{"enc":{"algo":"cryptobox","serializer":"json","payload":[1,2,3]}},"args":[],"details":{"enc_algo":"x"}}`))
	require.NotZero(f, seeds)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range serializers {
			var message map[string]any
			if s.DeserializeDataItem(data, &message) != nil {
				continue
			}
			part := wire.Part{}
			part.Dict, _ = wamp.AsDict(message["details"])
			part.Args, _ = message["args"].([]any)
			kwargs, _ := message["kwargs"].(map[string]any)
			part.Kwargs = kwargs
			env, err := wire.EncArgument{}.Take(&part)
			if err != nil || env == nil {
				require.Nil(t, env)
				continue
			}
			require.NoError(t, env.Validate())
			var again wire.Part
			require.NoError(t, wire.EncArgument{}.Put(&again, env))
			same, err := wire.EncArgument{}.Take(&again)
			require.NoError(t, err)
			require.Equal(t, env, same)
		}
	})
}
