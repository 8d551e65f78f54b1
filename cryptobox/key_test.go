package cryptobox_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// lowOrder are u-coordinates of low order on curve25519 and its twist, and
// forms of them that are not reduced or have the unused bit set.
var lowOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0000000000000000000000000000000000000000000000000000000000000080",
}

func TestPublicKeyRefusesLowOrder(t *testing.T) {
	for _, text := range lowOrder {
		k, err := cryptobox.ParsePublicKey(text)
		require.ErrorIs(t, err, cryptobox.ErrWeakKey, text)
		require.NotErrorIs(t, err, cryptobox.ErrKey)
		require.True(t, k.IsZero())
		k, err = cryptobox.NewPublicKey(unhex(t, text))
		require.ErrorIs(t, err, cryptobox.ErrWeakKey, text)
		require.True(t, k.IsZero())
		require.ErrorIs(t, k.UnmarshalText([]byte(text)), cryptobox.ErrWeakKey)
	}
}

// parsers are the three kinds of key by one shape: the bytes of what was read.
var parsers = map[string]struct {
	parse func(string) ([]byte, error)
	build func([]byte) ([]byte, error)
}{
	"private key": {
		func(s string) ([]byte, error) { k, err := cryptobox.ParsePrivateKey(s); return k.UnsafeBytes(), err },
		func(b []byte) ([]byte, error) { k, err := cryptobox.NewPrivateKey(b); return k.UnsafeBytes(), err },
	},
	"public key": {
		func(s string) ([]byte, error) { k, err := cryptobox.ParsePublicKey(s); return publicBytes(k), err },
		func(b []byte) ([]byte, error) { k, err := cryptobox.NewPublicKey(b); return publicBytes(k), err },
	},
	"symmetric key": {
		func(s string) ([]byte, error) { k, err := cryptobox.ParseSymmetricKey(s); return k.UnsafeBytes(), err },
		func(b []byte) ([]byte, error) { k, err := cryptobox.NewSymmetricKey(b); return k.UnsafeBytes(), err },
	},
}

func publicBytes(k cryptobox.PublicKey) []byte {
	if k.IsZero() {
		return nil
	}
	return k.Bytes()
}

func TestParseKeyForms(t *testing.T) {
	want := cryptobox.GenerateKey().Public().Bytes() // a key of every kind
	std, lower := base64.StdEncoding.EncodeToString(want), hex.EncodeToString(want)
	for what, p := range parsers {
		for _, text := range []string{std, lower, strings.ToUpper(lower), " \t\n" + std + "\r\n", "\n" + lower + " "} {
			got, err := p.parse(text)
			require.NoError(t, err, what)
			require.Equal(t, want, got, what)
		}
		got, err := p.build(want)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestParseKeyRefuses(t *testing.T) {
	b := cryptobox.GenerateKey().Public().Bytes()
	std, lower := base64.StdEncoding.EncodeToString(b), hex.EncodeToString(b)
	texts := map[string]string{
		"empty":               "",
		"blank":               "  ",
		"base64 cut short":    std[:43],
		"base64 too long":     std + "A",
		"no padding":          std[:43] + "A",
		"31 bytes":            base64.StdEncoding.EncodeToString(b[:31]),
		"33 bytes":            base64.StdEncoding.EncodeToString(append(b[:32:32], 1)),
		"loose last bits":     strings.Repeat("A", 42) + "B=",
		"URL alphabet":        strings.Repeat("-_", 21) + "A=",
		"a line break within": std[:20] + "\n" + std[21:],
		"hex cut short":       lower[:63],
		"hex too long":        lower + "0",
		"not hex":             strings.Repeat("g", 64),
		"two keys":            std + " " + std,
	}
	for what, p := range parsers {
		for name, text := range texts {
			got, err := p.parse(text)
			requireKeyError(t, err, what, cryptobox.ErrKey)
			require.Nil(t, got, name)
			if len(text) > 8 {
				require.NotContains(t, err.Error(), text[:8], "an error that quotes a key")
			}
		}
		for _, n := range []int{0, 31, 33} {
			got, err := p.build(make([]byte, n))
			requireKeyError(t, err, what, cryptobox.ErrKey)
			require.Nil(t, got)
		}
		got, err := p.build(make([]byte, 32))
		requireKeyError(t, err, what, cryptobox.ErrWeakKey)
		require.Nil(t, got)
	}
}

func requireKeyError(t *testing.T, err error, what string, kind error) {
	t.Helper()
	var ke *cryptobox.KeyError
	require.ErrorAs(t, err, &ke)
	require.Equal(t, what, ke.What)
	require.ErrorIs(t, err, kind)
}

func TestKeysAreCopied(t *testing.T) {
	b := cryptobox.GenerateKey().UnsafeBytes()
	want := append([]byte(nil), b...)
	private, err := cryptobox.NewPrivateKey(b)
	require.NoError(t, err)
	symmetric, err := cryptobox.NewSymmetricKey(b)
	require.NoError(t, err)
	clear(b)
	clear(private.UnsafeBytes())
	clear(symmetric.UnsafeBytes())
	require.Equal(t, want, private.UnsafeBytes())
	require.Equal(t, want, symmetric.UnsafeBytes())
	public := private.Public()
	clear(public.Bytes())
	require.Equal(t, private.Public(), public)
}

func TestZeroKeys(t *testing.T) {
	require.True(t, cryptobox.PrivateKey{}.IsZero())
	require.True(t, cryptobox.SymmetricKey{}.IsZero())
	require.True(t, cryptobox.PrivateKey{}.Public().IsZero())
	require.Nil(t, cryptobox.PrivateKey{}.UnsafeBytes())
	require.Nil(t, cryptobox.SymmetricKey{}.UnsafeBytes())
	_, err := cryptobox.PublicKey{}.MarshalText()
	require.ErrorIs(t, err, cryptobox.ErrWeakKey)
}

func TestKeyEqual(t *testing.T) {
	a, b := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	again, err := cryptobox.NewPrivateKey(a.UnsafeBytes())
	require.NoError(t, err)
	require.True(t, a.Equal(again))
	require.False(t, a.Equal(b))
	require.False(t, a.Equal(cryptobox.PrivateKey{}))
	require.False(t, cryptobox.PrivateKey{}.Equal(a))
	require.True(t, cryptobox.PrivateKey{}.Equal(cryptobox.PrivateKey{}))

	s := cryptobox.GenerateSymmetricKey()
	sAgain, err := cryptobox.NewSymmetricKey(s.UnsafeBytes())
	require.NoError(t, err)
	require.True(t, s.Equal(sAgain))
	require.False(t, s.Equal(cryptobox.GenerateSymmetricKey()))
	require.False(t, s.Equal(cryptobox.SymmetricKey{}))
}

func TestPublicKeyMarshals(t *testing.T) {
	type config struct {
		Key  cryptobox.PublicKey
		Keys map[cryptobox.PublicKey]int
	}
	k := cryptobox.GenerateKey().Public()
	data, err := json.Marshal(config{k, map[cryptobox.PublicKey]int{k: 1}})
	require.NoError(t, err)
	require.Contains(t, string(data), k.String())
	var got config
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, k, got.Key)
	require.Equal(t, 1, got.Keys[k])

	before := got.Key
	require.Error(t, got.Key.UnmarshalText([]byte("nothing")))
	require.Equal(t, before, got.Key)
}
