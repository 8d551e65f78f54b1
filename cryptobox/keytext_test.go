package cryptobox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// typedKey is one kind of key of signed envelopes: what its texts begin with, and how it is
// read. What was read is given as bytes, nil for the zero value.
type typedKey struct {
	what, prefix string
	example      []byte
	parse        func(string) ([]byte, error)
	build        func([]byte) ([]byte, error)
}

func typedKeys(t testing.TB) []typedKey {
	t.Helper()
	signing := func(k cryptobox.SigningKey, err error) ([]byte, error) { return k.UnsafeBytes(), err }
	verify := func(k cryptobox.VerifyKey, err error) ([]byte, error) {
		if k.IsZero() {
			return nil, err
		}
		return k.Bytes(), err
	}
	reading := func(k cryptobox.ReadingKey, err error) ([]byte, error) { return k.UnsafeBytes(), err }
	public := func(k cryptobox.ReadingPublicKey, err error) ([]byte, error) { return k.Bytes(), err }
	pair, hybrid := readingKey(t, cryptobox.SuiteSigned), readingKey(t, cryptobox.SuiteSignedPQ)
	signer := cryptobox.GenerateSigningKey()
	signings := typedKey{
		what: "signing key", prefix: "ed25519:", example: signer.UnsafeBytes(),
		parse: func(s string) ([]byte, error) { return signing(cryptobox.ParseSigningKey(s)) },
		build: func(b []byte) ([]byte, error) { return signing(cryptobox.NewSigningKey(b)) },
	}
	verifies := typedKey{
		what: "verify key", prefix: "ed25519:", example: signer.Public().Bytes(),
		parse: func(s string) ([]byte, error) { return verify(cryptobox.ParseVerifyKey(s)) },
		build: func(b []byte) ([]byte, error) { return verify(cryptobox.NewVerifyKey(b)) },
	}
	all := []typedKey{signings, verifies}
	for prefix, k := range map[string]cryptobox.ReadingKey{"x25519:": pair, "xwing:": hybrid} {
		all = append(all, typedKey{
			what: "reading key", prefix: prefix, example: k.UnsafeBytes(),
			parse: func(s string) ([]byte, error) { return reading(cryptobox.ParseReadingKey(s)) },
			build: func(b []byte) ([]byte, error) { return reading(cryptobox.NewReadingKey(k.Suite(), b)) },
		}, typedKey{
			what: "reading public key", prefix: prefix, example: k.Public().Bytes(),
			parse: func(s string) ([]byte, error) { return public(cryptobox.ParseReadingPublicKey(s)) },
			build: func(b []byte) ([]byte, error) { return public(cryptobox.NewReadingPublicKey(k.Suite(), b)) },
		})
	}
	return all
}

func readingKey(t testing.TB, suite cryptobox.Suite) cryptobox.ReadingKey {
	t.Helper()
	k, err := cryptobox.GenerateReadingKey(suite)
	require.NoError(t, err)
	return k
}

func TestTypedKeysAreRead(t *testing.T) {
	for _, k := range typedKeys(t) {
		text := k.prefix + base64.StdEncoding.EncodeToString(k.example)
		for _, around := range []string{text, " \t\n" + text + "\r\n"} {
			got, err := k.parse(around)
			require.NoError(t, err, k.what)
			require.Equal(t, k.example, got)
		}
		given := bytes.Clone(k.example)
		got, err := k.build(given)
		require.NoError(t, err, k.what)
		require.Equal(t, k.example, got)
		clear(got)
		clear(given)
		got, err = k.build(k.example)
		require.NoError(t, err)
		require.Equal(t, k.example, got, "a copy")
	}
}

