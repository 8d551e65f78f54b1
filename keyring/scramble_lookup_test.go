package keyring_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestOnlyWhatLiesBelowCounts: a wider pattern neither gives a URI below a scrambled prefix its key,
// nor stands before one that lies there.
func TestOnlyWhatLiesBelowCounts(t *testing.T) {
	ring := keyring.New()
	key := func() keyring.Key { return keyring.Shared(cryptobox.GenerateSymmetricKey()) }
	below := keyring.Wildcard("com.app...b")
	require.NoError(t, ring.Set(below, key()))
	require.NoError(t, ring.Set(keyring.Wildcard("com..a.c.b"), key()))
	require.NoError(t, ring.Set(keyring.Prefix("com."), key()))
	require.NoError(t, ring.Set(keyring.Prefix(""), key()))
	before, err := ring.Lookup("com.app.a.c.b")
	require.NoError(t, err)
	require.Equal(t, keyring.Prefix("com."), before.Pattern())

	require.NoError(t, ring.Scramble("com.app.", cryptobox.GenerateScrambleSecret()))
	entry, err := ring.Lookup("com.app.a.c.b")
	require.NoError(t, err)
	require.Equal(t, below, entry.Pattern())
	keyed, _, _ := ring.Overlap(below)
	require.Equal(t, below, keyed)
	_, err = ring.Lookup("com.app.a.c.d")
	require.ErrorIs(t, err, keyring.ErrClosed)
	outside, err := ring.Lookup("com.other.a.b")
	require.NoError(t, err)
	require.Equal(t, keyring.Prefix("com."), outside.Pattern())
}
