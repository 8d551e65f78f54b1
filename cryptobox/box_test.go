package cryptobox_test

import (
	"bytes"
	"crypto/rand"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func secretBox(t testing.TB, key cryptobox.SymmetricKey) *cryptobox.Box {
	t.Helper()
	b, err := cryptobox.NewSecretBox(key)
	require.NoError(t, err)
	return b
}

func TestBoxIsNaCl(t *testing.T) {
	ours, theirs := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	b, err := cryptobox.NewBox(ours, theirs.Public())
	require.NoError(t, err)
	sealed, err := b.Seal([]byte("text"))
	require.NoError(t, err)
	nonce, public, private := [24]byte(sealed), [32]byte(ours.Public().Bytes()), [32]byte(theirs.UnsafeBytes())
	plaintext, ok := box.Open(nil, sealed[24:], &nonce, &public, &private)
	require.True(t, ok)
	require.Equal(t, "text", string(plaintext))

	key := cryptobox.GenerateSymmetricKey()
	k := [32]byte(key.UnsafeBytes())
	sealed = secretbox.Seal(nonce[:], []byte("text"), &nonce, &k)
	plaintext, err = secretBox(t, key).Open(sealed)
	require.NoError(t, err)
	require.Equal(t, "text", string(plaintext))
}

func TestBoxSizes(t *testing.T) {
	ours, theirs := pair(t)
	require.Equal(t, 40, ours.Overhead())
	for _, n := range []int{0, 1, 63, 64, 65, 100_000} {
		plaintext := make([]byte, n)
		_, _ = rand.Read(plaintext)
		before := bytes.Clone(plaintext)
		sealed, err := ours.Seal(plaintext)
		require.NoError(t, err)
		require.Len(t, sealed, n+40)
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

func TestNoncesAreFresh(t *testing.T) {
	ours, _ := pair(t)
	seen := map[string]bool{}
	for range 1000 {
		sealed, err := ours.Seal([]byte("same"))
		require.NoError(t, err)
		require.False(t, seen[string(sealed[:24])])
		seen[string(sealed[:24])] = true
	}
}

func TestOpenRefuses(t *testing.T) {
	ours, theirs := pair(t)
	_, others := pair(t)
	sealed, err := ours.Seal([]byte("text"))
	require.NoError(t, err)
	for n := range sealed {
		requireNotOpened(t, theirs, sealed[:n])
	}
	for i := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[i/8] ^= 1 << (i % 8)
		requireNotOpened(t, theirs, flipped)
	}
	requireNotOpened(t, theirs, append(bytes.Clone(sealed), 0))
	requireNotOpened(t, theirs, make([]byte, 64))
	requireNotOpened(t, theirs, nil)
	requireNotOpened(t, others, sealed)
	requireNotOpened(t, secretBox(t, cryptobox.GenerateSymmetricKey()), sealed)
}

func requireNotOpened(t *testing.T, b *cryptobox.Box, sealed []byte) {
	t.Helper()
	plaintext, err := b.Open(sealed)
	require.Equal(t, cryptobox.ErrOpen, err, "one opaque error")
	require.Nil(t, plaintext)
}

func TestBoxBounds(t *testing.T) {
	ours, theirs := pair(t)
	plaintext := make([]byte, cryptobox.MaxPayload+1)
	sealed, err := ours.Seal(plaintext)
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
	require.Nil(t, sealed)
	sealed, err = ours.Seal(plaintext[1:])
	require.NoError(t, err)
	opened, err := theirs.Open(sealed)
	require.NoError(t, err)
	require.Len(t, opened, cryptobox.MaxPayload)
	opened, err = theirs.Open(append(sealed, 0))
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
	require.Nil(t, opened)
}

func TestWeakKeysMakeNoBox(t *testing.T) {
	k := cryptobox.GenerateKey()
	for _, c := range []struct {
		private cryptobox.PrivateKey
		peer    cryptobox.PublicKey
	}{{cryptobox.PrivateKey{}, k.Public()}, {k, cryptobox.PublicKey{}}, {}} {
		b, err := cryptobox.NewBox(c.private, c.peer)
		var ke *cryptobox.KeyError
		require.ErrorAs(t, err, &ke)
		require.ErrorIs(t, err, cryptobox.ErrWeakKey)
		require.Nil(t, b)
	}
	b, err := cryptobox.NewSecretBox(cryptobox.SymmetricKey{})
	require.ErrorIs(t, err, cryptobox.ErrWeakKey)
	require.Nil(t, b)
}

func TestZeroBox(t *testing.T) {
	for _, b := range []*cryptobox.Box{nil, {}} {
		sealed, err := b.Seal([]byte("text"))
		require.ErrorIs(t, err, cryptobox.ErrKey)
		require.Nil(t, sealed)
		plaintext, err := b.Open(make([]byte, 64))
		require.ErrorIs(t, err, cryptobox.ErrKey)
		require.Nil(t, plaintext)
		_, _, err = cryptobox.SealForeign(b, cryptobox.Passthru, &cryptobox.ForeignRecord{})
		require.ErrorIs(t, err, cryptobox.ErrKey)
		requireNoRecord(t, cryptobox.ErrKey, b, cryptobox.Passthru, make([]byte, 64))
	}
}

func TestBoxIsConcurrent(t *testing.T) {
	ours, theirs := pair(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				sealed, err := ours.Seal([]byte("text"))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := theirs.Open(sealed); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
