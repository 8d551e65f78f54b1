package keyring_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestReserve: no pattern covers what is reserved, whatever was set before and comes later.
func TestReserve(t *testing.T) {
	all := list(prefix(""), prefix("wampbox"), wild("..get"), wild(".keyring.get"), prefix("com."))
	r := content(t, all[:3], all[3:]...)
	r.PlainUnlessKeyed()
	before := r.Generation()
	require.NoError(t, r.Reserve("wampbox."))
	require.NotEqual(t, before, r.Generation())
	require.NoError(t, r.Reserve("com.service.keys."))
	require.NoError(t, r.Reserve("wampbox."), "again")
	refused := func() {
		t.Helper()
		for _, uri := range []string{"wampbox.keyring.get", "wampbox.", "wampbox.x.y", "com.service.keys.keyring.changed"} {
			e, err := r.Lookup(uri)
			require.Nil(t, e)
			require.ErrorIs(t, err, keyring.ErrReserved, uri)
			require.NotErrorIs(t, err, keyring.ErrClosed)
			require.ErrorContains(t, err, " are a key service's own: use another one")
		}
	}
	refused()
	for _, uri := range []string{"wampbo.x", "wampbox", "wampboxes", "com.service.key.x", "com.service.keys"} {
		_, err := r.Lookup(uri)
		require.NotErrorIs(t, err, keyring.ErrReserved, uri)
	}
	for _, p := range list(exact("wampbox.keyring.get"), prefix("wampbox."), prefix("wampbox.key"), wild("wampbox..get"), wild("wampbox."), exact("com.service.keys.x")) {
		for name, set := range map[string]func() error{
			"Set":         func() error { return r.Set(p, named("k")) },
			"SetPlain":    func() error { return r.SetPlain(p) },
			"Add":         func() error { return r.Add(p, named("k"), from(past)) },
			"SetVersions": func() error { return r.SetVersions(p, dated("k", past)) },
			"Update":      func() error { _, err := r.Update("file", content(t, list(p))); return err },
			"Update, plain": func() error {
				_, err := r.Update("file", content(t, nil, p), prefix(""))
				return err
			},
		} {
			err := set()
			require.ErrorIs(t, err, keyring.ErrPattern, "%s of %v", name, p)
			require.ErrorContains(t, err, " is reserved for a key service: no pattern covers it")
			require.Nil(t, r.Versions(p))
		}
	}
	update(t, r, "file", content(t, list(prefix("org.")), wild("..net")), prefix(""))
	refused()
	require.NoError(t, r.Set(prefix("net."), named("net")))
	require.NoError(t, r.Remove(prefix("net.")))
	r.Lease(time.Time{}, time.Time{})
	refused()

	for _, p := range list(prefix("wampbox."), exact("wampbox.keyring.get"), prefix("wampbox.x"), wild("wampbox..get")) {
		withKey, withoutKey, both := r.Overlap(p)
		require.Zero(t, withKey, p)
		require.Zero(t, withoutKey, p)
		require.False(t, both)
	}
	require.NoError(t, keyring.New().Set(prefix("wampbox."), named("k")), "on another ring it isn't reserved")
	r = keyring.New()
	r.PlainUnlessKeyed()
	require.NoError(t, r.Reserve("wampbox."))
	_, withoutKey, _ := r.Overlap(prefix("wampbox."))
	require.Zero(t, withoutKey, "it isn't plain either")
}

// Where patterns meet only in what is reserved, nothing is taken in by both.
func TestReservedDoesntOverlap(t *testing.T) {
	r := content(t, list(wild(".b.c")), wild("a.x."))
	withKey, _, both := r.Overlap(wild("a.."))
	require.True(t, both)
	require.Equal(t, wild(".b.c"), withKey)
	require.NoError(t, r.Reserve("a.b."))
	withKey, withoutKey, both := r.Overlap(wild("a.."))
	require.False(t, both)
	require.Zero(t, withKey)
	require.Equal(t, wild("a.x."), withoutKey)
}

func TestReserveRefuses(t *testing.T) {
	r := ringOf(t, exact("com.keys.a"))
	require.NoError(t, r.Set(exact("org.keys.a"), named("k")))
	require.NoError(t, r.Remove(exact("org.keys.a")))
	for _, prefix := range []string{"", ".", "com", "com.keys", "com..keys.", "wamp.", "wamp.keys.", "wampbox.error.", "com.*.", "com keys."} {
		require.ErrorIs(t, r.Reserve(prefix), keyring.ErrPattern, "%q", prefix)
	}
	err := r.Reserve("com.")
	require.ErrorIs(t, err, keyring.ErrState)
	require.EqualError(t, err, `keyring: reserve prefix "com.": refused: the keyring has exact "com.keys.a": remove it, or choose another prefix`)
	require.Equal(t, "exact \"com.keys.a\"", idOf(t, r, "com.keys.a"), "the ring is unchanged")
	require.NoError(t, r.Reserve("org."), "what is closed stays so")
	_, err = r.Lookup("org.keys.a")
	require.ErrorIs(t, err, keyring.ErrReserved)
}