func TestTypedKeysAreRefused(t *testing.T) {
	for _, k := range typedKeys(t) {
		size := len(k.example)
		std := base64.StdEncoding.EncodeToString(k.example)
		for name, text := range map[string]string{
			"empty":               "",
			"a colon":             ":",
			"the type alone":      k.prefix,
			"no type":             std,
			"hex":                 k.prefix + hex.EncodeToString(k.example),
			"the type twice":      k.prefix + k.prefix + std,
			"the type at the end": std + k.prefix,
			"the type in capital": strings.ToUpper(k.prefix) + std,
			"an unknown type":     "sodium:" + std,
			"the key as a type":   std + ":" + std,
			"a blank in front":    " " + strings.Replace(k.prefix, ":", " :", 1) + std,
			"a blank within":      k.prefix + " " + std,
			"a line break within": k.prefix + std[:20] + "\n" + std[20:],
			"one in its place":    k.prefix + std[:20] + "\n" + std[21:],
			"a group of them":     k.prefix + std[:20] + "\n\n\n\n" + std[24:],
			"cut short":           k.prefix + std[:len(std)-1],
			"a group less":        k.prefix + std[:len(std)-4],
			"a group more":        k.prefix + "AAAA" + std,
			"one byte less":       k.prefix + base64.StdEncoding.EncodeToString(k.example[:size-1]),
			"URL alphabet":        k.prefix + "-_" + std[2:],
			"two keys":            k.prefix + std + " " + k.prefix + std,
		} {
			got, err := k.parse(text)
			requireKeyError(t, err, k.what, cryptobox.ErrKey)
			require.NotErrorIs(t, err, cryptobox.ErrWeakKey)
			require.Nil(t, got, name)
			for i := 0; i+8 <= len(std); i += 8 {
				require.NotContains(t, err.Error(), std[i:i+8], "an error that quotes a key: %v", name)
			}
		}
		for _, n := range []int{0, 31, 33, size - 1, size + 1} {
			got, err := k.build(make([]byte, n))
			requireKeyError(t, err, k.what, cryptobox.ErrKey)
			require.Nil(t, got)
		}
		zero := make([]byte, size)
		got, err := k.build(zero)
		requireKeyError(t, err, k.what, cryptobox.ErrWeakKey)
		require.Nil(t, got)
		got, err = k.parse(k.prefix + base64.StdEncoding.EncodeToString(zero))
		requireKeyError(t, err, k.what, cryptobox.ErrWeakKey)
		require.Nil(t, got)
	}
}

// TestLooseBits: of the texts that decode to the same bytes one is read.
func TestLooseBits(t *testing.T) {
	for _, k := range typedKeys(t) {
		std := []byte(base64.StdEncoding.EncodeToString(k.example))
		last := bytes.TrimRight(std, "=")
		last[len(last)-1]++ // the alphabet goes on so behind each that has no loose bits
		loose := string(std)
		b, err := base64.StdEncoding.DecodeString(loose)
		require.NoError(t, err)
		require.Equal(t, k.example, b)
		_, err = k.parse(k.prefix + loose)
		requireKeyError(t, err, k.what, cryptobox.ErrKey)
	}
}

// TestWrongTypesAreNamed: the error says which type was wanted, and which was given.
func TestWrongTypesAreNamed(t *testing.T) {
	known := []string{"ed25519:", "x25519:", "xwing:"}
	for _, k := range typedKeys(t) {
		std := base64.StdEncoding.EncodeToString(k.example)
		_, err := k.parse(std)
		require.ErrorContains(t, err, k.prefix)
		require.ErrorContains(t, err, "no type")
		_, err = k.parse("sodium:" + std)
		require.ErrorContains(t, err, "another type")
		require.NotContains(t, err.Error(), "sodium", "it may be a part of a key")
		for _, other := range known {
			if (other == "ed25519:") == (k.prefix == "ed25519:") {
				continue
			}
			_, err := k.parse(other + std)
			requireKeyError(t, err, k.what, cryptobox.ErrKey)
			require.Regexp(t, `want .*"`+k.prefix+`".* in front`, err.Error())
			require.ErrorContains(t, err, `got "`+other+`"`)
		}
	}
}

