package cryptobox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestPrivateForPublic: the texts of both look alike, and yet a private key that was made here
// never passes for a public one. By chance half of them would.
func TestPrivateForPublic(t *testing.T) {
	for range 64 {
		_, err := cryptobox.ParseVerifyKey(cryptobox.GenerateSigningKey().UnsafeText())
		requireKeyError(t, err, "verify key", cryptobox.ErrKey)
		for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
			k, err := cryptobox.GenerateReadingKey(suite)
			require.NoError(t, err)
			_, err = cryptobox.ParseReadingPublicKey(k.UnsafeText())
			requireKeyError(t, err, "reading public key", cryptobox.ErrKey)
			again, err := cryptobox.ParseReadingKey(k.UnsafeText())
			require.NoError(t, err)
			require.True(t, again.Equal(k))
		}
	}
}
