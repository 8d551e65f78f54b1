package keyring_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestZeroRingWorks(t *testing.T) {
	var r keyring.Ring
	_, err := r.Lookup("com.foo")
	require.ErrorIs(t, err, keyring.ErrClosed)
	require.Zero(t, r.Len())
	require.Zero(t, r.Generation())
	require.Empty(t, slices.Collect(r.Patterns()))
	for _, p := range []keyring.Pattern{exact("com.foo"), prefix("com.foo"), prefix(""), wild("com.")} {
		require.ErrorIs(t, r.Remove(p), keyring.ErrNoVersion)
	}
	require.NoError(t, r.Set(wild("com."), named("k")))
	require.Equal(t, wild("com."), found(t, &r, "com.foo"))
}

func TestSetReplacesAndRemoveCloses(t *testing.T) {
	patterns := []keyring.Pattern{exact("a.b.c"), prefix("a.b"), prefix("a"), wild("a.b."), wild("..c"), prefix("")}
	r := ringOf(t, patterns...)
	require.Equal(t, len(patterns), r.Len())
	require.ElementsMatch(t, patterns, slices.Collect(r.Patterns()))

	for _, p := range patterns {
		require.NoError(t, r.Set(p, named("new "+p.String())))
	}
	require.Equal(t, len(patterns), r.Len(), "the same patterns")

	for i, p := range patterns {
		require.Equal(t, p, found(t, r, "a.b.c"))
		require.Equal(t, "new "+p.String(), idOf(t, r, "a.b.c"))
		require.NoError(t, r.Remove(p), p)
		require.ErrorIs(t, r.Remove(p), keyring.ErrNoVersion, "once only: %v", p)
		require.Equal(t, len(patterns)-i-1, r.Len())
		_, err := r.Lookup("a.b.c")
		require.ErrorIs(t, err, keyring.ErrClosed, "what else matches doesn't count")
		require.ErrorContains(t, err, "its pattern had a key, which was removed")
		require.Nil(t, r.Versions(p))
		forget(t, r, p)
	}
	require.Zero(t, found(t, r, "a.b.c"))
	require.Empty(t, slices.Collect(r.Patterns()))
}

func TestKindsOfOneTextAreApart(t *testing.T) {
	r := ringOf(t, exact("com.foo"), prefix("com.foo"), wild("com.foo"))
	require.Equal(t, 3, r.Len())
	forget(t, r, prefix("com.foo"))
	require.Equal(t, exact("com.foo"), found(t, r, "com.foo"))
	forget(t, r, exact("com.foo"))
	require.Equal(t, wild("com.foo"), found(t, r, "com.foo"))
	require.ErrorIs(t, r.Remove(wild("com.fo")), keyring.ErrNoVersion)
	require.ErrorIs(t, r.Remove(wild("com.foo.")), keyring.ErrNoVersion)
	require.ErrorIs(t, r.Remove(wild("com.foo.a.b.c")), keyring.ErrNoVersion)
	require.Equal(t, 1, r.Len())
}

func TestPatternsStopsAndIsOneMoment(t *testing.T) {
	all := []keyring.Pattern{exact("a.b"), exact("a.c"), prefix("a"), wild("a."), wild("x.y."), prefix("")}
	r := ringOf(t, all...)
	for stop := range all {
		n := 0
		for range r.Patterns() {
			if n == stop {
				break
			}
			n++
		}
		require.Equal(t, stop, n)
	}
	var seen []keyring.Pattern
	for p := range r.Patterns() {
		require.NoError(t, r.Remove(p))
		seen = append(seen, p)
	}
	require.ElementsMatch(t, all, seen)
	require.Zero(t, r.Len())
}

// A session that looked a key up goes on with it.
func TestEntryOutlivesItsRemoval(t *testing.T) {
	r := ringOf(t, prefix("com."))
	e := look(t, r, "com.foo")
	require.NoError(t, r.Remove(prefix("com.")))
	v, err := e.Sealer(keyring.RoleResponder)
	require.NoError(t, err)
	require.NotNil(t, v.Cipher())
	require.Equal(t, prefix("com."), e.Pattern())
}

