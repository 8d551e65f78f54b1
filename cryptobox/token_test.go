package cryptobox_test

import (
	"crypto/sha256"
	"encoding/hex"
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
	key := sharedKey(t)
	seen := map[[32]byte]bool{}
	for name, seal := range map[string]func() (nonce []byte, token cryptobox.Token, err error){
		"ours": func() ([]byte, cryptobox.Token, error) {
			enc, token, err := key.Seal(nil, event(nil, nil))
			return enc[17:41], token, err
		},
		"foreign": func() ([]byte, cryptobox.Token, error) {
			payload, token, err := cryptobox.SealForeign(ours, cryptobox.Passthru, &cryptobox.ForeignRecord{})
			return payload[:24], token, err
		},
	} {
		for range 2 {
			nonce, token, err := seal()
			require.NoError(t, err, name)
			sum := token.Fingerprint()
			require.Equal(t, sha256.Sum256(append([]byte("wampbox-token-1"), nonce...)), sum)
			require.NotEqual(t, sha256.Sum256(nonce), sum)
			leak.RequireHidden(t, sum, nonce)
			seen[sum] = true
		}
	}
	require.Len(t, seen, 4)
}

// TestRef: what people read at both ends is the beginning of the nonce.
func TestRef(t *testing.T) {
	require.Empty(t, cryptobox.Token{}.Short())
	require.Empty(t, cryptobox.Ref{}.String())
	require.Zero(t, cryptobox.RefOf(nil))
	enc, token, err := sharedKey(t).Seal(nil, event(nil, nil))
	require.NoError(t, err)
	want := hex.EncodeToString(enc[17:25])
	require.Equal(t, want, cryptobox.RefOf(enc).String())
	require.Equal(t, want, token.Short())
}
