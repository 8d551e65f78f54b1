package cryptobox_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
)

// TestFingerprint: it is the same in every process, for it follows from the sealed
// payload alone, and a nonce can't be found in it.
func TestFingerprint(t *testing.T) {
	require.Zero(t, cryptobox.Token{}.Fingerprint())
	ours, _ := pair(t)
	seen := map[[32]byte]bool{}
	for c, nonceSize := range map[cryptobox.Cipher]int{ours: 24, aesGCM(t, cryptobox.GenerateSymmetricKey()): 12} {
		for range 2 {
			env, token, err := cryptobox.Seal(c, cryptobox.CBOR, "", &cryptobox.Record{})
			require.NoError(t, err)
			nonce := env.Payload[:nonceSize]
			sum := token.Fingerprint()
			require.Equal(t, sha256.Sum256(append([]byte("wampbox-token-1"), nonce...)), sum)
			require.NotEqual(t, sha256.Sum256(nonce), sum)
			leak.RequireHidden(t, sum, nonce)
			seen[sum] = true
		}
	}
	require.Len(t, seen, 4)
}
