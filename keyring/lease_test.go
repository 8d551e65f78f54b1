package keyring_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// can tells whether an entry seals now, and opens: by an id, without one, by an id that people
// give, and for who subscribes.
func can(t *testing.T, e *keyring.Entry, id string, saying string) (seals, opens bool) {
	t.Helper()
	_, err := e.Sealer(keyring.RoleOriginator)
	if seals = err == nil; !seals {
		require.ErrorIs(t, err, keyring.ErrNoActive)
		require.ErrorContains(t, err, saying)
	}
	_, err = opening(e, keyring.RoleResponder, id)
	opens = err == nil
	_, anyID := e.ForeignOpeners(keyring.RoleResponder, cryptobox.Passthru, "")
	_, dialects := e.Dialects(keyring.RoleResponder)
	_, byName := e.Named(keyring.RoleResponder, id)
	for _, other := range []error{anyID, dialects, byName} {
		require.Equal(t, opens, other == nil)
		if !opens {
			require.ErrorIs(t, other, keyring.ErrExpired)
			require.ErrorContains(t, other, saying)
			require.NotErrorIs(t, other, keyring.ErrNoActive)
		}
	}
	return seals, opens
}

// TestLease: keys seal until the one date and open until the other, both included, in an entry
// that was looked up before, whatever their own dates are. Another lease counts from then on.
func TestLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
		x := exact("com.x")
		given := func(seal, open time.Time) *keyring.Ring {
			r := ringOf(t, x)
			require.NoError(t, r.SetPlain(prefix("plain.")))
			require.NoError(t, r.Add(x, named("next"), from(hour(5))))
			r.Lease(seal, open)
			return r
		}
		r := keyring.New()
		requireChanges(t, keyring.Changes{Opened: list(x, prefix("plain.")), Plain: list(prefix("plain."))}, update(t, r, "grants", given(hour(1), hour(3))))
		e := look(t, r, "com.x")
		v, err := e.Sealer(keyring.RoleOriginator)
		require.NoError(t, err)
		const saying = "the lease of the pattern's keys has ended: they "
		at := func(e *keyring.Entry, when time.Time, seals, opens bool, state keyring.State, saying string) {
			t.Helper()
			time.Sleep(time.Until(when))
			s, o := can(t, e, x.String(), saying)
			require.Equal(t, []bool{seals, opens}, []bool{s, o})
			require.Equal(t, state, r.Versions(x)[1].State)
		}
		at(e, hour(1), true, true, keyring.StateActive, "")
		at(e, hour(1).Add(1), false, true, keyring.StateRetired, saying+"sealed until "+hour(1).UTC().Format(time.RFC3339))
		at(e, hour(3), false, true, keyring.StateRetired, ", 2h0m0s ago by this clock; the key service wasn't reached")
		at(e, hour(3).Add(1), false, false, keyring.StateExpired, saying)
		_, err = opening(e, keyring.RoleResponder, x.String())
		require.ErrorContains(t, err, saying+"opened until "+hour(3).UTC().Format(time.RFC3339))
		require.Same(t, v, r.Current(v), "what is under way goes on")
		require.False(t, v.Revoked())

		require.Equal(t, keyring.StateExpired, r.Versions(x)[0].State, "what is to come doesn't open either")
		require.Equal(t, hour(5).UTC(), r.Versions(x)[0].Dates.ActiveFrom, "the dates are the same")
		require.True(t, look(t, r, "plain.x").Plain(), "no key, no lease")

		requireChanges(t, keyring.Changes{}, update(t, r, "grants", given(hour(4), hour(6))))
		again := look(t, r, "com.x")
		at(again, hour(4), true, true, keyring.StateActive, "")
		seal, open := again.Lease()
		require.Equal(t, []time.Time{hour(4).UTC(), hour(6).UTC()}, []time.Time{seal, open})
		info := r.Versions(x)[0]
		require.Equal(t, []time.Time{seal, open}, []time.Time{info.SealUntil, info.OpenUntil})
		at(e, hour(4), false, false, keyring.StateActive, saying)
		at(again, hour(5).Add(1), false, true, keyring.StateRetired, saying) // though the next version's time has come
	})
}

func TestLeaseWithoutEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, soon, later := exact("com.x"), time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
		for name, tc := range map[string]struct{ seal, open, seals, opens time.Time }{
			"none":                    {},
			"it opens without end":    {seal: soon, seals: soon},
			"it seals while it opens": {open: later, seals: later, opens: later},
			"it doesn't seal longer":  {seal: later, open: soon, seals: soon, opens: soon},
		} {
			r := ringOf(t, x)
			r.Lease(tc.seal, tc.open)
			seal, open := look(t, r, "com.x").Lease()
			require.Equal(t, []time.Time{tc.seals.UTC(), tc.opens.UTC()}, []time.Time{seal, open}, name)
		}
		r := ringOf(t, x)
		r.Lease(soon, later)
		r.Lease(time.Time{}, time.Time{})
		time.Sleep(3 * time.Hour)
		require.Equal(t, x.String(), idOf(t, r, "com.x"), "a lease may be taken back")
	})
}

