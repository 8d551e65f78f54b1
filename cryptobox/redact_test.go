package cryptobox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/davecgh/go-spew/spew"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
)

// forms are the ways in which bytes may show in a text. Eight bytes in a row
// are enough to be found.
func forms(secret []byte) []string {
	var out []string
	for i := 0; i+8 <= len(secret); i++ {
		part := secret[i : i+8]
		upper := strings.ToUpper(hex.EncodeToString(part))
		out = append(out, string(part), strings.Trim(fmt.Sprintf("%q", string(part)), `"`), hex.EncodeToString(part), upper,
			strings.Trim(fmt.Sprint(part), "[]"), strings.ReplaceAll(strings.Trim(fmt.Sprint(part), "[]"), " ", ","),
			strings.Trim(fmt.Sprintf("% x", part), " "), strings.Trim(fmt.Sprintf("%#v", part), "[]byte{}"))
		// Base64 shows the same text at every third byte.
		for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			out = append(out, enc.EncodeToString(part[:6]))
		}
		out = append(out, words(part)...)
	}
	return out
}

// words are two numbers of 32 bits in a row, as an expanded AES key holds them.
// Short numbers are left out: they are found anywhere.
func words(part []byte) []string {
	var out []string
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		first, second := order.Uint32(part), order.Uint32(part[4:])
		if first < 100_000_000 || second < 100_000_000 {
			continue
		}
		for _, form := range []string{"%d %d", "%d, %d", "%d,%d", "%#x, %#x", "%x %x", "(uint32) %d,\n"} {
			out = append(out, fmt.Sprintf(form, []any{first, second}[:strings.Count(form, "%")]...))
		}
	}
	return out
}

// inside puts v where other programs put things. What is in a field that is
// not exported can't be asked how it prints.
type inside struct {
	Exported any
	List     []any
	Map      map[string]any
}

// around has fields that are not exported, by value and by pointer.
type around[T any] struct {
	value   T
	pointer *T
	boxed   any
	list    []T
	m       map[string]T
}

func aroundOf[T any](v T) around[T] {
	a := around[T]{value: v, pointer: &v, boxed: v, list: []T{v}, m: map[string]T{"k": v}}
	_, _, _, _, _ = a.value, a.pointer, a.boxed, a.list, a.m
	return a
}

// dump prints v in every way that asks v how.
func dump(v any) map[string]string {
	out := map[string]string{}
	for _, x := range []any{v, inside{v, []any{v}, map[string]any{"k": v}}, &inside{Exported: v}, []any{v}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "% x", "%q", "%d", "%b", "%o", "%t", "%e", "%c", "%U", "%10.3v"} {
			out["fmt "+verb] += fmt.Sprintf(verb, x)
		}
		out["Sprint"] += fmt.Sprint(x)
		if s, ok := x.(fmt.Stringer); ok {
			out["String"] += s.String()
		}
		if s, ok := x.(fmt.GoStringer); ok {
			out["GoString"] += s.GoString()
		}
		var buf bytes.Buffer
		slog.New(slog.NewTextHandler(&buf, nil)).Info("m", "k", x, "g", slog.GroupValue(slog.Any("k", x)))
		out["slog text"] += buf.String()
		buf.Reset()
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("m", "k", x)
		out["slog json"] += buf.String()
		data, _ := json.Marshal(x)
		out["json"] += string(data)
		data, _ = xml.Marshal(x)
		out["xml"] += string(data)
		out["gob"] += gobOf(x)
		out["spew"] += spew.Sdump(x)
	}
	return out
}

// gobOf is what gob writes before it fails, if it does. It panics at pointers
// to pointers that marshal themselves.
func gobOf(v any) (text string) {
	var buf bytes.Buffer
	defer func() {
		_ = recover()
		text = buf.String()
	}()
	_ = gob.NewEncoder(&buf).Encode(v)
	return ""
}

// dumpFields prints v in the ways that walk its fields without asking.
func dumpFields(v any) map[string]string {
	raw := spew.ConfigState{Indent: " ", DisableMethods: true, DisablePointerMethods: true}
	return map[string]string{
		"spew without methods": raw.Sdump(v),
		"testify":              testifyDiff(v),
		"%p":                   fmt.Sprintf("%p", v),
	}
}

// recorder keeps what a failing assertion says.
type recorder struct{ strings.Builder }

// Errorf keeps the text.
func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(r, format, args...) }

func testifyDiff(v any) string {
	var r recorder
	assert.Equal(&r, struct{ V any }{nil}, struct{ V any }{v})
	assert.Equal(&r, v, struct{ V any }{v})
	return r.String()
}

func requireAbsent(t *testing.T, secret []byte, outputs map[string]string) {
	t.Helper()
	require.NotEmpty(t, outputs)
	for how, text := range outputs {
		for _, form := range forms(secret) {
			if strings.Contains(text, form) {
				t.Fatalf("%s shows a secret: %s", how, text)
			}
		}
	}
}

