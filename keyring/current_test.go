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
			last := r.Current(v)
			require.Same(t, last, r.Current(dated))

			require.NoError(t, r.Set(p, other))
			require.Same(t, last, r.Current(v), "it goes on where the ring doesn't have it")
			require.NoError(t, r.Remove(p))
			require.Same(t, last, r.Current(v))
			require.NoError(t, r.SetPlain(p))
			require.Same(t, last, r.Current(v))
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

// A party that was taken off the lists isn't on them again once the ring loses the version: its
// exchanges go on under the lists that the ring had last.
func TestCurrentKeepsTheLastLists(t *testing.T) {
	p, read := exact("com.app.x"), reader(cryptobox.SuiteSigned, "orders")
	first := keyring.Signed(receiving("me", read, "shop", "desk"))
	other := keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, "other"), "shop", "desk"))
	removed := map[string]func(*testing.T, *keyring.Ring){
		"RemoveParty": func(t *testing.T, r *keyring.Ring) {
			require.NoError(t, r.RemoveParty(p, keyring.RoleOriginator, keyring.Party{Name: "shop"}))
		},
		"Set": func(t *testing.T, r *keyring.Ring) {
			require.NoError(t, r.Set(p, keyring.Signed(receiving("me", read, "desk"))))
		},
	}
	gone := map[string]func(*testing.T, *keyring.Ring){
		"Set":      func(t *testing.T, r *keyring.Ring) { require.NoError(t, r.Set(p, other)) },
		"SetPlain": func(t *testing.T, r *keyring.Ring) { require.NoError(t, r.SetPlain(p)) },
		"Remove":   func(t *testing.T, r *keyring.Ring) { require.NoError(t, r.Remove(p)) },
		"RemoveVersion": func(t *testing.T, r *keyring.Ring) {
			require.NoError(t, r.Add(p, other, from(past)))
			require.NoError(t, r.RemoveVersion(p, first.ID()))
		},
	}
	for how, remove := range removed {
		for why, lose := range gone {
			t.Run(how+", "+why, func(t *testing.T) {
				r := keyring.New()
				require.NoError(t, r.Set(p, first))
				began := only(t, r, "com.app.x")
				require.NoError(t, r.SetDates(p, first.ID(), keyring.Dates{ActiveFrom: year(1990)}))
				dated := r.Current(began)
				remove(t, r)
				last := r.Current(began)
				lose(t, r)
				for _, v := range []*keyring.Version{began, dated, last} {
					require.Same(t, last, r.Current(v))
					require.Equal(t, []string{"", "desk"}, listed(r.Current(v), keyring.RoleOriginator, "shop", "desk"))
				}
				require.NoError(t, r.Set(p, first))
				require.Equal(t, []string{"shop", "desk"}, listed(r.Current(began), keyring.RoleOriginator, "shop", "desk"), "the ring says so anew")
			})
		}
	}
}

// The same of a source.
func TestCurrentKeepsTheLastListsOfASource(t *testing.T) {
	p, read := exact("com.app.x"), reader(cryptobox.SuiteSigned, "orders")
	content := func(key keyring.Key) *keyring.Ring {
		r := keyring.New()
		require.NoError(t, r.Set(p, key))
		return r
	}
	r := keyring.New()
	update(t, r, "file", content(keyring.Signed(receiving("me", read, "shop", "desk"))))
	began := only(t, r, "com.app.x")
	update(t, r, "file", content(keyring.Signed(receiving("me", read, "desk"))))
	update(t, r, "file", content(keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, "other"), "shop"))))
	require.Equal(t, []string{"", "desk"}, listed(r.Current(began), keyring.RoleOriginator, "shop", "desk"))
	update(t, r, "file", keyring.New())
	require.Equal(t, []string{"", "desk"}, listed(r.Current(began), keyring.RoleOriginator, "shop", "desk"))
}