// TestPublicInPlaceOfPrivate, and the other way round: with X-Wing they have other lengths.
func TestPublicInPlaceOfPrivate(t *testing.T) {
	hybrid := readingKey(t, cryptobox.SuiteSignedPQ)
	_, err := cryptobox.ParseReadingKey(hybrid.Public().String())
	requireKeyError(t, err, "reading key", cryptobox.ErrKey)
	require.ErrorContains(t, err, "want a private key, got the length of a public one")
	_, err = cryptobox.ParseReadingPublicKey(hybrid.UnsafeText())
	requireKeyError(t, err, "reading public key", cryptobox.ErrKey)
	require.ErrorContains(t, err, "want a public key, got the length of a private one")
	_, err = cryptobox.NewReadingKey(cryptobox.SuiteSignedPQ, hybrid.Public().Bytes())
	requireKeyError(t, err, "reading key", cryptobox.ErrKey)
}

func TestTypedTexts(t *testing.T) {
	signer := cryptobox.GenerateSigningKey()
	signerAgain, err := cryptobox.ParseSigningKey(signer.UnsafeText())
	require.NoError(t, err)
	require.True(t, signer.Equal(signerAgain))
	require.Equal(t, signer.UnsafeText(), signerAgain.UnsafeText())
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		k := readingKey(t, suite)
		again, err := cryptobox.ParseReadingKey(k.UnsafeText())
		require.NoError(t, err)
		require.True(t, k.Equal(again))
		require.Equal(t, suite, again.Suite())
		public, err := cryptobox.ParseReadingPublicKey(k.Public().String())
		require.NoError(t, err)
		require.True(t, k.Public() == public, "comparable")
		require.Equal(t, suite, public.Suite())
		type config struct {
			Key    cryptobox.ReadingPublicKey
			Verify cryptobox.VerifyKey
			Keys   map[cryptobox.ReadingPublicKey]int
			Signed map[cryptobox.VerifyKey]int
		}
		want := config{public, signer.Public(), map[cryptobox.ReadingPublicKey]int{public: 1}, map[cryptobox.VerifyKey]int{signer.Public(): 2}}
		data, err := json.Marshal(want)
		require.NoError(t, err)
		var got config
		require.NoError(t, json.Unmarshal(data, &got))
		require.Equal(t, want, got)
		require.Error(t, got.Key.UnmarshalText([]byte("x25519:")))
		require.Error(t, got.Verify.UnmarshalText([]byte("ed25519:")))
		require.Equal(t, want, got, "as they were")
	}
}

func TestZeroTypedKeys(t *testing.T) {
	var (
		signing cryptobox.SigningKey
		verify  cryptobox.VerifyKey
		reading cryptobox.ReadingKey
		public  cryptobox.ReadingPublicKey
	)
	require.True(t, signing.IsZero() && verify.IsZero() && reading.IsZero() && public.IsZero())
	require.True(t, signing.Public().IsZero() && reading.Public().IsZero())
	require.Nil(t, signing.UnsafeBytes())
	require.Nil(t, reading.UnsafeBytes())
	require.Nil(t, public.Bytes())
	require.Empty(t, signing.UnsafeText()+reading.UnsafeText()+public.String())
	require.Zero(t, reading.Suite())
	require.Zero(t, public.Suite())
	require.Zero(t, verify.Signer())
	require.True(t, signing.Equal(cryptobox.SigningKey{}) && reading.Equal(cryptobox.ReadingKey{}))
	_, err := verify.MarshalText()
	requireKeyError(t, err, "verify key", cryptobox.ErrWeakKey)
	_, err = public.MarshalText()
	requireKeyError(t, err, "reading public key", cryptobox.ErrWeakKey)
	signature, err := cryptobox.Sign(signing, nil)
	requireKeyError(t, err, "signing key", cryptobox.ErrKey)
	require.Equal(t, make([]byte, 64), signature)
	_, _, err = cryptobox.Send(public, nil)
	requireKeyError(t, err, "reading public key", cryptobox.ErrWeakKey)
	_, err = cryptobox.Receive(reading, make([]byte, 32), nil)
	requireKeyError(t, err, "reading key", cryptobox.ErrKey)
}

