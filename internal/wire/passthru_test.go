package wire_test

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

func TestPassthruOnTheWire(t *testing.T) {
	env := envelope(cryptobox.Passthru)
	for local, want := range map[bool]any{false: serialize.BinaryData(env.Payload), true: env.Payload} {
		part := wire.Part{Local: local, Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}}
		wire.Put(&part, env)
		require.Equal(t, wire.Part{
			Local: local,
			Dict:  wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "xsalsa20poly1305", "ppt_keyid": "key-1"},
			Args:  wamp.List{want},
		}, part)
	}

	// The bytes that other peers expect.
	var part wire.Part
	wire.Put(&part, env)
	for name, want := range map[string]string{
		"json": `["\u0000AAEC/v8="]`, "msgpack": "\x91\xc4\x05\x00\x01\x02\xfe\xff", "cbor": "\x81\x45\x00\x01\x02\xfe\xff",
	} {
		data, err := serializers[name].SerializeDataItem(part.Args)
		require.NoError(t, err)
		require.Equal(t, want, string(data), name)
	}
}

// TestPassthruCrossesNexus writes and reads a CALL with each of nexus's serializers.
func TestPassthruCrossesNexus(t *testing.T) {
	for name, s := range serializers {
		t.Run(name, func(t *testing.T) {
			part := wire.Part{Dict: wamp.Dict{"progress": true}, Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}}
			wire.Put(&part, envelope(cryptobox.Passthru))
			data, err := s.Serialize(&wamp.Call{Request: 1, Procedure: "a.b", Options: part.Dict, Arguments: part.Args, ArgumentsKw: part.Kwargs})
			require.NoError(t, err)
			require.NotContains(t, string(data), "secret")
			msg, err := s.Deserialize(data)
			require.NoError(t, err)
			call, ok := msg.(*wamp.Call)
			require.True(t, ok)
			got, err := wire.Take(&wire.Part{Dict: call.Options, Args: call.Arguments, Kwargs: call.ArgumentsKw})
			require.NoError(t, err)
			require.Equal(t, envelope(cryptobox.Passthru), got)
		})
	}
}

var passthruDetails = wamp.Dict{
	"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "xsalsa20poly1305", "ppt_keyid": "key-1", "topic": "a.b",
}

