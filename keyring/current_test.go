package keyring_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// What the ring has now of a version that was looked up before.
func TestCurrent(t *testing.T) {
	read := reader(cryptobox.SuiteSigned, "orders")
	key, other := keyring.Signed(receiving("me", read, "shop")), keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, "other")))
	for _, p := range []keyring.Pattern{exact("com.app.x"), prefix("com.app."), wild("com..x"), prefix("")} {
		t.Run(p.String(), func(t *testing.T) {
			r := keyring.New()
			require.NoError(t, r.Set(p, key))
			v := only(t, r, "com.app.x")
			require.Same(t, v, r.Current(v))
			require.NoError(t, r.Add(p, other, from(past)))
			require.Same(t, v, r.Current(v))

			require.NoError(t, r.SetDates(p, key.ID(), keyring.Dates{NotAfter: future}))
			dated := r.Current(v)
			require.NotSame(t, v, dated)
			require.Equal(t, v.ID(), dated.ID())
			require.Same(t, dated, r.Current(dated))

			require.NoError(t, r.Set(p, keyring.Signed(receiving("me", read, "desk"))))
			require.Equal(t, []string{"", "desk"}, listed(r.Current(v), keyring.RoleOriginator, "shop", "desk"))
			require.Same(t, r.Current(dated), r.Current(v))

			require.NoError(t, r.Set(p, other))
			require.Same(t, v, r.Current(v), "it goes on where the ring doesn't have it")
			require.NoError(t, r.Remove(p))
			require.Same(t, v, r.Current(v))
			require.NoError(t, r.SetPlain(p))
			require.Same(t, v, r.Current(v))
			require.False(t, r.Current(v).Revoked())

			require.NoError(t, r.SetVersions(p, keyring.KeyVersion{Key: keyring.Revoked(key.ID()), Revoked: true}))
			require.True(t, r.Current(v).Revoked())
			require.Equal(t, []string{""}, listed(r.Current(v), keyring.RoleOriginator, "shop"))
		})
	}
	r := keyring.New()
	require.NoError(t, r.Set(exact("a"), key))
	require.NoError(t, r.Set(exact("b"), keyring.Signed(receiving("me", read, "desk"))))
	a := only(t, r, "a")
	require.Same(t, a, r.Current(a), "of another pattern with the same key")
	require.Same(t, a, keyring.New().Current(a), "of another ring")
}

// In passthru ids are given, so one secret may have that of another.
func TestCurrentIsOfTheSameSecret(t *testing.T) {
	r := keyring.New()
	require.NoError(t, r.Set(exact("com.x"), named("a")))
	v := only(t, r, "com.x")
	require.NoError(t, r.Set(exact("com.x"), named("b").ForPassthru("a")))
	require.Equal(t, v.ID(), only(t, r, "com.x").ID())
	require.Same(t, v, r.Current(v))
}
