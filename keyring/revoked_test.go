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
	require.ErrorIs(t, r.Set(exact("com.a"), gone), keyring.ErrKey)
	require.ErrorIs(t, r.Add(exact("com.a"), gone, keyring.Dates{}), keyring.ErrKey)
	require.ErrorIs(t, r.SetVersions(exact("com.a"), keyring.KeyVersion{Key: gone}), keyring.ErrKey)
	require.ErrorIs(t, r.SetVersions(exact("com.a"), keyring.KeyVersion{Key: keyring.Revoked(""), Revoked: true}), keyring.ErrKey)
	require.Zero(t, r.Len())
}

// Messages under the id are told from others, by whoever receives them, and
// the id can't be used again.
func TestMessagesUnderARevokedID(t *testing.T) {
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	versions := []keyring.KeyVersion{
		{Key: keyring.Revoked("old"), Revoked: true}, // first, and it says nothing of dialects
		{Key: keyring.Originator(o, p.Public())},
	}
	r := keyring.New()
	require.NoError(t, r.SetVersions(exact("com.a"), versions...))
	e := look(t, r, "com.a")
	_, err := opening(e, keyring.RoleOriginator, "old")
	require.ErrorIs(t, err, keyring.ErrRevoked)
	_, err = opening(e, keyring.RoleOriginator, "other")
	require.ErrorIs(t, err, keyring.ErrUnknownID)
	_, err = e.Sealer(keyring.RoleResponder)
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	_, err = e.Sealer(keyring.RoleOriginator)
	require.NoError(t, err, "without a date the revoked one isn't the one that would seal")
	require.ErrorIs(t, r.SetDates(exact("com.a"), "old", from(past)), keyring.ErrState)
	require.ErrorIs(t, r.Add(exact("com.a"), named("old"), from(past)), keyring.ErrVersionExists)

	require.NoError(t, r.SetVersions(exact("com.a"), versions[0]))
	e, _ = r.Lookup("com.a")
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		_, err = opening(e, role, "old")
		require.ErrorIs(t, err, keyring.ErrRevoked)
		_, err = opening(e, role, "")
		require.ErrorIs(t, err, keyring.ErrRevoked)
		_, err = e.Sealer(role)
		require.ErrorIs(t, err, keyring.ErrNoActive)
	}
}

func TestPair(t *testing.T) {
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	pair := keyring.Pair(o, p)
	require.Equal(t, keyring.Originator(o, p.Public()).ID(), pair.ID())
	r := keyring.New()
	require.ErrorIs(t, r.Set(exact("com.a"), keyring.Pair(o, cryptobox.PrivateKey{})), keyring.ErrKey)
	require.ErrorIs(t, r.Set(exact("com.a"), keyring.Pair(cryptobox.PrivateKey{}, p)), keyring.ErrKey)
	require.ErrorIs(t, r.Set(exact("com.a"), keyring.Pair(o, o)), keyring.ErrKey, "one key is no pair")
	require.NoError(t, r.Set(exact("com.a"), pair))
	e, _ := r.Lookup("com.a")
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		_, err := e.Sealer(role)
		require.NoError(t, err)
	}
}

// TestRevokedIDSaysNothingOfRoles: of an id alone it isn't known which role it served, so
// that the versions with keys say why nothing opens.
func TestRevokedIDSaysNothingOfRoles(t *testing.T) {
	r := keyring.New()
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	require.NoError(t, r.SetVersions(exact("com.a"),
		keyring.KeyVersion{Key: keyring.Originator(o, p.Public())},
		keyring.KeyVersion{Key: keyring.Revoked("gone"), Revoked: true, Dates: keyring.Dates{ActiveFrom: past}}))
	e, err := r.Lookup("com.a")
	require.NoError(t, err)
	_, err = opening(e, keyring.RoleResponder, "")
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	require.ErrorContains(t, err, "originator")
	_, err = opening(e, keyring.RoleResponder, "gone")
	require.ErrorIs(t, err, keyring.ErrRevoked)
}