func TestPassthruTakesWholeEnvelopesOnly(t *testing.T) {
	payload := []byte{0, 1, 2, 0xfe, 0xff}
	args := wamp.List{payload}
	with := func(name string, value any) wamp.Dict {
		dict := maps.Clone(passthruDetails)
		dict[name] = value
		return dict
	}
	without := func(name string) wamp.Dict {
		dict := maps.Clone(passthruDetails)
		delete(dict, name)
		return dict
	}
	withCipher := func(name string) *wire.Envelope {
		env := envelope(cryptobox.Passthru)
		env.Algorithm = name
		return env
	}
	whole, other, noKeyID := withCipher("xsalsa20poly1305"), withCipher("aes256gcm"), envelope(cryptobox.Passthru)
	other.KeyID, noKeyID.KeyID = "other", ""
	for name, c := range map[string]struct {
		part wire.Part
		want *wire.Envelope
	}{
		"whole":               {wire.Part{Dict: passthruDetails, Args: args}, whole},
		"empty kwargs":        {wire.Part{Dict: passthruDetails, Args: args, Kwargs: wamp.Dict{}}, whole},
		"AES-GCM":             {wire.Part{Dict: with("ppt_cipher", "aes256gcm"), Args: args}, withCipher("aes256gcm")},
		"no key id":           {wire.Part{Dict: without("ppt_keyid"), Args: args}, noKeyID},
		"later, with its own": {wire.Part{Dict: passthruDetails, Args: args, First: other}, whole},

		"no arguments":       {wire.Part{Dict: passthruDetails}, nil},
		"empty binary":       {wire.Part{Dict: passthruDetails, Args: wamp.List{[]byte{}}}, nil},
		"empty list":         {wire.Part{Dict: passthruDetails, Args: wamp.List{[]any{}}}, nil},
		"two arguments":      {wire.Part{Dict: passthruDetails, Args: wamp.List{payload, payload}}, nil},
		"null beside":        {wire.Part{Dict: passthruDetails, Args: wamp.List{payload, nil}}, nil},
		"kwargs too":         {wire.Part{Dict: passthruDetails, Args: args, Kwargs: wamp.Dict{"k": 1}}, nil},
		"enc argument":       {wire.Part{Dict: passthruDetails, Args: args, Kwargs: wamp.Dict{"enc": nil}}, nil},
		"enc alone":          {wire.Part{Kwargs: wamp.Dict{"enc": 1, "other": 2}}, nil},
		"text argument":      {wire.Part{Dict: passthruDetails, Args: wamp.List{"no base64"}}, nil},
		"raw":                {wire.Part{Dict: passthruDetails, Raw: payload}, nil},
		"raw too":            {wire.Part{Dict: passthruDetails, Args: args, Raw: payload}, nil},
		"enc_ detail":        {wire.Part{Dict: with("enc_algo", "cryptobox"), Args: args}, nil},
		"one detail":         {wire.Part{Dict: wamp.Dict{"ppt_keyid": "key-1"}, Args: args}, nil},
		"one detail, later":  {wire.Part{Dict: wamp.Dict{"ppt_keyid": "key-1"}, Args: args, First: whole}, nil},
		"scheme alone":       {wire.Part{Dict: wamp.Dict{"ppt_scheme": "wamp"}, Args: args}, nil},
		"unknown detail":     {wire.Part{Dict: with("ppt_x", "y"), Args: args}, nil},
		"no scheme":          {wire.Part{Dict: without("ppt_scheme"), Args: args}, nil},
		"scheme null":        {wire.Part{Dict: with("ppt_scheme", nil), Args: args}, nil},
		"scheme mqtt":        {wire.Part{Dict: with("ppt_scheme", "mqtt"), Args: args}, nil},
		"scheme x_":          {wire.Part{Dict: with("ppt_scheme", "x_custom"), Args: args}, nil},
		"scheme WAMP":        {wire.Part{Dict: with("ppt_scheme", "WAMP"), Args: args}, nil},
		"scheme URI":         {wire.Part{Dict: with("ppt_scheme", wamp.URI("wamp")), Args: args}, nil},
		"no serializer":      {wire.Part{Dict: without("ppt_serializer"), Args: args}, nil},
		"serializer json":    {wire.Part{Dict: with("ppt_serializer", "json"), Args: args}, nil},
		"serializer msgpack": {wire.Part{Dict: with("ppt_serializer", "msgpack"), Args: args}, nil},
		"serializer native":  {wire.Part{Dict: with("ppt_serializer", "native"), Args: args}, nil},
		"serializer null":    {wire.Part{Dict: with("ppt_serializer", nil), Args: args}, nil},
		"not encrypted":      {wire.Part{Dict: without("ppt_cipher"), Args: args}, nil},
		"cipher null":        {wire.Part{Dict: with("ppt_cipher", nil), Args: args}, nil},
		"cipher empty":       {wire.Part{Dict: with("ppt_cipher", ""), Args: args}, nil},
		"cipher cryptobox":   {wire.Part{Dict: with("ppt_cipher", "cryptobox"), Args: args}, nil},
		"cipher unknown":     {wire.Part{Dict: with("ppt_cipher", "rot13"), Args: args}, nil},
		"key id null":        {wire.Part{Dict: with("ppt_keyid", nil), Args: args}, nil},
		"key id empty":       {wire.Part{Dict: with("ppt_keyid", ""), Args: args}, nil},
		"key id number":      {wire.Part{Dict: with("ppt_keyid", 1), Args: args}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			env, err := wire.Take(&c.part)
			require.Equal(t, c.want, env)
			if c.want == nil {
				require.ErrorIs(t, err, wire.ErrParts)
				return
			}
			require.NoError(t, err)
		})
	}
}