func TestTypedKeysEqual(t *testing.T) {
	signer := cryptobox.GenerateSigningKey()
	require.False(t, signer.Equal(cryptobox.GenerateSigningKey()))
	require.False(t, signer.Equal(cryptobox.SigningKey{}))
	require.False(t, cryptobox.SigningKey{}.Equal(signer))
	k := readingKey(t, cryptobox.SuiteSigned)
	require.False(t, k.Equal(readingKey(t, cryptobox.SuiteSigned)))
	require.False(t, k.Equal(cryptobox.ReadingKey{}))
	require.False(t, cryptobox.ReadingKey{}.Equal(k))
	other, err := cryptobox.NewReadingKey(cryptobox.SuiteSignedPQ, k.UnsafeBytes())
	require.NoError(t, err)
	require.False(t, k.Equal(other), "of the same bytes")
}

func TestReadingKeysHaveSuites(t *testing.T) {
	for _, suite := range []cryptobox.Suite{0, cryptobox.SuiteBox, cryptobox.SuiteXBox, cryptobox.SuiteShared, 6, 255} {
		_, err := cryptobox.GenerateReadingKey(suite)
		requireKeyError(t, err, "reading key", cryptobox.ErrKey)
		_, err = cryptobox.NewReadingKey(suite, bytes.Repeat([]byte{1}, 32))
		requireKeyError(t, err, "reading key", cryptobox.ErrKey)
		_, err = cryptobox.NewReadingPublicKey(suite, bytes.Repeat([]byte{9}, 32))
		requireKeyError(t, err, "reading public key", cryptobox.ErrKey)
		require.ErrorContains(t, err, "use signed or signed-pq")
	}
}

func FuzzVerifyKey(f *testing.F) {
	f.Add(cryptobox.GenerateSigningKey().Public().String())
	for _, point := range append(smallOrder, "0200000000000000000000000000000000000000000000000000000000000000") {
		f.Add("ed25519:" + base64.StdEncoding.EncodeToString(unhex(f, point)))
	}
	f.Add(" ed25519:")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := cryptobox.ParseVerifyKey(text)
		if err != nil {
			requireReadError(t, err)
			require.True(t, k.IsZero())
			return
		}
		require.Equal(t, strings.TrimSpace(text), k.String())
		require.False(t, k.IsZero())
		again, err := cryptobox.NewVerifyKey(k.Bytes())
		require.NoError(t, err)
		require.Equal(t, k, again)
	})
}

func FuzzReadingPublicKey(f *testing.F) {
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		f.Add(readingKey(f, suite).Public().String())
	}
	for _, point := range lowOrder {
		f.Add("x25519:" + base64.StdEncoding.EncodeToString(unhex(f, point)))
	}
	f.Add("xwing:")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := cryptobox.ParseReadingPublicKey(text)
		if err != nil {
			requireReadError(t, err)
			require.True(t, k.IsZero())
			return
		}
		require.Equal(t, strings.TrimSpace(text), k.String())
		require.False(t, k.IsZero())
		again, err := cryptobox.NewReadingPublicKey(k.Suite(), k.Bytes())
		require.NoError(t, err)
		require.Equal(t, k, again)
		_, _, err = cryptobox.Send(k, nil)
		require.NoError(t, err, "what is read serves")
	})
}

func requireReadError(t *testing.T, err error) {
	t.Helper()
	var named *cryptobox.KeyError
	require.ErrorAs(t, err, &named)
	require.NotErrorIs(t, err, cryptobox.ErrPrimitive)
}
