package cryptobox_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func sealedEnvelope(t testing.TB, c cryptobox.Cipher, s cryptobox.Serializer) *cryptobox.Envelope {
	t.Helper()
	env, token, err := cryptobox.Seal(c, s, "key-1", cryptobox.NewRecord("com.x", []any{"text"}, nil, nil))
	require.NoError(t, err)
	require.False(t, token.IsZero())
	return env
}

func requireNoRecord(t testing.TB, want error, c cryptobox.Cipher, env *cryptobox.Envelope) {
	t.Helper()
	rec, token, err := cryptobox.Open(c, env)
	require.ErrorIs(t, err, want)
	require.Nil(t, rec)
	require.True(t, token.IsZero())
}

func TestSealNamesWhatItUsed(t *testing.T) {
	ours, theirs := pair(t)
	key := cryptobox.GenerateSymmetricKey()
	for _, c := range []struct{ seals, opens cryptobox.Cipher }{
		{ours, theirs}, {theirs, ours}, {ours, ours}, {secretBox(t, key), secretBox(t, key)},
	} {
		for _, s := range serializers {
			env := sealedEnvelope(t, c.seals, s)
			require.Equal(t, c.seals.Algorithm(), env.Algorithm)
			require.Equal(t, s, env.Serializer)
			require.Equal(t, "key-1", env.KeyID)
			require.NoError(t, env.Validate())
			payload := bytes.Clone(env.Payload)
			env.KeyID = "another" // selects the key, and is not looked at again
			rec, _, err := cryptobox.Open(c.opens, env)
			require.NoError(t, err)
			require.True(t, sameRecord(cryptobox.NewRecord("com.x", []any{"text"}, nil, nil), rec))
			require.Equal(t, payload, env.Payload)
		}
	}
}

func TestOpenChecksTheAlgorithmFirst(t *testing.T) {
	ours, theirs := pair(t)
	key := cryptobox.GenerateSymmetricKey()
	for _, c := range []struct {
		seals, opens cryptobox.Cipher
		other        string
	}{
		{ours, theirs, "aes256gcm"}, {secretBox(t, key), secretBox(t, key), "cryptobox"},
	} {
		for _, name := range []string{"", c.other, "Cryptobox", "cryptobox ", "xsalsa20poly1305 ", "XSALSA20POLY1305", "secretbox", "\xff", strings.Repeat("x", 1000)} {
			env := sealedEnvelope(t, c.seals, cryptobox.CBOR)
			env.Algorithm = name
			requireNoRecord(t, cryptobox.ErrAlgorithm, c.opens, env)
			env.Serializer = "unknown"
			requireNoRecord(t, cryptobox.ErrAlgorithm, c.opens, env)
		}
	}
	// The same 32 bytes under the other name are another key.
	requireNoRecord(t, cryptobox.ErrAlgorithm, secretBox(t, key), sealedEnvelope(t, ours, cryptobox.CBOR))
}