func TestConflict(t *testing.T) {
	for _, tc := range []struct {
		name      string
		have, set string
		tie       bool
	}{
		{"agree in what both fix", "com..temp", "com.room.", true},
		{"fix nothing in common", "a..", "..c", true},
		{"half each", "a.b..", "..c.d", true},
		{"agree at the end", "x..a", ".y.a", true},
		{"three of four", "a.b.c.", "a.b..d", true},
		{"differ in what both fix", "com..temp", "org.room.", false},
		{"differ at the end", "x..a", ".y.b", false},
		{"other count", "com..temp", "com.room..", false},
		{"more fixed", "com..temp", "com.room.temp", false},
		{"fewer fixed", "com..temp", "..temp", false},
		{"the same shape", "com..temp", "com..wind", false},
		{"the same pattern", "com..temp", "com..temp", false},
		{"wamp. is apart", "wamp..x", ".foo.x", false},
		{"wamp. is apart, too", ".foo.x", "wamp..x", false},
		{"within wamp.", "wamp..x", "wamp.foo.", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := ringOf(t, wild(tc.have))
			err := r.Set(wild(tc.set), named("second"))
			if !tc.tie {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, keyring.ErrConflict)
			require.ErrorContains(t, err, wild(tc.have).String())
			require.ErrorContains(t, err, wild(tc.set).String())
			require.Equal(t, []keyring.Pattern{wild(tc.have)}, slices.Collect(r.Patterns()))

			// A prefix or an exact pattern never ties.
			require.NoError(t, r.Set(prefix("com.room."), named("prefix")))
			require.NoError(t, r.Remove(wild(tc.have)))
			require.NoError(t, r.Set(wild(tc.set), named("second")), "what was removed ties with nothing")
			require.ErrorIs(t, r.Set(wild(tc.have), named("first")), keyring.ErrConflict)
		})
	}
}

// A wildcard takes the place of one that was removed: it seals what both match, and what
// the removed one closed stays closed to all that is plain.
func TestWildcardInPlaceOfARemovedOne(t *testing.T) {
	const both, removedOnly, newOnly = "com.room.temp", "com.hall.temp", "com.room.wind"
	removed, fresh := wild("com..temp"), wild("com.room.")
	r := ringOf(t, removed)
	require.NoError(t, r.SetPlain(prefix("")))
	require.NoError(t, r.Remove(removed))
	expect := func(why string, shared, own keyring.Pattern) {
		t.Helper()
		require.Equal(t, shared == none, closed(r, both), why)
		require.Equal(t, own == none, closed(r, newOnly), why)
		require.True(t, closed(r, removedOnly), why)
		if shared != none {
			require.Equal(t, shared, found(t, r, both), why)
		}
		if own != none {
			require.Equal(t, own, look(t, r, newOnly).Pattern(), why)
		}
	}
	require.NoError(t, r.SetPlain(fresh))
	expect("plain", none, fresh)
	require.NoError(t, r.Set(fresh, named("fresh")))
	expect("keyed", fresh, fresh)
	for _, plaintext := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		for _, until := range []time.Time{future, past} {
			require.NoError(t, r.Transition(fresh, plaintext, until))
			expect("in transition", none, fresh)
		}
	}
	require.NoError(t, r.EndTransition(fresh))
	expect("the transition ended", fresh, fresh)
	require.NoError(t, r.Revoke(fresh, "fresh"))
	expect("revoked", fresh, fresh)
	require.ErrorIs(t, r.Set(removed, named("removed")), keyring.ErrConflict)
	require.ErrorIs(t, r.SetPlain(removed), keyring.ErrConflict)
	require.NoError(t, r.Remove(fresh))
	expect("both removed", none, none)
	require.NoError(t, r.Set(removed, named("removed")))
	require.Equal(t, removed, found(t, r, both))
	require.True(t, closed(r, newOnly))
}

// none is no pattern.
var none = keyring.Pattern{}

func TestConflictAmongMany(t *testing.T) {
	r := keyring.New()
	for i := range 500 {
		require.NoError(t, r.Set(wild(fmt.Sprintf("x..a%d", i)), named("k")))
		require.NoError(t, r.Set(wild(fmt.Sprintf(".y.b%d", i)), named("k")))
		require.NoError(t, r.Set(wild(fmt.Sprintf("p%d.q.", i)), named("k")))
	}
	conflicts := func(pattern, with string) {
		t.Helper()
		err := r.Set(wild(pattern), named("k"))
		require.ErrorIs(t, err, keyring.ErrConflict)
		require.ErrorContains(t, err, with)
	}
	conflicts(".y.a499", `"x..a499"`)
	conflicts("x..b7", `".y.b7"`)
	conflicts("p3..z", `"p3.q."`)
	conflicts("x.new.", `"x..a`)
	require.NoError(t, r.Set(wild("x..a7"), named("again")), "a replacement is no tie")
	forget(t, r, wild("x..a7"))
	require.NoError(t, r.Set(wild(".y.a7"), named("k")))
	conflicts("x..a7", `".y.a7"`)
	require.Equal(t, 1500, r.Len())
}

// Patterns set before another shape came up tie with that shape's later ones.
func TestConflictWithEarlierShape(t *testing.T) {
	r := ringOf(t, wild("x..a"), wild("x..b"), wild(".y.c"))
	for range 2 {
		require.ErrorIs(t, r.Set(wild(".y.a"), named("k")), keyring.ErrConflict)
		require.ErrorIs(t, r.Set(wild(".y.b"), named("k")), keyring.ErrConflict)
		require.ErrorIs(t, r.Set(wild("x..c"), named("k")), keyring.ErrConflict)
		require.NoError(t, r.Set(wild(".y.d"), named("k")))

		// The shape goes and comes back.
		forget(t, r, wild(".y.c"))
		forget(t, r, wild(".y.d"))
		require.NoError(t, r.Set(wild(".y.c"), named("k")))
	}
}