// hides checks that v shows nothing of secret even from inside foreign types.
func hides[T any](t *testing.T, name string, v T, secret []byte) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		for _, x := range []any{v, &v, aroundOf(v), aroundOf(&v), []T{v}, map[string]*T{"k": &v}} {
			requireAbsent(t, secret, dump(x))
			requireAbsent(t, secret, dumpFields(x))
		}
	})
}

func TestFormsFindSecrets(t *testing.T) {
	secret := cryptobox.GenerateKey().UnsafeBytes()
	for how, text := range map[string]string{
		"raw": string(secret), "hex": hex.EncodeToString(secret), "base64": base64.StdEncoding.EncodeToString(secret),
		"list": fmt.Sprint(secret), "Go": fmt.Sprintf("%#v", secret), "array": fmt.Sprint([32]byte(secret)), "spaced": fmt.Sprintf("% x", secret), "upper": fmt.Sprintf("%X", secret),
		"quoted": fmt.Sprintf("%q", secret), "JSON": asJSON([32]byte(secret)), "spew": spew.Sdump(secret),
		"words": fmt.Sprint(wordsOf(secret)), "Go words": fmt.Sprintf("%#v", wordsOf(secret)), "JSON words": asJSON(wordsOf(secret)), "spew words": spew.Sdump(wordsOf(secret)),
	} {
		found := false
		for _, form := range forms(secret) {
			found = found || strings.Contains(text, form)
		}
		require.True(t, found, how)
	}
}

func wordsOf(secret []byte) []uint32 {
	out := make([]uint32, len(secret)/4)
	for i := range out {
		out[i] = binary.BigEndian.Uint32(secret[4*i:])
	}
	return out
}

