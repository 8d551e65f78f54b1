package cryptobox_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
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

// TestSuiteKeysAreHidden, and what they derive.
func TestSuiteKeysAreHidden(t *testing.T) {
	secret := []byte("Zebra crossing 41 quokka jumps 7")
	symmetric, err := cryptobox.NewSymmetricKey(secret)
	require.NoError(t, err)
	public := cryptobox.GenerateKey().Public()
	made, err := cryptobox.NewSharedKey(symmetric)
	require.NoError(t, err)
	keys := []*cryptobox.SuiteKey{made}
	for _, suite := range suites[:2] {
		made, err := cryptobox.NewPairKey(suite, secretBox(t, symmetric), public, public)
		require.NoError(t, err)
		keys = append(keys, made)
	}
	for _, key := range keys {
		_, _, err := key.Seal(nil, event(nil, nil))
		require.NoError(t, err)
		info := string(append(append([]byte{byte(key.Suite())}, cryptobox.Hash(key)...), byte(cryptobox.Message)))
		derived, err := hkdf.Key(sha256.New, secret, []byte("wampbox-2"), info, 32)
		require.NoError(t, err)
		leak.RequireHidden(t, key, secret, derived)
		leak.RequireHidden(t, *key, secret, derived)
	}
}

func TestTokensAreHidden(t *testing.T) {
	payload, short, err := cryptobox.SealForeign(aesGCM(t, cryptobox.GenerateSymmetricKey()), cryptobox.Passthru, &cryptobox.ForeignRecord{})
	require.NoError(t, err)
	leak.RequireHidden(t, short, payload[:12])
}

// TestRecordsAreHidden: those that were made, drafts, and those that were opened.
func TestRecordsAreHidden(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteXBox]
	for name, rec := range map[string]cryptobox.Record{
		"args":   cryptobox.NewRecord(headOf(cryptobox.KindError), "realm1", "com.x", []any{plainText, []byte(plainText), map[string]any{"k": plainText}}, nil),
		"kwargs": cryptobox.NewRecord(headOf(cryptobox.KindError), "realm1", "com.x", nil, map[string]any{plainText: plainText}),
		"URI":    cryptobox.NewRecord(headOf(cryptobox.KindError), "realm1", plainText, nil, nil),
	} {
		t.Run(name, func(t *testing.T) {
			leak.RequireHidden(t, &rec, []byte(plainText))
			leak.RequireHidden(t, rec, []byte(plainText))
			var draft cryptobox.Draft
			require.NoError(t, key.Encode(&rec, &draft))
			defer draft.Release()
			leak.RequireHidden(t, &draft, []byte(plainText))
			enc, token := draft.Append(nil), draft.Token()
			leak.RequireHidden(t, &draft, enc[17:41])
			opened, err := open(t, key, enc, cryptobox.Answer)
			require.NoError(t, err)
			_, _, err = opened.Values()
			require.NoError(t, err)
			leak.RequireHidden(t, opened, []byte(plainText), enc[17:41])
			leak.RequireHidden(t, token, enc[17:41])
			leak.RequireHidden(t, cryptobox.Head{Re: token}, enc[17:41])
		})
	}
}