// TestPassthruNotEncrypted: nexus's clients send payloads of the scheme in clear,
// which the error tells.
func TestPassthruNotEncrypted(t *testing.T) {
	dict := maps.Clone(passthruDetails)
	delete(dict, "ppt_cipher")
	_, err := wire.Take(&wire.Part{Dict: dict, Args: wamp.List{[]byte{1}}})
	require.ErrorIs(t, err, wire.ErrParts)
	require.ErrorContains(t, err, "not encrypted")
}

// TestPassthruBounds: what the details say is within an Envelope's bounds.
func TestPassthruBounds(t *testing.T) {
	for _, keyID := range []string{"a\x00b", strings.Repeat("k", cryptobox.MaxKeyID+1)} {
		dict := maps.Clone(passthruDetails)
		dict["ppt_keyid"] = keyID
		env, err := wire.Take(&wire.Part{Dict: dict, Args: wamp.List{[]byte{1}}})
		require.ErrorIs(t, err, wire.ErrParts)
		require.Nil(t, env)
	}
}

func TestPassthruBinaryInEveryShape(t *testing.T) {
	payload := []byte{0, 1, 2, 0xfe, 0xff}
	text := base64.StdEncoding.EncodeToString(payload)
	for name, v := range map[string]any{
		"bytes":          payload,
		"binary data":    serialize.BinaryData(payload),
		"NUL and base64": "\x00" + text,
		"base64":         text,
		"tag 64":         codec.RawExt{Tag: 64, Value: payload},
		"list":           []any{uint64(0), uint64(1), uint64(2), uint64(254), uint64(255)},
	} {
		for _, part := range []wire.Part{
			{Dict: passthruDetails, Args: wamp.List{v}},
			{Args: wamp.List{v}, First: envelope(cryptobox.Passthru)},
		} {
			env, err := wire.Take(&part)
			require.NoError(t, err, name)
			require.Equal(t, envelope(cryptobox.Passthru), env, name)
		}
	}
}

// TestPassthruLaterChunk: without details, binary data alone is sealed as the first
// chunk was, and nothing else is.
func TestPassthruLaterChunk(t *testing.T) {
	first := envelope(cryptobox.Passthru)
	first.Algorithm, first.Payload = "aes256gcm", []byte("first")
	was := *first
	part := wire.Part{Dict: wamp.Dict{"progress": true}, Args: wamp.List{[]byte("later")}, First: first}
	env, err := wire.Take(&part)
	require.NoError(t, err)
	require.Equal(t, &wire.Envelope{
		Dialect: cryptobox.Passthru, Algorithm: "aes256gcm", KeyID: "key-1", Payload: []byte("later"),
	}, env)
	require.Equal(t, &was, first)

	for name, part := range map[string]wire.Part{
		"no first":      {Args: wamp.List{[]byte("later")}},
		"nothing":       {First: first},
		"text":          {First: first, Args: wamp.List{"no base64"}},
		"two":           {First: first, Args: wamp.List{[]byte("a"), []byte("b")}},
		"empty":         {First: first, Args: wamp.List{[]byte{}}},
		"kwargs beside": {First: first, Args: wamp.List{[]byte("a")}, Kwargs: wamp.Dict{"k": 1}},
	} {
		env, err := wire.Take(&part)
		require.NoError(t, err, name)
		require.Nil(t, env, name)
	}
	for name, part := range map[string]wire.Part{
		"a first that is none": {First: &wire.Envelope{}, Args: wamp.List{[]byte("a")}},
		"raw":                  {First: first, Raw: []byte("a")},
		"enc argument":         {First: first, Kwargs: wamp.Dict{"enc": 1}},
		"enc_ detail":          {First: first, Dict: wamp.Dict{"enc_algo": "cryptobox"}, Args: wamp.List{[]byte("a")}},
	} {
		env, err := wire.Take(&part)
		require.Error(t, err, name)
		require.Nil(t, env, name)
	}
}
