package wire_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

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

// TestEncArgumentTakesWholeEnvelopesOnly: an enc argument is an envelope, whole
// and alone, or an error.
func TestEncArgumentTakesWholeEnvelopesOnly(t *testing.T) {
	fields := func(change wamp.Dict) wamp.Dict {
		enc := wamp.Dict{"algo": "cryptobox", "serializer": "cbor", "key": "key-1", "payload": []byte{0, 1, 2, 0xfe, 0xff}}
		for name, value := range change {
			enc[name] = value
		}
		return enc
	}
	for name, part := range map[string]wire.Part{
		"whole":       {Kwargs: wamp.Dict{"enc": fields(nil)}},
		"plain map":   {Kwargs: wamp.Dict{"enc": map[string]any(fields(nil))}},
		"empty args":  {Dict: wamp.Dict{"topic": "a"}, Args: wamp.List{}, Kwargs: wamp.Dict{"enc": fields(nil)}},
		"later chunk": {Kwargs: wamp.Dict{"enc": fields(nil)}, First: envelope("other")},
	} {
		env, err := wire.EncArgument{}.Take(&part)
		require.NoError(t, err, name)
		require.Equal(t, envelope("key-1"), env, name)
	}
	for name, part := range map[string]wire.Part{
		"null":             {Kwargs: wamp.Dict{"enc": nil}},
		"list":             {Kwargs: wamp.Dict{"enc": wamp.List{}}},
		"arguments beside": {Args: wamp.List{1}, Kwargs: wamp.Dict{"enc": fields(nil)}},
		"keywords beside":  {Kwargs: wamp.Dict{"enc": fields(nil), "k": 1}},
		"algorithm":        {Kwargs: wamp.Dict{"enc": fields(wamp.Dict{"algo": 1})}},
		"serializer":       {Kwargs: wamp.Dict{"enc": fields(wamp.Dict{"serializer": nil})}},
		"null key":         {Kwargs: wamp.Dict{"enc": fields(wamp.Dict{"key": nil})}},
		"empty key":        {Kwargs: wamp.Dict{"enc": fields(wamp.Dict{"key": ""})}},
		"payload":          {Kwargs: wamp.Dict{"enc": fields(wamp.Dict{"payload": 1})}},
		"unknown field":    {Kwargs: wamp.Dict{"enc": fields(wamp.Dict{"x": 1})}},
	} {
		env, err := wire.EncArgument{}.Take(&part)
		require.ErrorIs(t, err, wire.ErrParts, name)
		require.Nil(t, env, name)
	}
	for _, change := range []wamp.Dict{{"algo": ""}, {"payload": []byte{}}, {"key": "a\nb"}} {
		env, err := wire.EncArgument{}.Take(&wire.Part{Kwargs: wamp.Dict{"enc": fields(change)}})
		require.ErrorIs(t, err, cryptobox.ErrMalformed)
		require.Nil(t, env)
	}
}