// TestForeignRecordsAreHidden: those that were made, and those that were opened.
func TestForeignRecordsAreHidden(t *testing.T) {
	ours, theirs := pair(t)
	for name, rec := range map[string]*cryptobox.ForeignRecord{
		"args":   cryptobox.NewForeignRecord("com.x", []any{plainText, []byte(plainText), map[string]any{"k": plainText}}, nil),
		"kwargs": cryptobox.NewForeignRecord("", nil, map[string]any{plainText: plainText}),
		"URI":    cryptobox.NewForeignRecord(plainText, nil, nil),
	} {
		t.Run(name, func(t *testing.T) {
			leak.RequireHidden(t, rec, []byte(plainText))
			leak.RequireHidden(t, *rec, []byte(plainText))
			payload, token, err := cryptobox.SealForeign(ours, cryptobox.Passthru, rec)
			require.NoError(t, err)
			leak.RequireHidden(t, token, payload[:24])
			opened, _, err := cryptobox.OpenForeign(theirs, cryptobox.Passthru, payload)
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
	key := someKeys(t)[cryptobox.SuiteBox]
	unsealable := []any{map[string]any{plainText: []any{plainText + "\xff"}}}
	_, _, err := key.Seal(nil, event(unsealable, nil))
	require.Error(t, err)
	leak.RequireHidden(t, err, []byte(plainText))
	quoted := fmt.Sprintf("78%02x%x", len(plainText), plainText)
	for _, record := range []string{with(kwargs, "a2"+quoted+"00"+quoted+"00"), arg(quoted + "ff"), with(uri, quoted, n, "00"), with(kind, "02", uri, quoted, seq, "f6"), arg("d82a" + quoted)} {
		_, err := openRecord(t, unhex(t, record), cryptobox.Message)
		require.Error(t, err)
		leak.RequireHidden(t, err, []byte(plainText))
	}
	for d, data := range map[cryptobox.Dialect]string{
		cryptobox.Autobahn: `{"` + plainText + `":1,"` + plainText + `":2}`,
		cryptobox.Passthru: "\xa2\x78\x1e" + plainText + "\x01\x78\x1e" + plainText + "\x02",
	} {
		_, err := encode(t, d, cryptobox.NewForeignRecord("", unsealable, nil))
		require.Error(t, err)
		leak.RequireHidden(t, err, []byte(plainText))
		_, err = decode(t, d, []byte(data))
		require.ErrorIs(t, err, cryptobox.ErrMalformed)
		leak.RequireHidden(t, err, []byte(plainText))
	}
}

// TestNothingPrintsSecrets: no exported type does, those included that are added later.
func TestNothingPrintsSecrets(t *testing.T) {
	private, symmetric := cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey()
	b, err := cryptobox.NewBox(private, cryptobox.GenerateKey().Public())
	require.NoError(t, err)
	key, err := cryptobox.NewPairKey(cryptobox.SuiteBox, b, private.Public(), private.Public())
	require.NoError(t, err)
	head := headOf(cryptobox.KindResult)
	rec := cryptobox.NewRecord(head, "realm1", "com.x", []any{plainText}, map[string]any{plainText: []byte(plainText)})
	var draft cryptobox.Draft
	require.NoError(t, key.Encode(&rec, &draft))
	defer draft.Release()
	enc := draft.Append(nil)
	opened, err := open(t, key, enc, cryptobox.Answer)
	require.NoError(t, err)
	head.Re = opened.Token
	foreign := cryptobox.NewForeignRecord("com.x", []any{plainText}, map[string]any{plainText: []byte(plainText)})
	_, keyErr := cryptobox.ParsePrivateKey(hex.EncodeToString(private.UnsafeBytes()) + "0")
	_, _, valueErr := key.Seal(nil, event([]any{map[string]any{plainText: plainText + "\xff"}}, nil))
	kindErr := key.Open(enc, cryptobox.Message, new(cryptobox.Opened))
	var asKey *cryptobox.KeyError
	var asValue *cryptobox.ValueError
	var asKind *cryptobox.WrongKindError
	require.ErrorAs(t, keyErr, &asKey)
	require.ErrorAs(t, valueErr, &asValue)
	require.ErrorAs(t, kindErr, &asKind)
	secret, err := cryptobox.NewScrambleSecret(private.UnsafeBytes())
	require.NoError(t, err)
	scrambler, err := cryptobox.NewScrambler(secret, "realm1", "com.")
	require.NoError(t, err)
	require.NotEqual(t, "com.x", scrambler.Scramble("com.x"))
	values := map[string][]any{
		"ScrambleSecret": {secret, &secret}, "Scrambler": {scrambler},
		"PrivateKey": {private, &private}, "SymmetricKey": {symmetric, &symmetric}, "PublicKey": {private.Public()},
		"Box": {b, *b}, "AESGCM": {aesGCM(t, symmetric)}, "SuiteKey": {key, *key}, "Token": {head.Re, &head.Re}, "Head": {head, &head},
		"Record": {rec, &rec}, "ForeignRecord": {foreign, *foreign}, "Opened": {opened}, "Draft": {&draft},
		"KeyError": {asKey, *asKey, keyErr}, "ValueError": {asValue, *asValue, valueErr}, "WrongKindError": {asKind, *asKind, kindErr},
		"Kind": {head.Kind}, "SenderID": {head.From}, "Dialect": {cryptobox.Passthru}, "Suite": {key.Suite()}, "KeyID": {key.ID()}, "Direction": {cryptobox.Answer},
	}
	maps.Copy(values, signedKeyValues(t))
	maps.Copy(values, signedValues(t))
	var covered []string
	for name, list := range values {
		covered = append(covered, name)
		for _, v := range list {
			leak.RequireHidden(t, v, []byte(plainText), private.UnsafeBytes(), symmetric.UnsafeBytes(), enc[17:41])
		}
	}
	require.ElementsMatch(t, leak.ExportedTypes(t, "."), covered, "a type without a value here, or the other way round")
}

// TestSecretsAreNotMarshalled: each type shows its name under every verb, and
// marshalling it is an error.
func TestSecretsAreNotMarshalled(t *testing.T) {
	ours, _ := pair(t)
	key := someKeys(t)[cryptobox.SuiteBox]
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
		"AESGCM": aesGCM(t, cryptobox.GenerateSymmetricKey()), "Record": cryptobox.Record{}, "ForeignRecord": cryptobox.ForeignRecord{},
		"Token": cryptobox.Token{}, "SuiteKey": key, "Exchange": cryptobox.Exchange{}, "Opened": new(cryptobox.Opened), "Draft": new(cryptobox.Draft),
		"SigningKey": cryptobox.GenerateSigningKey(), "ReadingKey": readingKey(t, cryptobox.SuiteSignedPQ),
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
		_, _, err := key.Seal(nil, event([]any{v}, nil))
		require.ErrorContains(t, err, "secret", name)
	}
}
