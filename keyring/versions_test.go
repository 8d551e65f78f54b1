package keyring_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestSetVersionsRefuses(t *testing.T) {
	many := make([]keyring.KeyVersion, keyring.MaxVersions+1)
	for i := range many {
		many[i] = dated(fmt.Sprint(i), past.AddDate(0, 0, i))
	}
	secondName := keyring.KeyVersion{Key: named("a").ForPassthru("b"), Dates: from(future)}
	for _, tc := range []struct {
		name     string
		versions []keyring.KeyVersion
		want     error
		saying   string
	}{
		{"none", nil, keyring.ErrState, "give 1 to 64"},
		{"too many", many, keyring.ErrState, "65 versions: give 1 to 64"},
		{"the same moment", []keyring.KeyVersion{dated("a", past), dated("b", future), dated("c", past)}, keyring.ErrState, `the version "a" is active from the same`},
		{"without a moment, twice", []keyring.KeyVersion{{Key: named("a")}, {Key: named("b")}}, keyring.ErrState, "active from the same moment"},
		{"one of them revoked", []keyring.KeyVersion{dated("a", past), dead("b", past)}, keyring.ErrState, "active from the same moment"},
		{"an id twice", []keyring.KeyVersion{dated("a", past), dated("a", future)}, keyring.ErrVersionExists, "remove it first"},
		{"an id twice, revoked", []keyring.KeyVersion{dead("a", past), dated("a", future)}, keyring.ErrVersionExists, "revoked: make a new key"},
		{"a secret twice", []keyring.KeyVersion{dated("a", past), secondName}, keyring.ErrKey, `the version "a" has the same secret`},
		{"never good", []keyring.KeyVersion{dated("a", past), {Key: named("b"), Dates: dates(2010, 2009)}}, keyring.ErrState, "give a later end"},
		{"the zero key", []keyring.KeyVersion{dated("a", past), {}}, keyring.ErrKey, "the zero Key"},
		{"the zero key, revoked", []keyring.KeyVersion{dated("a", past), {Revoked: true}}, keyring.ErrKey, "the zero Key"},
		{"a revoked one lives", []keyring.KeyVersion{dated("a", past), dated("gone", future)}, keyring.ErrState, `the id "gone" was revoked`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := keyring.New()
			require.NoError(t, r.SetVersions(exact("com.x"), dated("now", past), dead("gone", year(2000))))
			err := r.SetVersions(exact("com.x"), tc.versions...)
			require.ErrorIs(t, err, tc.want)
			require.ErrorContains(t, err, tc.saying)
			require.ErrorContains(t, err, `keyring: set exact "com.x"`)
			require.Equal(t, []string{"now active 2001..", "gone revoked 2000.."}, states(r, exact("com.x")), "unchanged")
		})
	}
	r := ringOf(t, wild("com..temp"))
	require.ErrorIs(t, r.SetVersions(wild("com.room."), dated("a", past)), keyring.ErrConflict)
	require.ErrorIs(t, r.SetVersions(exact("a..b"), dated("a", past)), keyring.ErrPattern)
}

// What was revoked may come again as revoked, or be left out with others.
func TestSetVersionsKeepsAndForgetsRevoked(t *testing.T) {
	r := keyring.New()
	list := []keyring.KeyVersion{dated("now", past), dead("gone", year(2000))}
	require.NoError(t, r.SetVersions(exact("com.x"), list...))
	require.NoError(t, r.SetVersions(exact("com.x"), list...))
	require.NoError(t, r.SetVersions(exact("com.x"), list[:1]...))
	require.Equal(t, []string{"now active 2001.."}, states(r, exact("com.x")))
}

// Two patterns may use one secret under two ids: the id selects within a pattern.
func TestOneSecretForTwoPatterns(t *testing.T) {
	r := keyring.New()
	require.NoError(t, r.Set(exact("com.x"), named("a")))
	require.NoError(t, r.Set(exact("com.y"), named("a").ForPassthru("b")))
	x, err := look(t, r, "com.x").Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	y, err := look(t, r, "com.y").Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	require.Equal(t, x.Secret(), y.Secret(), "what tells that they are one")
	require.NotEmpty(t, x.Secret())
	z := entryOf(t, named("z"))
	other, err := z.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	require.NotEqual(t, x.Secret(), other.Secret())
}

// A secret is the same in whatever way it is given: a pair under another id, at either end.
func TestOneSecretUnderTwoIDs(t *testing.T) {
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	r := keyring.New()
	require.NoError(t, r.Set(exact("com.x"), keyring.Originator(o, p.Public())))
	for _, key := range []keyring.Key{
		keyring.Originator(o, p.Public()).ForPassthru("k"), keyring.Responder(p, o.Public()).ForPassthru("k"), keyring.Pair(o, p).ForPassthru("k"),
		keyring.Pair(o, p).ForAutobahn(), keyring.Responder(p, o.Public()).WithSuite(cryptobox.SuiteXBox),
		// With the roles swapped, box and secret are the same.
		keyring.Originator(p, o.Public()), keyring.Responder(o, p.Public()), keyring.Pair(p, o),
	} {
		err := r.Add(exact("com.x"), key, from(past))
		require.ErrorIs(t, err, keyring.ErrKey)
		require.ErrorContains(t, err, "give each secret once, under one id")
	}
	require.NoError(t, r.Add(exact("com.x"), keyring.Both(o), from(past)), "another box")
}
