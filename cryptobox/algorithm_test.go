package cryptobox_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestAlgorithmsHaveNames: payload passthru mode names a box by the function of its shared
// key, and has no AES-GCM of another size.
func TestAlgorithmsHaveNames(t *testing.T) {
	box, gcm := known(t, 1), aesGCM(t, symmetric(t, 1))
	require.Equal(t, "cryptobox", box.Algorithm(cryptobox.Autobahn))
	require.Equal(t, "xsalsa20poly1305", box.Algorithm(cryptobox.Passthru))
	require.Equal(t, "aes256gcm", gcm.Algorithm(cryptobox.Passthru))
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

// TestPairsOpenSecretBoxes: what was sealed with a pair's shared key opens with either half
// of the pair, and the other way round.
func TestPairsOpenSecretBoxes(t *testing.T) {
	a, b := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	ours, err := cryptobox.NewBox(a, b.Public())
	require.NoError(t, err)
	theirs, err := cryptobox.NewBox(b, a.Public())
	require.NoError(t, err)
	shared := secretBox(t, pairKey(t, a, b.Public()))
	for _, d := range foreign {
		for _, seals := range []*cryptobox.Box{ours, theirs, shared} {
			payload := foreignPayload(t, seals, d)
			for _, opens := range []*cryptobox.Box{ours, theirs, shared} {
				rec, _, err := cryptobox.OpenForeign(opens, d, payload)
				require.NoError(t, err)
				require.True(t, sameRecord(cryptobox.NewForeignRecord("com.x", []any{"text"}, nil), rec))
			}
		}
	}
}