func asJSON(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

func TestKeysAreHidden(t *testing.T) {
	private, symmetric := cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey()
	hides(t, "private key", private, private.UnsafeBytes())
	hides(t, "symmetric key", symmetric, symmetric.UnsafeBytes())

	peer := cryptobox.GenerateKey().Public()
	b, err := cryptobox.NewBox(private, peer)
	require.NoError(t, err)
	var shared [32]byte
	peerBytes, privateBytes := [32]byte(peer.Bytes()), [32]byte(private.UnsafeBytes())
	box.Precompute(&shared, &peerBytes, &privateBytes)
	hides(t, "box", b, shared[:])
	hides(t, "box by value", *b, shared[:])
	hides[cryptobox.Cipher](t, "cipher", b, shared[:])
	hides(t, "secret box", secretBox(t, symmetric), symmetric.UnsafeBytes())
	c := aesGCM(t, symmetric)
	hides(t, "AESGCM", c, symmetric.UnsafeBytes())
	hides(t, "AESGCM by value", *c, symmetric.UnsafeBytes())
	hides[cryptobox.Cipher](t, "AESGCM as a cipher", c, symmetric.UnsafeBytes())
}

func TestTokensAreHidden(t *testing.T) {
	ours, _ := pair(t)
	env, token, err := cryptobox.Seal(ours, cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	nonce := env.Payload[:24]
	hides(t, "token", token, nonce)
	env, short, err := cryptobox.Seal(aesGCM(t, cryptobox.GenerateSymmetricKey()), cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	hides(t, "token of 12 bytes", short, env.Payload[:12])
	hides(t, "bind", cryptobox.Bind{Kind: cryptobox.KindCall, Re: token}, nonce)
	hides(t, "record with bind", cryptobox.Record{Bind: &cryptobox.Bind{Re: token}}, nonce)
}

func TestRecordsAreHidden(t *testing.T) {
	plain := "Zebra crossing 41 quokka jumps"
	for name, rec := range map[string]cryptobox.Record{
		"args":   {URI: "com.x", Args: []any{plain, []byte(plain), map[string]any{"k": plain}}},
		"kwargs": {Kwargs: map[string]any{plain: plain}},
	} {
		t.Run(name, func(t *testing.T) {
			requireAbsent(t, []byte(plain), dump(rec))
			requireAbsent(t, []byte(plain), dump(&rec))
			requireAbsent(t, []byte(plain), dump(map[string]cryptobox.Record{"k": rec}))
		})
	}
}

func TestEnvelopesAreHidden(t *testing.T) {
	ours, _ := pair(t)
	env := sealedEnvelope(t, ours, cryptobox.CBOR)
	requireAbsent(t, env.Payload, dump(*env))
	requireAbsent(t, env.Payload, dump(env))
	requireAbsent(t, env.Payload, dump([]*cryptobox.Envelope{env}))
	require.Equal(t, fmt.Sprintf(`cryptobox.Envelope("cryptobox", "cbor", key "key-1", %d bytes)`, len(env.Payload)), env.String())
}

func TestErrorsAreHidden(t *testing.T) {
	secret := cryptobox.GenerateKey().UnsafeBytes()
	for _, text := range []string{hex.EncodeToString(secret) + "0", base64.StdEncoding.EncodeToString(secret)[:43] + "!", "x" + hex.EncodeToString(secret)[1:]} {
		_, err := cryptobox.ParsePrivateKey(text)
		require.Error(t, err)
		requireAbsent(t, secret, dump(err))
		requireAbsent(t, secret, dumpFields(err))
	}
	plain := "Zebra crossing 41 quokka jumps"
	for _, s := range serializers {
		_, err := s.Encode(&cryptobox.Record{Args: []any{map[string]any{plain: []any{plain + "\xff"}}}})
		require.Error(t, err)
		requireAbsent(t, []byte(plain), dump(err))
		requireAbsent(t, []byte(plain), dumpFields(err))
	}
	for s, data := range map[cryptobox.Serializer]string{
		cryptobox.JSON:        `{"` + plain + `":1,"` + plain + `":2}`,
		cryptobox.CBOR:        "\xa2\x78\x1e" + plain + "\x01\x78\x1e" + plain + "\x02",
		cryptobox.MessagePack: "\x82\xbe" + plain + "\x01\xbe" + plain + "\x02",
	} {
		_, err := s.Decode([]byte(data))
		require.ErrorIs(t, err, cryptobox.ErrMalformed)
		requireAbsent(t, []byte(plain), dump(err))
		requireAbsent(t, []byte(plain), dumpFields(err))
	}
}

// TestNothingPrintsSecrets: no exported type does, those included that are added later.
func TestNothingPrintsSecrets(t *testing.T) {
	private, symmetric := cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey()
	plain := "Zebra crossing 41 quokka jumps"
	b, err := cryptobox.NewBox(private, cryptobox.GenerateKey().Public())
	require.NoError(t, err)
	bind := cryptobox.Bind{Kind: cryptobox.KindResult, Realm: "realm1", From: cryptobox.NewSenderID(), N: 1}
	_, bind.Re, err = cryptobox.Seal(b, cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	rec := cryptobox.Record{URI: "com.x", Args: []any{plain}, Kwargs: map[string]any{plain: []byte(plain)}, Bind: &bind}
	env, token, err := cryptobox.Seal(b, cryptobox.JSON, "key-1", &rec)
	require.NoError(t, err)
	_, keyErr := cryptobox.ParsePrivateKey(hex.EncodeToString(private.UnsafeBytes()) + "0")
	_, valueErr := cryptobox.CBOR.Encode(&cryptobox.Record{Args: []any{map[string]any{plain: plain + "\xff"}}})
	var asKey *cryptobox.KeyError
	var asValue *cryptobox.ValueError
	require.ErrorAs(t, keyErr, &asKey)
	require.ErrorAs(t, valueErr, &asValue)
	values := map[string][]any{
		"PrivateKey": {private, &private}, "SymmetricKey": {symmetric, &symmetric}, "PublicKey": {private.Public()},
		"Box": {b, *b}, "AESGCM": {aesGCM(t, symmetric)}, "Token": {token, &token}, "Bind": {bind, &bind}, "Record": {rec, &rec},
		"Envelope": {*env, env}, "KeyError": {asKey, *asKey, keyErr}, "ValueError": {asValue, *asValue, valueErr},
		"Kind": {bind.Kind}, "SenderID": {bind.From}, "Serializer": {cryptobox.CBOR},
	}
	var covered []string
	for name, list := range values {
		covered = append(covered, name)
		for _, v := range list {
			leak.RequireAbsent(t, v, []byte(plain), private.UnsafeBytes(), symmetric.UnsafeBytes(), env.Payload[:24])
		}
	}
	require.ElementsMatch(t, leak.ExportedTypes(t, "."), covered, "a type without a value here, or the other way round")
}

// TestSecretsAreNotMarshalled: an error, not a redacted text.
func TestSecretsAreNotMarshalled(t *testing.T) {
	ours, _ := pair(t)
	env, token, err := cryptobox.Seal(ours, cryptobox.CBOR, "", &cryptobox.Record{})
	require.NoError(t, err)
	type marshaler interface {
		MarshalText() ([]byte, error)
		MarshalJSON() ([]byte, error)
		MarshalBinary() ([]byte, error)
	}
	type shower interface {
		fmt.Stringer
		fmt.GoStringer
		slog.LogValuer
	}
	for _, v := range []marshaler{cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey(), ours, aesGCM(t, cryptobox.GenerateSymmetricKey()), cryptobox.Record{}, *env, token} {
		for _, f := range []func() ([]byte, error){v.MarshalText, v.MarshalJSON, v.MarshalBinary} {
			data, err := f()
			require.ErrorIs(t, err, cryptobox.ErrSecret, "%T", v)
			require.Nil(t, data)
		}
		shown, ok := v.(shower)
		require.True(t, ok, "%T", v)
		require.True(t, strings.HasPrefix(shown.String(), "cryptobox."))
		require.Equal(t, shown.String(), shown.GoString())
		require.Equal(t, shown.String(), shown.LogValue().String())
	}
}
