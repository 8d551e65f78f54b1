package cryptobox_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func TestSecretKeyAlgorithm(t *testing.T) {
	for algorithm, want := range map[string]string{
		"cryptobox":        "xsalsa20poly1305",
		"xsalsa20poly1305": "xsalsa20poly1305",
		"aes256gcm":        "aes256gcm",
	} {
		name, ok := cryptobox.SecretKeyAlgorithm(algorithm)
		require.True(t, ok, algorithm)
		require.Equal(t, want, name)
	}
	for _, algorithm := range []string{"", "Cryptobox", "xsalsa20poly1305 ", "mqtt", "xbr", "x_mine", "aes128gcm", "\xff"} {
		name, ok := cryptobox.SecretKeyAlgorithm(algorithm)
		require.False(t, ok, algorithm)
		require.Empty(t, name)
	}
}

// pairKey is a pair's shared key as a symmetric one.
func pairKey(t testing.TB, private cryptobox.PrivateKey, peer cryptobox.PublicKey) cryptobox.SymmetricKey {
	t.Helper()
	var shared [32]byte
	publicBytes, privateBytes := [32]byte(peer.Bytes()), [32]byte(private.UnsafeBytes())
	box.Precompute(&shared, &publicBytes, &privateBytes)
	key, err := cryptobox.NewSymmetricKey(shared[:])
	require.NoError(t, err)
	return key
}

// TestPairsOpenSecretBoxes: what was sealed with a pair's shared key, and is
// named so, opens with either half of the pair.
func TestPairsOpenSecretBoxes(t *testing.T) {
	a, b := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	ours, err := cryptobox.NewBox(a, b.Public())
	require.NoError(t, err)
	theirs, err := cryptobox.NewBox(b, a.Public())
	require.NoError(t, err)
	shared := secretBox(t, pairKey(t, a, b.Public()))
	for _, s := range serializers {
		env := sealedEnvelope(t, shared, s)
		require.Equal(t, "xsalsa20poly1305", env.Algorithm)
		for _, end := range []*cryptobox.Box{ours, theirs} {
			rec, token, err := cryptobox.Open(end, env)
			require.NoError(t, err)
			require.True(t, sameRecord(cryptobox.NewRecord("com.x", []any{"text"}, nil, nil), rec))
			_, same, err := cryptobox.Open(shared, env)
			require.NoError(t, err)
			require.Equal(t, same, token)
		}
	}

	// A pair seals under its own name, and the other name opens as well.
	env := sealedEnvelope(t, ours, cryptobox.CBOR)
	require.Equal(t, "cryptobox", env.Algorithm)
	env.Algorithm = cryptobox.AlgorithmSecretBox
	for _, c := range []cryptobox.Cipher{theirs, shared} {
		_, _, err = cryptobox.Open(c, env)
		require.NoError(t, err)
	}
	// Not the other way round, even where the key is the right one.
	env.Algorithm = cryptobox.AlgorithmBox
	requireNoRecord(t, cryptobox.ErrAlgorithm, shared, env)
	// A name opens nothing by itself.
	_, others := pair(t)
	env.Algorithm = cryptobox.AlgorithmSecretBox
	requireNoRecord(t, cryptobox.ErrOpen, others, env)
}