// TestLeaseStays with the pattern where the ring is changed, and with no other.
func TestLeaseStays(t *testing.T) {
	x, until := exact("com.x"), time.Now().Add(time.Hour).UTC()
	lent := func(r *keyring.Ring, uri string) bool {
		seal, _ := look(t, r, uri).Lease()
		return seal.Equal(until)
	}
	own := func() *keyring.Ring {
		r := ringOf(t, x)
		require.NoError(t, r.Add(x, named("next"), from(past)))
		r.Lease(until, until)
		return r
	}
	for name, change := range map[string]func(r *keyring.Ring) error{
		"add": func(r *keyring.Ring) error { return r.Add(x, named("more"), from(future)) },
		"dates": func(r *keyring.Ring) error {
			return r.SetDates(x, "next", keyring.Dates{ActiveFrom: past, NotAfter: future})
		},
		"revoke":     func(r *keyring.Ring) error { return r.Revoke(x, "next") },
		"remove":     func(r *keyring.Ring) error { return r.RemoveVersion(x, x.String()) },
		"transition": func(r *keyring.Ring) error { return r.Transition(x, keyring.SendPlain, future) },
		"unsigned":   func(r *keyring.Ring) error { return r.AllowUnsigned(x, future) },
	} {
		r := own()
		require.NoError(t, change(r))
		require.True(t, lent(r, "com.x"), name)
	}
	r := own()
	require.NoError(t, r.Set(x, named("new")))
	require.False(t, lent(r, "com.x"), "a key of the program's own isn't lent")

	r = ringOf(t, exact("com.own"))
	update(t, r, "grants", own())
	update(t, r, "file", ringOf(t, exact("com.file")))
	require.True(t, lent(r, "com.x"))
	require.NoError(t, r.Revoke(x, "next"))
	require.True(t, lent(r, "com.x"), "revoked by the program, given by the source")
	require.False(t, lent(r, "com.own"))
	require.False(t, lent(r, "com.file"))
	r.Lease(time.Now(), time.Now())
	require.True(t, lent(r, "com.x"), "what others gave isn't the program's to lend")
	seal, _ := look(t, r, "com.own").Lease()
	require.False(t, seal.IsZero())
	require.NoError(t, r.Set(exact("com.later"), named("later")))
	seal, _ = look(t, r, "com.later").Lease()
	require.Zero(t, seal)
}

// TestLeaseEndsTransitions: what seals nothing more doesn't send in plain either, nor take it.
func TestLeaseEndsTransitions(t *testing.T) {
	p := prefix("com.")
	for _, plaintext := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		synctest.Test(t, func(t *testing.T) {
			given := func(lease time.Duration) *keyring.Ring {
				r := ringOf(t, p)
				require.NoError(t, r.Transition(p, plaintext, time.Now().Round(0).Truncate(24*time.Hour).Add(48*time.Hour)))
				r.Lease(time.Now().Add(lease), time.Now().Add(2*lease))
				return r
			}
			r := keyring.New()
			update(t, r, "grants", given(time.Hour))
			e := look(t, r, "com.x")
			require.Equal(t, plaintext == keyring.SendPlain, e.SendsPlain())
			require.True(t, e.TakesPlain())
			time.Sleep(time.Hour + 1)
			require.False(t, e.SendsPlain() || e.TakesPlain())
			_, _, lasts := e.Transition()
			require.False(t, lasts)
			require.False(t, e.Plain())

			requireChanges(t, keyring.Changes{}, update(t, r, "grants", given(time.Hour))) // it needs no consent to go on
			require.True(t, look(t, r, "com.x").TakesPlain())
		})
	}
}

// TestLeaseOfSignedKeys: Current gives the version of now, whatever the lease is.
func TestLeaseOfSignedKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, r := exact("com.x"), keyring.New()
		given := func(until time.Duration, senders ...string) *keyring.Ring {
			r := keyring.New()
			require.NoError(t, r.Set(x, keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, "x"), senders...))))
			r.Lease(time.Now().Add(until), time.Now().Add(until))
			return r
		}
		update(t, r, "grants", given(time.Hour, "shop"))
		e := look(t, r, "com.x")
		id := cryptobox.SignedID(reader(cryptobox.SuiteSigned, "x").Public())
		v, err := e.Opener(keyring.RoleResponder, id)
		require.NoError(t, err)
		time.Sleep(2 * time.Hour)
		_, err = e.Opener(keyring.RoleResponder, id)
		require.ErrorIs(t, err, keyring.ErrExpired)
		require.Equal(t, []string{"shop"}, listed(r.Current(v), keyring.RoleOriginator, "shop"))
		requireChanges(t, keyring.Changes{Changed: list(x)}, update(t, r, "grants", given(time.Hour, "desk")))
		require.Equal(t, []string{"", "desk"}, listed(r.Current(v), keyring.RoleOriginator, "shop", "desk"))
		_, err = look(t, r, "com.x").Opener(keyring.RoleResponder, id)
		require.NoError(t, err)
	})
}
