package wire_test

import (
	"maps"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

func TestAutobahnOnTheWire(t *testing.T) {
	env := envelope(cryptobox.Autobahn)
	env.KeyID = "for people"
	part := wire.Part{Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}}
	wire.Put(&part, env)
	require.Equal(t, wire.Part{Dict: wamp.Dict{"enc_algo": "cryptobox", "enc_serializer": "json"}, Raw: env.Payload}, part)
}

func TestAutobahnTakesWholeEnvelopesOnly(t *testing.T) {
	raw := []byte{0, 1, 2, 0xfe, 0xff}
	whole := wamp.Dict{"enc_algo": "cryptobox", "enc_serializer": "json", "topic": "a.b"}
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
	want := envelope(cryptobox.Autobahn)
	first := envelope(cryptobox.Passthru)
	for name, c := range map[string]struct {
		part wire.Part
		want *wire.Envelope
	}{
		"whole":            {wire.Part{Dict: whole, Raw: raw}, want},
		"empty lists":      {wire.Part{Dict: whole, Raw: raw, Args: wamp.List{}, Kwargs: wamp.Dict{}}, want},
		"later chunk":      {wire.Part{Dict: whole, Raw: raw, First: first}, want},
		"key id":           {wire.Part{Dict: with("enc_key", "key-1"), Raw: raw}, want},
		"key id null":      {wire.Part{Dict: with("enc_key", nil), Raw: raw}, want},
		"key id empty":     {wire.Part{Dict: with("enc_key", ""), Raw: raw}, want},
		"key id bytes":     {wire.Part{Dict: with("enc_key", []byte("key-1")), Raw: raw}, want},
		"no details":       {wire.Part{Raw: raw}, nil},
		"later, bare":      {wire.Part{Raw: raw, First: first}, nil},
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
		"key id alone":     {wire.Part{Dict: wamp.Dict{"enc_key": "key-1"}, Raw: raw}, nil},
		"algorithm null":   {wire.Part{Dict: with("enc_algo", nil), Raw: raw}, nil},
		"algorithm empty":  {wire.Part{Dict: with("enc_algo", ""), Raw: raw}, nil},
		"algorithm bytes":  {wire.Part{Dict: with("enc_algo", []byte("cryptobox")), Raw: raw}, nil},
		"algorithm URI":    {wire.Part{Dict: with("enc_algo", wamp.URI("cryptobox")), Raw: raw}, nil},
		"other algorithm":  {wire.Part{Dict: with("enc_algo", "xsalsa20poly1305"), Raw: raw}, nil},
		"serializer cbor":  {wire.Part{Dict: with("enc_serializer", "cbor"), Raw: raw}, nil},
		"serializer null":  {wire.Part{Dict: with("enc_serializer", nil), Raw: raw}, nil},
		"serializer type":  {wire.Part{Dict: with("enc_serializer", 1), Raw: raw}, nil},
		"serializer empty": {wire.Part{Dict: with("enc_serializer", ""), Raw: raw}, nil},
		"unknown detail":   {wire.Part{Dict: with("enc_x", "y"), Raw: raw}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			env, err := wire.Take(&c.part)
			require.Equal(t, c.want, env)
			if c.want == nil {
				require.ErrorIs(t, err, wire.ErrParts)
				require.False(t, isEnc(err))
				return
			}
			require.NoError(t, err)
		})
	}
	part := wire.Part{Dict: whole, Raw: make([]byte, cryptobox.MaxSealed+1)}
	env, err := wire.Take(&part)
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
	require.Nil(t, env)
}

// TestAutobahnAlgorithms: those that routers pass on are taken, for the key to refuse.
func TestAutobahnAlgorithms(t *testing.T) {
	for algorithm, carried := range map[string]bool{
		"cryptobox": true, "mqtt": true, "xbr": true, "x_my_1": true, "x_ab": true,
		"xsalsa20poly1305": false, "aes256gcm": false, "Cryptobox": false, "cryptobox2": false, "acryptobox": false,
		"x_": false, "x_a": false, "x_1a": false, "x_aB": false, "xx_ab": false, "x_ab ": false, "null": false, "x_ab\n": false,
	} {
		env, err := wire.Take(&wire.Part{Dict: wamp.Dict{"enc_algo": algorithm, "enc_serializer": "json"}, Raw: []byte{1}})
		if carried {
			require.NoError(t, err, algorithm)
			require.Equal(t, &wire.Envelope{Dialect: cryptobox.Autobahn, Algorithm: algorithm, Payload: []byte{1}}, env)
			continue
		}
		require.ErrorIs(t, err, wire.ErrParts, algorithm)
		require.Nil(t, env)
	}
}
