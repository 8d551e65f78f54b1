package keyring_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// openersOf gives the ids of those that may open what names no version.
func openersOf(t testing.TB, e *keyring.Entry) []string {
	t.Helper()
	vs, err := opening(e, keyring.RoleResponder, "")
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
		hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
		until := func(id string, from, until int) keyring.KeyVersion {
			return keyring.KeyVersion{Key: named(id), Dates: keyring.Dates{ActiveFrom: hour(from), NotAfter: hour(until)}}
		}
		require.NoError(t, r.SetVersions(exact("com.x"),
			until("2 h", -2, 2), until("3 h", -1, 3), until("1 h", -3, 1), dated("no date", hour(-4)),
			dated("next", hour(100)), dead("gone", hour(-5)), dated("now", hour(0))))
		e := look(t, r, "com.x")
		all := []string{"now", "next", "3 h", "2 h", "1 h", "no date"}
		for n := range 3 {
			last := all[4-n]
			time.Sleep(time.Until(hour(n + 1)))
			require.Equal(t, append(all[:5-n:5-n], "no date"), openersOf(t, e), "to the last moment")
			_, err := opening(e, keyring.RoleResponder, last)
			require.NoError(t, err)

			time.Sleep(time.Nanosecond)
			require.Equal(t, append(all[:4-n:4-n], "no date"), openersOf(t, e))
			vs, err := opening(e, keyring.RoleResponder, last)
			require.Nil(t, vs)
			require.ErrorIs(t, err, keyring.ErrExpired)
			require.ErrorContains(t, err, hour(n+1).UTC().Format(time.RFC3339))
		}
		require.Equal(t, "now", idOf(t, r, "com.x"))
		require.NoError(t, r.SetDates(exact("com.x"), "1 h", keyring.Dates{ActiveFrom: hour(-3), NotAfter: hour(5)}), "a later date begins it again")
		require.Contains(t, openersOf(t, look(t, r, "com.x")), "1 h")
	})
}

// A rotation by dates: which version seals at each moment, in one entry.
func TestWhichVersionSeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, now := keyring.New(), time.Now()
		hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
		x := exact("com.x")
		require.NoError(t, r.Add(x, named("first"), from(hour(1))))
		require.NoError(t, r.Add(x, named("third"), keyring.Dates{ActiveFrom: hour(3), NotAfter: hour(4)}))
		require.NoError(t, r.Add(x, named("fifth"), from(hour(5))))
		require.NoError(t, r.Add(x, named("second"), from(hour(2))))
		require.NoError(t, r.Add(x, named("sixth"), from(hour(6))))
		require.NoError(t, r.Revoke(x, "sixth"))
		e := look(t, r, "com.x")
		at := func(moment time.Time, want, saying string) {
			t.Helper()
			time.Sleep(time.Until(moment))
			v, err := e.Sealer(keyring.RoleOriginator)
			if want == "" {
				require.ErrorIs(t, err, keyring.ErrNoActive)
				require.ErrorContains(t, err, saying)
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, v.ID())
		}
		at(hour(0), "", `id "first": no version of the key seals now: it seals from`)
		at(hour(1).Add(-time.Second), "", "on, in 1s by this clock")
		at(hour(1), "first", "")
		at(hour(2).Add(-1), "first", "")
		at(hour(2), "second", "")
		at(hour(3).Add(-1), "second", "")
		at(hour(3), "third", "")
		at(hour(4), "third", "")
		at(hour(4).Add(1), "", `id "third": no version of the key seals now: it was good until`) // never an older one
		at(hour(5).Add(-time.Minute), "", ", 59m0s ago by this clock: add another")
		at(hour(5), "fifth", "")
		_, err := e.Named(keyring.RoleResponder, "third")
		require.ErrorIs(t, err, keyring.ErrExpired)
		require.ErrorContains(t, err, ", 1h0m0s ago by this clock")
		at(hour(6).Add(-1), "fifth", "")
		at(hour(6), "", `id "sixth": no version of the key seals now: it was revoked`)
		require.Equal(t, []string{"fifth", "second", "first"}, openersOf(t, e), "those open all the same")
	})
}

func TestAllExpired(t *testing.T) {
	r := keyring.New()
	require.NoError(t, r.SetVersions(exact("com.x"), keyring.KeyVersion{Key: named("a"), Dates: dates(0, 2001)}, dead("b", past)))
	vs, err := opening(look(t, r, "com.x"), keyring.RoleResponder, "")
	require.Nil(t, vs)
	require.ErrorIs(t, err, keyring.ErrExpired)
}

// A date is the same whether it was counted here or read from a file.
func TestDatesAreOfTheWallClock(t *testing.T) {
	r := ringOf(t, exact("com.x"))
	at := time.Now().Add(time.Hour).In(time.FixedZone("there", 3600))
	require.NoError(t, r.Add(exact("com.x"), named("v"), keyring.Dates{ActiveFrom: at, NotAfter: at}))
	for _, got := range []time.Time{r.Versions(exact("com.x"))[0].Dates.ActiveFrom, r.Versions(exact("com.x"))[0].Dates.NotAfter} {
		require.Equal(t, at.Round(0).UTC(), got)
		require.NotContains(t, got.String(), "m=")
	}
	require.ErrorIs(t, r.Add(exact("com.x"), named("w"), from(at.UTC())), keyring.ErrState, "the same moment in another zone")
}

func TestOpenersWithDatesAllocateNothing(t *testing.T) {
	r := ringOf(t, exact("com.x"))
	require.NoError(t, r.Add(exact("com.x"), named("expired"), keyring.Dates{ActiveFrom: year(2000), NotAfter: past}))
	require.NoError(t, r.Add(exact("com.x"), named("dated"), keyring.Dates{ActiveFrom: past, NotAfter: future}))
	for id, want := range map[string]float64{"": 1, "dated": 0} { // without an id a list is made
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
			e, _ := r.Lookup("com.x")
			if vs, err := e.ForeignOpeners(keyring.RoleResponder, cryptobox.Passthru, id); err != nil || len(vs) == 0 {
				t.Fatal(err)
			}
			if _, err := e.Sealer(keyring.RoleResponder); err != nil {
				t.Fatal(err)
			}
		}), want)
	}
}
