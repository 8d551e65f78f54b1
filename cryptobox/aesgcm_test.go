package cryptobox_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func aesGCM(t testing.TB, key cryptobox.SymmetricKey) *cryptobox.AESGCM {
	t.Helper()
	c, err := cryptobox.NewAESGCM(key)
	require.NoError(t, err)
	return c
}

// TestAESGCMIsTheStandard: the standard library's GCM opens what we seal, and
// the other way round.
func TestAESGCMIsTheStandard(t *testing.T) {
	key := cryptobox.GenerateSymmetricKey()
	block, err := aes.NewCipher(key.UnsafeBytes())
	require.NoError(t, err)
	standard, err := cipher.NewGCMWithRandomNonce(block)
	require.NoError(t, err)

	sealed, err := aesGCM(t, key).Seal([]byte("text"))
	require.NoError(t, err)
	plaintext, err := standard.Open(nil, nil, sealed, nil)
	require.NoError(t, err)
	require.Equal(t, "text", string(plaintext))

	plaintext, err = aesGCM(t, key).Open(standard.Seal(nil, nil, []byte("text"), nil))
	require.NoError(t, err)
	require.Equal(t, "text", string(plaintext))

	_, err = aesGCM(t, key).Open(standard.Seal(nil, nil, []byte("text"), []byte("associated data")))
	require.Equal(t, cryptobox.ErrOpen, err)
}

func TestAESGCMSizes(t *testing.T) {
	key := cryptobox.GenerateSymmetricKey()
	ours, theirs := aesGCM(t, key), aesGCM(t, key)
	require.Equal(t, 28, ours.Overhead())
	for _, n := range []int{0, 1, 15, 16, 17, 100_000} {
		plaintext := make([]byte, n)
		_, _ = rand.Read(plaintext)
		before := bytes.Clone(plaintext)
		sealed, err := ours.Seal(plaintext)
		require.NoError(t, err)
		require.Len(t, sealed, n+28)
		require.Equal(t, before, plaintext)
		kept := bytes.Clone(sealed)
		opened, err := theirs.Open(sealed)
		require.NoError(t, err)
		require.True(t, bytes.Equal(before, opened))
		require.Equal(t, kept, sealed, "opened in place")
		clear(sealed)
		require.True(t, bytes.Equal(before, opened), "aliases what was sealed")
	}
}

func TestAESGCMNoncesAreFresh(t *testing.T) {
	c := aesGCM(t, cryptobox.GenerateSymmetricKey())
	seen := map[string]bool{}
	for range 1000 {
		sealed, err := c.Seal([]byte("same"))
		require.NoError(t, err)
		require.False(t, seen[string(sealed[:12])])
		seen[string(sealed[:12])] = true
	}
}

func TestAESGCMRefuses(t *testing.T) {
	key := cryptobox.GenerateSymmetricKey()
	c := aesGCM(t, key)
	sealed, err := c.Seal([]byte("text"))
	require.NoError(t, err)
	refused := func(c *cryptobox.AESGCM, sealed []byte) {
		t.Helper()
		plaintext, err := c.Open(sealed)
		require.Equal(t, cryptobox.ErrOpen, err, "one opaque error")
		require.Nil(t, plaintext)
	}
	for n := range sealed {
		refused(c, sealed[:n])
	}
	for i := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[i/8] ^= 1 << (i % 8)
		refused(c, flipped)
	}
	refused(c, append(bytes.Clone(sealed), 0))
	refused(c, make([]byte, 64))
	refused(c, nil)
	refused(aesGCM(t, cryptobox.GenerateSymmetricKey()), sealed)

	// The same key under another algorithm.
	requireNotOpened(t, secretBox(t, key), sealed)
	sealed, err = secretBox(t, key).Seal([]byte("text"))
	require.NoError(t, err)
	refused(c, sealed)
}

func TestAESGCMBounds(t *testing.T) {
	c := aesGCM(t, cryptobox.GenerateSymmetricKey())
	plaintext := make([]byte, cryptobox.MaxPayload+1)
	sealed, err := c.Seal(plaintext)
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
	require.Nil(t, sealed)
	sealed, err = c.Seal(plaintext[1:])
	require.NoError(t, err)
	opened, err := c.Open(sealed)
	require.NoError(t, err)
	require.Len(t, opened, cryptobox.MaxPayload)
	opened, err = c.Open(append(sealed, 0))
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
	require.Nil(t, opened)
}

func TestWeakKeysMakeNoAESGCM(t *testing.T) {
	c, err := cryptobox.NewAESGCM(cryptobox.SymmetricKey{})
	var ke *cryptobox.KeyError
	require.ErrorAs(t, err, &ke)
	require.ErrorIs(t, err, cryptobox.ErrWeakKey)
	require.Nil(t, c)
}

func TestZeroAESGCM(t *testing.T) {
	for _, c := range []*cryptobox.AESGCM{nil, {}} {
		sealed, err := c.Seal([]byte("text"))
		require.ErrorIs(t, err, cryptobox.ErrKey)
		require.Nil(t, sealed)
		plaintext, err := c.Open(make([]byte, 64))
		require.ErrorIs(t, err, cryptobox.ErrKey)
		require.Nil(t, plaintext)
		_, _, err = cryptobox.SealForeign(c, cryptobox.Passthru, &cryptobox.ForeignRecord{})
		require.ErrorIs(t, err, cryptobox.ErrKey)
		requireNoRecord(t, cryptobox.ErrKey, c, cryptobox.Passthru, make([]byte, 64))
	}
}

// TestAESGCMInEnvelopes: the algorithm is this one alone, both ways.
