package keyring_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestRevokedIsAnIDOnly(t *testing.T) {
	r := keyring.New()
	gone := keyring.Revoked("old")
	require.Equal(t, "old", gone.ID())
	require.ErrorIs(t, r.Set("com.a", keyring.Exact, gone), keyring.ErrKey)
	require.ErrorIs(t, r.Add("com.a", keyring.Exact, gone), keyring.ErrKey)
	for _, state := range []keyring.State{keyring.StatePending, keyring.StateActive, keyring.StateRetired} {
		require.ErrorIs(t, r.SetVersions("com.a", keyring.Exact, keyring.KeyVersion{Key: gone, State: state}), keyring.ErrKey)
	}
	require.ErrorIs(t, r.SetVersions("com.a", keyring.Exact,
		keyring.KeyVersion{Key: keyring.Revoked(""), State: keyring.StateRevoked}), keyring.ErrKey)
	require.Zero(t, r.Len())
}

// Messages under the id are told from others, by whoever receives them, and
// the id can't be used again.
func TestMessagesUnderARevokedID(t *testing.T) {
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	versions := []keyring.KeyVersion{
		{Key: keyring.Revoked("old"), State: keyring.StateRevoked}, // first, and it says nothing of AllowUnbound
		{Key: keyring.Originator(o, p.Public()).AllowUnbound(), State: keyring.StateActive},
	}
	r := keyring.New()
	require.NoError(t, r.SetVersions("com.a", keyring.Exact, versions...))
	e, ok := r.Lookup("com.a")
	require.True(t, ok)
	require.True(t, e.Unbound())
	_, err := e.Openers(keyring.RoleOriginator, "old")
	require.ErrorIs(t, err, keyring.ErrRevoked)
	_, err = e.Openers(keyring.RoleOriginator, "other")
	require.ErrorIs(t, err, keyring.ErrUnknownID)
	_, err = e.Sealer(keyring.RoleResponder)
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	require.ErrorIs(t, r.Activate("com.a", keyring.Exact, "old"), keyring.ErrState)
	require.ErrorIs(t, r.Add("com.a", keyring.Exact, named("old").AllowUnbound()), keyring.ErrVersionExists)

	require.NoError(t, r.SetVersions("com.a", keyring.Exact, versions[0]))
	e, _ = r.Lookup("com.a")
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		_, err = e.Openers(role, "old")
		require.ErrorIs(t, err, keyring.ErrRevoked)
		_, err = e.Openers(role, "")
		require.ErrorIs(t, err, keyring.ErrRevoked)
		_, err = e.Sealer(role)
		require.ErrorIs(t, err, keyring.ErrNoActive)
	}
}

func TestPair(t *testing.T) {
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	pair := keyring.Pair(o, p)
	require.Equal(t, keyring.Originator(o, p.Public()).ID(), pair.ID())
	require.Equal(t, keyring.Both(o).ID(), keyring.Pair(o, o).ID())
	r := keyring.New()
	require.ErrorIs(t, r.Set("com.a", keyring.Exact, keyring.Pair(o, cryptobox.PrivateKey{})), keyring.ErrKey)
	require.ErrorIs(t, r.Set("com.a", keyring.Exact, keyring.Pair(cryptobox.PrivateKey{}, p)), keyring.ErrKey)
	require.NoError(t, r.Set("com.a", keyring.Exact, pair))
	e, _ := r.Lookup("com.a")
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		_, err := e.Sealer(role)
		require.NoError(t, err)
	}
}