func TestEnvelopesAreRefused(t *testing.T) {
	ours, theirs := pair(t)
	_, others := pair(t)
	for name, c := range map[string]struct {
		change func(*cryptobox.Envelope)
		want   error
	}{
		"no serializer":            {func(e *cryptobox.Envelope) { e.Serializer = "" }, cryptobox.ErrSerializer},
		"unknown serializer":       {func(e *cryptobox.Envelope) { e.Serializer = "ubjson" }, cryptobox.ErrSerializer},
		"another serializer":       {func(e *cryptobox.Envelope) { e.Serializer = cryptobox.JSON }, cryptobox.ErrMalformed},
		"long key id":              {func(e *cryptobox.Envelope) { e.KeyID = strings.Repeat("k", cryptobox.MaxKeyID+1) }, cryptobox.ErrMalformed},
		"invalid UTF-8 key id":     {func(e *cryptobox.Envelope) { e.KeyID = "\xff" }, cryptobox.ErrMalformed},
		"line break in key id":     {func(e *cryptobox.Envelope) { e.KeyID = "a\nb" }, cryptobox.ErrMalformed},
		"C1 control in key id":     {func(e *cryptobox.Envelope) { e.KeyID = "a\u009bb" }, cryptobox.ErrMalformed},
		"no payload":               {func(e *cryptobox.Envelope) { e.Payload = nil }, cryptobox.ErrMalformed},
		"empty payload":            {func(e *cryptobox.Envelope) { e.Payload = []byte{} }, cryptobox.ErrMalformed},
		"huge payload":             {func(e *cryptobox.Envelope) { e.Payload = make([]byte, cryptobox.MaxPayload+1<<20) }, cryptobox.ErrTooLarge},
		"payload above MaxPayload": {func(e *cryptobox.Envelope) { e.Payload = make([]byte, cryptobox.MaxPayload+41) }, cryptobox.ErrTooLarge},
		"trailing byte":            {func(e *cryptobox.Envelope) { e.Payload = append(e.Payload, 0) }, cryptobox.ErrOpen},
		"short payload":            {func(e *cryptobox.Envelope) { e.Payload = e.Payload[:39] }, cryptobox.ErrOpen},
		"payload without nonce":    {func(e *cryptobox.Envelope) { e.Payload = e.Payload[24:] }, cryptobox.ErrOpen},
	} {
		t.Run(name, func(t *testing.T) {
			env := sealedEnvelope(t, ours, cryptobox.CBOR)
			c.change(env)
			requireNoRecord(t, c.want, theirs, env)
		})
	}
	requireNoRecord(t, cryptobox.ErrOpen, others, sealedEnvelope(t, ours, cryptobox.CBOR))
	requireNoRecord(t, cryptobox.ErrMalformed, theirs, nil)
	requireNoRecord(t, cryptobox.ErrKey, nil, sealedEnvelope(t, ours, cryptobox.CBOR))
}

func TestEveryChangedByteIsNoticed(t *testing.T) {
	ours, theirs := pair(t)
	for _, s := range serializers {
		env := sealedEnvelope(t, ours, s)
		sealed := env.Payload
		for n := 1; n < len(sealed); n++ {
			env.Payload = sealed[:n]
			requireNoRecord(t, cryptobox.ErrOpen, theirs, env)
		}
		for i := range len(sealed) * 8 {
			env.Payload = bytes.Clone(sealed)
			env.Payload[i/8] ^= 1 << (i % 8)
			requireNoRecord(t, cryptobox.ErrOpen, theirs, env)
		}
	}
}

func TestValidate(t *testing.T) {
	good := cryptobox.Envelope{Algorithm: strings.Repeat("a", 64), Serializer: cryptobox.JSON, KeyID: strings.Repeat("k", 256), Payload: []byte{1}}
	require.NoError(t, good.Validate())
	bad := good
	bad.Algorithm += "a"
	require.ErrorIs(t, bad.Validate(), cryptobox.ErrMalformed)
	bad.Algorithm = ""
	require.ErrorIs(t, bad.Validate(), cryptobox.ErrMalformed)
	long := good
	long.Payload = make([]byte, cryptobox.MaxPayload+1<<20)
	require.ErrorIs(t, long.Validate(), cryptobox.ErrTooLarge)
	bad.Algorithm = "a\x00"
	require.ErrorIs(t, bad.Validate(), cryptobox.ErrMalformed)
	require.ErrorIs(t, (*cryptobox.Envelope)(nil).Validate(), cryptobox.ErrMalformed)
}

func TestSealRefuses(t *testing.T) {
	ours, _ := pair(t)
	rec := cryptobox.NewRecord("", []any{1}, nil, nil)
	for name, c := range map[string]struct {
		cipher cryptobox.Cipher
		s      cryptobox.Serializer
		keyID  string
		rec    *cryptobox.Record
		want   error
	}{
		"no cipher":     {nil, cryptobox.CBOR, "", rec, cryptobox.ErrKey},
		"no serializer": {ours, "", "", rec, cryptobox.ErrSerializer},
		"long key id":   {ours, cryptobox.CBOR, strings.Repeat("k", 257), rec, cryptobox.ErrMalformed},
		"bad key id":    {ours, cryptobox.CBOR, "\x00", rec, cryptobox.ErrMalformed},
		"no record":     {ours, cryptobox.CBOR, "", nil, cryptobox.ErrValue},
	} {
		t.Run(name, func(t *testing.T) {
			env, token, err := cryptobox.Seal(c.cipher, c.s, c.keyID, c.rec)
			require.ErrorIs(t, err, c.want)
			require.Nil(t, env)
			require.True(t, token.IsZero())
		})
	}
}
