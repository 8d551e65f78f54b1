package keyring_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// openersOf gives the ids of those that may open what names no version.
func openersOf(t testing.TB, e *keyring.Entry) []string {
	t.Helper()
	vs, err := e.Openers(keyring.RoleResponder, "")
	require.NoError(t, err)
	ids := make([]string, len(vs))
	for i, v := range vs {
		ids[i] = v.ID()
	}
	return ids
}

// Versions expire one by one, also in an entry that was looked up before, and
// each at its moment.
func TestVersionsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, now := keyring.New(), time.Now()
		date := func(hours int) time.Time { return now.Add(time.Duration(hours) * time.Hour) }
		retired := func(id string, at time.Time) keyring.KeyVersion {
			return keyring.KeyVersion{Key: named(id), State: keyring.StateRetired, NotAfter: at}
		}
		require.NoError(t, r.SetVersions("com.x", keyring.Exact,
			retired("2 h", date(2)), retired("3 h", date(3)), retired("1 h", date(1)), retired("no date", time.Time{}),
			keyring.KeyVersion{Key: named("next"), State: keyring.StatePending},
			keyring.KeyVersion{Key: named("gone"), State: keyring.StateRevoked},
			keyring.KeyVersion{Key: named("now"), State: keyring.StateActive}))
		e, _ := r.Lookup("com.x")
		all := []string{"now", "next", "no date", "3 h", "2 h", "1 h"}
		for hour := range 3 {
			last := all[5-hour]
			time.Sleep(time.Until(date(hour + 1)))
			require.Equal(t, all[:6-hour], openersOf(t, e), "to the last moment")
			_, err := e.Openers(keyring.RoleResponder, last)
			require.NoError(t, err)

			time.Sleep(time.Nanosecond)
			require.Equal(t, all[:5-hour], openersOf(t, e))
			vs, err := e.Openers(keyring.RoleResponder, last)
			require.Nil(t, vs)
			require.ErrorIs(t, err, keyring.ErrExpired)
			require.ErrorContains(t, err, date(hour+1).UTC().Format(time.RFC3339))
		}
		require.Equal(t, "now", idOf(t, r, "com.x"))
		require.NoError(t, r.Retire("com.x", keyring.Exact, "1 h", date(5)), "a later date begins it again")
		e, _ = r.Lookup("com.x")
		require.Contains(t, openersOf(t, e), "1 h")
	})
}

func TestAllExpired(t *testing.T) {
	r := keyring.New()
	require.NoError(t, r.SetVersions("com.x", keyring.Exact,
		keyring.KeyVersion{Key: named("a"), State: keyring.StateRetired, NotAfter: past},
		keyring.KeyVersion{Key: named("b"), State: keyring.StateRevoked}))
	e, _ := r.Lookup("com.x")
	vs, err := e.Openers(keyring.RoleResponder, "")
	require.Nil(t, vs)
	require.ErrorIs(t, err, keyring.ErrExpired)
}

// A date is the same whether it was counted here or read from a file.
func TestDatesAreOfTheWallClock(t *testing.T) {
	r := ringOf(t, exact("com.x"))
	require.NoError(t, r.Add("com.x", keyring.Exact, named("v")))
	at := time.Now().Add(time.Hour)
	require.NoError(t, r.Retire("com.x", keyring.Exact, "v", at))
	require.Equal(t, at.Round(0), r.Versions("com.x", keyring.Exact)[1].NotAfter)
	require.NotContains(t, r.Versions("com.x", keyring.Exact)[1].NotAfter.String(), "m=")
}

func TestOpenersWithDatesAllocateNothing(t *testing.T) {
	r := ringOf(t, exact("com.x"))
	for _, id := range []string{"expired", "dated"} {
		require.NoError(t, r.Add("com.x", keyring.Exact, named(id)))
	}
	require.NoError(t, r.Retire("com.x", keyring.Exact, "expired", past))
	require.NoError(t, r.Retire("com.x", keyring.Exact, "dated", future))
	for _, id := range []string{"", "dated"} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			e, _ := r.Lookup("com.x")
			if vs, err := e.Openers(keyring.RoleResponder, id); err != nil || len(vs) == 0 {
				t.Fatal(err)
			}
			if _, err := e.Sealer(keyring.RoleResponder); err != nil {
				t.Fatal(err)
			}
		}))
	}
}
