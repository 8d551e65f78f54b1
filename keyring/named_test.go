package keyring_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestNamed: by its id a version is found in whatever dialect, and refused as what arrives
// under it is.
func TestNamed(t *testing.T) {
	own, peer := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	ring, p := keyring.New(), keyring.Exact("com.x")
	keys := []keyring.Key{
		keyring.Responder(own, peer.Public()), keyring.Responder(cryptobox.GenerateKey(), peer.Public()).ForAutobahn(),
		keyring.Shared(cryptobox.GenerateSymmetricKey()).ForPassthru("one"),
	}
	for i, key := range keys {
		require.NoError(t, ring.Add(p, key, keyring.Dates{ActiveFrom: time.Now().Add(time.Duration(i) * time.Hour)}))
	}
	entry, err := ring.Lookup("com.x")
	require.NoError(t, err)
	for _, key := range keys {
		v, err := entry.Named(keyring.RoleResponder, key.ID())
		require.NoError(t, err)
		require.Equal(t, key.ID(), v.ID())
	}
	_, err = entry.Named(keyring.RoleResponder, "none")
	require.ErrorIs(t, err, keyring.ErrUnknownID)
	_, err = entry.Named(keyring.RoleOriginator, keys[0].ID())
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	require.NoError(t, ring.Revoke(p, keys[1].ID()))
	_, err = entry.Named(keyring.RoleResponder, keys[1].ID())
	require.ErrorIs(t, err, keyring.ErrRevoked)
}
