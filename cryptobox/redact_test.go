package cryptobox_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
)

// plainText is the payload of all that is sealed here.
const plainText = "Zebra crossing 41 quokka jumps"

func TestKeysAreHidden(t *testing.T) {
	private, symmetric := cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey()
	peer := cryptobox.GenerateKey().Public()
	b, err := cryptobox.NewBox(private, peer)
	require.NoError(t, err)
	var shared [32]byte
	peerBytes, privateBytes := [32]byte(peer.Bytes()), [32]byte(private.UnsafeBytes())
	box.Precompute(&shared, &peerBytes, &privateBytes)
	c := aesGCM(t, symmetric)
	for name, v := range map[string]any{
		"private key": private, "pointer": &private, "symmetric key": symmetric, "box": b, "box by value": *b, "secret box": secretBox(t, symmetric),
		"AESGCM": c, "AESGCM by value": *c, "cipher": []cryptobox.Cipher{b, c},
	} {
		t.Run(name, func(t *testing.T) {
			leak.RequireHidden(t, v, private.UnsafeBytes(), symmetric.UnsafeBytes(), shared[:])
		})
	}
}

func TestTokensAreHidden(t *testing.T) {
	ours, _ := pair(t)
	env, token, err := cryptobox.Seal(ours, cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	nonce := env.Payload[:24]
	leak.RequireHidden(t, token, nonce)
	leak.RequireHidden(t, cryptobox.Bind{Kind: cryptobox.KindCall, Re: token}, nonce)
	leak.RequireHidden(t, cryptobox.NewRecord("", nil, nil, &cryptobox.Bind{Re: token}), nonce)
	env, short, err := cryptobox.Seal(aesGCM(t, cryptobox.GenerateSymmetricKey()), cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	leak.RequireHidden(t, short, env.Payload[:12])
}

// TestRecordsAreHidden: those that were made, and those that were opened.
func TestRecordsAreHidden(t *testing.T) {
	ours, theirs := pair(t)
	for name, rec := range map[string]*cryptobox.Record{
		"args":   cryptobox.NewRecord("com.x", []any{plainText, []byte(plainText), map[string]any{"k": plainText}}, nil, nil),
		"kwargs": cryptobox.NewRecord("", nil, map[string]any{plainText: plainText}, nil),
		"URI":    cryptobox.NewRecord(plainText, nil, nil, &cryptobox.Bind{Kind: cryptobox.KindError, Realm: "r", From: cryptobox.SenderID{1}, N: 1}),
	} {
		t.Run(name, func(t *testing.T) {
			leak.RequireHidden(t, rec, []byte(plainText))
			leak.RequireHidden(t, *rec, []byte(plainText))
			env, _, err := cryptobox.Seal(ours, cryptobox.CBOR, "", rec)
			require.NoError(t, err)
			opened, _, err := cryptobox.Open(theirs, env)
			require.NoError(t, err)
			leak.RequireHidden(t, opened, []byte(plainText))
			leak.RequireHidden(t, *opened, []byte(plainText))
		})
	}
}

func TestErrorsAreHidden(t *testing.T) {
	secret := cryptobox.GenerateKey().UnsafeBytes()
	for _, text := range []string{hex.EncodeToString(secret) + "0", base64.StdEncoding.EncodeToString(secret)[:43] + "!", "x" + hex.EncodeToString(secret)[1:]} {
		_, err := cryptobox.ParsePrivateKey(text)
		require.Error(t, err)
		leak.RequireHidden(t, err, secret)
	}
	for _, s := range serializers {
		_, err := s.Encode(cryptobox.NewRecord("", []any{map[string]any{plainText: []any{plainText + "\xff"}}}, nil, nil))
		require.Error(t, err)
		leak.RequireHidden(t, err, []byte(plainText))
	}
	for s, data := range map[cryptobox.Serializer]string{
		cryptobox.JSON:        `{"` + plainText + `":1,"` + plainText + `":2}`,
		cryptobox.CBOR:        "\xa2\x78\x1e" + plainText + "\x01\x78\x1e" + plainText + "\x02",
		cryptobox.MessagePack: "\x82\xbe" + plainText + "\x01\xbe" + plainText + "\x02",
	} {
		_, err := s.Decode([]byte(data))
		require.ErrorIs(t, err, cryptobox.ErrMalformed)
		leak.RequireHidden(t, err, []byte(plainText))
	}
}

// TestNothingPrintsSecrets: no exported type does, those included that are added later.
func TestNothingPrintsSecrets(t *testing.T) {
	private, symmetric := cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey()
	b, err := cryptobox.NewBox(private, cryptobox.GenerateKey().Public())
	require.NoError(t, err)
	bind := cryptobox.Bind{Kind: cryptobox.KindResult, Realm: "realm1", From: cryptobox.NewSenderID(), N: 1}
	_, bind.Re, err = cryptobox.Seal(b, cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	rec := cryptobox.NewRecord("com.x", []any{plainText}, map[string]any{plainText: []byte(plainText)}, &bind)
	env, token, err := cryptobox.Seal(b, cryptobox.JSON, "key-1", rec)
	require.NoError(t, err)
	_, keyErr := cryptobox.ParsePrivateKey(hex.EncodeToString(private.UnsafeBytes()) + "0")
	_, valueErr := cryptobox.CBOR.Encode(cryptobox.NewRecord("", []any{map[string]any{plainText: plainText + "\xff"}}, nil, nil))
	var asKey *cryptobox.KeyError
	var asValue *cryptobox.ValueError
	require.ErrorAs(t, keyErr, &asKey)
	require.ErrorAs(t, valueErr, &asValue)
	values := map[string][]any{
		"PrivateKey": {private, &private}, "SymmetricKey": {symmetric, &symmetric}, "PublicKey": {private.Public()},
		"Box": {b, *b}, "AESGCM": {aesGCM(t, symmetric)}, "Token": {token, &token}, "Bind": {bind, &bind}, "Record": {*rec, rec},
		"Envelope": {*env, env}, "KeyError": {asKey, *asKey, keyErr}, "ValueError": {asValue, *asValue, valueErr},
		"Kind": {bind.Kind}, "SenderID": {bind.From}, "Serializer": {cryptobox.CBOR},
	}
	var covered []string
	for name, list := range values {
		covered = append(covered, name)
		secrets := [][]byte{[]byte(plainText), private.UnsafeBytes(), symmetric.UnsafeBytes()}
		if name != "Envelope" { // of which a dump shows what a router sees
			secrets = append(secrets, env.Payload[:24])
		}
		for _, v := range list {
			leak.RequireHidden(t, v, secrets...)
		}
	}
	require.ElementsMatch(t, leak.ExportedTypes(t, "."), covered, "a type without a value here, or the other way round")
}

// TestSecretsAreNotMarshalled: each type shows its name under every verb, and
// marshalling it is an error.
func TestSecretsAreNotMarshalled(t *testing.T) {
	ours, _ := pair(t)
	env, token, err := cryptobox.Seal(ours, cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	type shower interface {
		fmt.Stringer
		fmt.GoStringer
		slog.LogValuer
		MarshalText() ([]byte, error)
		MarshalJSON() ([]byte, error)
		MarshalBinary() ([]byte, error)
	}
	for name, v := range map[string]shower{
		"PrivateKey": cryptobox.GenerateKey(), "SymmetricKey": cryptobox.GenerateSymmetricKey(), "Box": ours,
		"AESGCM": aesGCM(t, cryptobox.GenerateSymmetricKey()), "Record": cryptobox.Record{}, "Envelope": *env, "Token": token,
	} {
		for _, f := range []func() ([]byte, error){v.MarshalText, v.MarshalJSON, v.MarshalBinary} {
			data, err := f()
			require.ErrorIs(t, err, cryptobox.ErrSecret, name)
			require.Nil(t, data)
		}
		want := "cryptobox." + name + "(redacted)"
		require.Equal(t, want, v.String())
		require.Equal(t, want, v.GoString())
		require.Equal(t, want, v.LogValue().String())
		for _, verb := range leak.Verbs {
			require.Equal(t, want, fmt.Sprintf(verb, v), verb)
			require.Contains(t, fmt.Sprintf(verb, []any{v}), want, verb)
		}
	}
}
