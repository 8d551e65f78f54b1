package wire_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

func TestNativeOnTheWire(t *testing.T) {
	env := envelope("key-1")
	part := wire.Part{Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}}
	require.NoError(t, wire.Native{}.Put(&part, env))
	require.Equal(t, wire.Part{
		Dict: wamp.Dict{"enc_algo": "cryptobox", "enc_serializer": "cbor", "enc_key": "key-1"},
		Raw:  env.Payload,
	}, part)

	part = wire.Part{}
	require.NoError(t, wire.Native{}.Put(&part, envelope("")))
	require.Equal(t, wamp.Dict{"enc_algo": "cryptobox", "enc_serializer": "cbor"}, part.Dict)
}

func TestNativeTakesWholeEnvelopesOnly(t *testing.T) {
	raw := []byte{0, 1, 2, 0xfe, 0xff}
	whole := wamp.Dict{"enc_algo": "cryptobox", "enc_serializer": "cbor", "enc_key": "key-1", "topic": "a.b"}
	with := func(name string, value any) wamp.Dict {
		dict := maps.Clone(whole)
		dict[name] = value
		return dict
	}
	without := func(names ...string) wamp.Dict {
		dict := maps.Clone(whole)
		for _, name := range names {
			delete(dict, name)
		}
		return dict
	}
	for name, c := range map[string]struct {
		part wire.Part
		want *cryptobox.Envelope
	}{
		"whole":            {wire.Part{Dict: whole, Raw: raw}, envelope("key-1")},
		"empty lists":      {wire.Part{Dict: whole, Raw: raw, Args: wamp.List{}, Kwargs: wamp.Dict{}}, envelope("key-1")},
		"no key id":        {wire.Part{Dict: without("enc_key"), Raw: raw}, envelope("")},
		"later chunk":      {wire.Part{Dict: whole, Raw: raw, First: envelope("other")}, envelope("key-1")},
		"no details":       {wire.Part{Raw: raw}, nil},
		"later, bare":      {wire.Part{Raw: raw, First: envelope("key-1")}, nil},
		"no raw":           {wire.Part{Dict: whole}, nil},
		"empty raw":        {wire.Part{Dict: whole, Raw: []byte{}}, nil},
		"empty raw alone":  {wire.Part{Raw: []byte{}}, nil},
		"one detail":       {wire.Part{Dict: wamp.Dict{"enc_key": "key-1"}}, nil},
		"null detail":      {wire.Part{Dict: wamp.Dict{"enc_algo": nil}}, nil},
		"bytes in args":    {wire.Part{Dict: whole, Args: wamp.List{raw}}, nil},
		"args too":         {wire.Part{Dict: whole, Raw: raw, Args: wamp.List{1}}, nil},
		"kwargs too":       {wire.Part{Dict: whole, Raw: raw, Kwargs: wamp.Dict{"k": 1}}, nil},
		"no algorithm":     {wire.Part{Dict: without("enc_algo"), Raw: raw}, nil},
		"no serializer":    {wire.Part{Dict: without("enc_serializer"), Raw: raw}, nil},
		"key id alone":     {wire.Part{Dict: without("enc_algo", "enc_serializer"), Raw: raw}, nil},
		"algorithm null":   {wire.Part{Dict: with("enc_algo", nil), Raw: raw}, nil},
		"algorithm bytes":  {wire.Part{Dict: with("enc_algo", []byte("cryptobox")), Raw: raw}, nil},
		"algorithm URI":    {wire.Part{Dict: with("enc_algo", wamp.URI("cryptobox")), Raw: raw}, nil},
		"other algorithm":  {wire.Part{Dict: with("enc_algo", "xsalsa20poly1305"), Raw: raw}, nil},
		"serializer null":  {wire.Part{Dict: with("enc_serializer", nil), Raw: raw}, nil},
		"serializer type":  {wire.Part{Dict: with("enc_serializer", 1), Raw: raw}, nil},
		"serializer empty": {wire.Part{Dict: with("enc_serializer", ""), Raw: raw}, nil},
		"key id null":      {wire.Part{Dict: with("enc_key", nil), Raw: raw}, nil},
		"key id empty":     {wire.Part{Dict: with("enc_key", ""), Raw: raw}, nil},
		"key id bytes":     {wire.Part{Dict: with("enc_key", []byte("key-1")), Raw: raw}, nil},
		"unknown detail":   {wire.Part{Dict: with("enc_x", "y"), Raw: raw}, nil},
		"ppt detail":       {wire.Part{Dict: with("ppt_scheme", "wamp"), Raw: raw}, nil},
		"enc argument":     {wire.Part{Dict: whole, Raw: raw, Kwargs: wamp.Dict{"enc": nil}}, nil},
		"enc alone":        {wire.Part{Kwargs: wamp.Dict{"enc": 1, "other": 2}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			env, err := wire.Native{}.Take(&c.part)
			require.Equal(t, c.want, env)
			if c.want == nil {
				require.ErrorIs(t, err, wire.ErrParts)
				return
			}
			require.NoError(t, err)
		})
	}
}

// TestNativeBounds: what the details say is within an Envelope's bounds.
func TestNativeBounds(t *testing.T) {
	take := func(name, value string) error {
		part := wire.Part{Dict: wamp.Dict{"enc_algo": "cryptobox", "enc_serializer": "cbor"}, Raw: []byte{1}}
		part.Dict[name] = value
		env, err := wire.Native{}.Take(&part)
		require.Nil(t, env)
		return err
	}
	require.ErrorIs(t, take("enc_serializer", "ubjson"), cryptobox.ErrSerializer)
	require.ErrorIs(t, take("enc_key", "a\x00b"), cryptobox.ErrMalformed)
	require.ErrorIs(t, take("enc_key", strings.Repeat("k", cryptobox.MaxKeyID+1)), cryptobox.ErrMalformed)
	require.ErrorIs(t, take("enc_algo", "x_"+strings.Repeat("a", 1000)), cryptobox.ErrMalformed)
}

// TestNativeAlgorithms: only those are sent over which no router closes the
// connection, and no other is taken.
func TestNativeAlgorithms(t *testing.T) {
	for algorithm, carried := range map[string]bool{
		"cryptobox": true, "mqtt": true, "xbr": true, "x_my_1": true, "x_ab": true,
		"xsalsa20poly1305": false, "aes256gcm": false, "Cryptobox": false, "cryptobox2": false, "acryptobox": false,
		"x_": false, "x_a": false, "x_1a": false, "x_aB": false, "xx_ab": false, "x_ab ": false, "null": false,
	} {
		env := envelope("")
		env.Algorithm = algorithm
		var part wire.Part
		err := wire.Native{}.Put(&part, env)
		taken, takeErr := wire.Native{}.Take(&wire.Part{
			Dict: wamp.Dict{"enc_algo": algorithm, "enc_serializer": "cbor"}, Raw: env.Payload,
		})
		if carried {
			require.NoError(t, err, algorithm)
			require.NoError(t, takeErr, algorithm)
			require.Equal(t, env, taken)
			continue
		}
		require.ErrorIs(t, err, wire.ErrFraming, algorithm)
		require.Contains(t, err.Error(), "use a key of roles")
		require.Equal(t, wire.Part{}, part)
		require.ErrorIs(t, takeErr, wire.ErrParts, algorithm)
		require.Nil(t, taken)
	}
	_, err := wire.Native{}.Take(&wire.Part{Dict: wamp.Dict{"enc_algo": "x_ab\n", "enc_serializer": "cbor"}, Raw: []byte{1}})
	require.ErrorIs(t, err, wire.ErrParts, "a line break behind")
}
