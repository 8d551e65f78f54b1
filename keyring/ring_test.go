package keyring_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestZeroRingWorks(t *testing.T) {
	var r keyring.Ring
	_, ok := r.Lookup("com.foo")
	require.False(t, ok)
	require.Zero(t, r.Len())
	require.Empty(t, slices.Collect(r.Patterns()))
	for _, p := range []keyring.Pattern{exact("com.foo"), prefix("com.foo"), prefix(""), wild("com.")} {
		require.False(t, r.Remove(p.URI, p.Match))
	}
	require.NoError(t, r.Set("com.", keyring.Wildcard, named("k")))
	require.Equal(t, wild("com."), found(t, &r, "com.foo"))
}

func TestSetReplacesAndRemoveUncovers(t *testing.T) {
	patterns := []keyring.Pattern{exact("a.b.c"), prefix("a.b"), prefix("a"), wild("a.b."), wild("..c"), prefix("")}
	r := ringOf(t, patterns...)
	require.Equal(t, len(patterns), r.Len())
	require.ElementsMatch(t, patterns, slices.Collect(r.Patterns()))

	for _, p := range patterns {
		require.NoError(t, r.Set(p.URI, p.Match, named("new "+p.String())))
	}
	require.Equal(t, len(patterns), r.Len(), "the same patterns")

	for i, p := range patterns {
		require.Equal(t, p, found(t, r, "a.b.c"))
		require.Equal(t, "new "+p.String(), idOf(t, r, "a.b.c"))
		require.True(t, r.Remove(p.URI, p.Match), p)
		require.False(t, r.Remove(p.URI, p.Match), "once only: %v", p)
		require.Equal(t, len(patterns)-i-1, r.Len())
	}
	require.Zero(t, found(t, r, "a.b.c"))
	require.Empty(t, slices.Collect(r.Patterns()))
}

func TestKindsOfOneTextAreApart(t *testing.T) {
	r := ringOf(t, exact("com.foo"), prefix("com.foo"), wild("com.foo"))
	require.Equal(t, 3, r.Len())
	require.True(t, r.Remove("com.foo", keyring.Prefix))
	require.Equal(t, exact("com.foo"), found(t, r, "com.foo"))
	require.True(t, r.Remove("com.foo", keyring.Exact))
	require.Equal(t, wild("com.foo"), found(t, r, "com.foo"))
	require.False(t, r.Remove("com.fo", keyring.Wildcard))
	require.False(t, r.Remove("com.foo.", keyring.Wildcard))
	require.False(t, r.Remove("com.foo.a.b.c", keyring.Wildcard))
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
		require.True(t, r.Remove(p.URI, p.Match))
		seen = append(seen, p)
	}
	require.ElementsMatch(t, all, seen)
	require.Zero(t, r.Len())
}

// A session that looked a key up goes on with it.
func TestEntryOutlivesItsRemoval(t *testing.T) {
	r := ringOf(t, prefix("com."))
	e, ok := r.Lookup("com.foo")
	require.True(t, ok)
	require.True(t, r.Remove("com.", keyring.Prefix))
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
			err := r.Set(tc.set, keyring.Wildcard, named("second"))
			if !tc.tie {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, keyring.ErrConflict)
			require.ErrorContains(t, err, wild(tc.have).String())
			require.ErrorContains(t, err, wild(tc.set).String())
			require.Equal(t, []keyring.Pattern{wild(tc.have)}, slices.Collect(r.Patterns()))

			// A prefix or an exact pattern never ties.
			require.NoError(t, r.Set("com.room.", keyring.Prefix, named("prefix")))
			require.True(t, r.Remove(tc.have, keyring.Wildcard))
			require.NoError(t, r.Set(tc.set, keyring.Wildcard, named("second")))
			require.ErrorIs(t, r.Set(tc.have, keyring.Wildcard, named("first")), keyring.ErrConflict)
		})
	}
}

func TestConflictAmongMany(t *testing.T) {
	r := keyring.New()
	for i := range 500 {
		require.NoError(t, r.Set(fmt.Sprintf("x..a%d", i), keyring.Wildcard, named("k")))
		require.NoError(t, r.Set(fmt.Sprintf(".y.b%d", i), keyring.Wildcard, named("k")))
		require.NoError(t, r.Set(fmt.Sprintf("p%d.q.", i), keyring.Wildcard, named("k")))
	}
	conflicts := func(pattern, with string) {
		t.Helper()
		err := r.Set(pattern, keyring.Wildcard, named("k"))
		require.ErrorIs(t, err, keyring.ErrConflict)
		require.ErrorContains(t, err, with)
	}
	conflicts(".y.a499", `"x..a499"`)
	conflicts("x..b7", `".y.b7"`)
	conflicts("p3..z", `"p3.q."`)
	conflicts("x.new.", `"x..a`)
	require.NoError(t, r.Set("x..a7", keyring.Wildcard, named("again")), "a replacement is no tie")
	require.True(t, r.Remove("x..a7", keyring.Wildcard))
	require.NoError(t, r.Set(".y.a7", keyring.Wildcard, named("k")))
	conflicts("x..a7", `".y.a7"`)
	require.Equal(t, 1500, r.Len())
}

// Patterns set before another shape came up tie with that shape's later ones.
func TestConflictWithEarlierShape(t *testing.T) {
	r := ringOf(t, wild("x..a"), wild("x..b"), wild(".y.c"))
	for range 2 {
		require.ErrorIs(t, r.Set(".y.a", keyring.Wildcard, named("k")), keyring.ErrConflict)
		require.ErrorIs(t, r.Set(".y.b", keyring.Wildcard, named("k")), keyring.ErrConflict)
		require.ErrorIs(t, r.Set("x..c", keyring.Wildcard, named("k")), keyring.ErrConflict)
		require.NoError(t, r.Set(".y.d", keyring.Wildcard, named("k")))

		// The shape goes and comes back.
		require.True(t, r.Remove(".y.c", keyring.Wildcard))
		require.True(t, r.Remove(".y.d", keyring.Wildcard))
		require.NoError(t, r.Set(".y.c", keyring.Wildcard, named("k")))
	}
}

// A change must not cost in proportion to the ring: copying or searching all
// patterns for each of these would take minutes.
func TestLargeRing(t *testing.T) {
	const each = 20_000
	patterns := make([]keyring.Pattern, 0, 5*each)
	for i := range each {
		patterns = append(patterns,
			exact(fmt.Sprintf("com.myapp.device%d.status", i)), prefix(fmt.Sprintf("com.myapp.room%d.", i)),
			wild(fmt.Sprintf("org..a%d", i)), wild(fmt.Sprintf(".org.b%d", i)), wild(fmt.Sprintf("net.x%d.", i)))
	}
	key, r, start := named("k"), keyring.New(), time.Now()
	for _, p := range patterns {
		if err := r.Set(p.URI, p.Match, key); err != nil {
			t.Fatal(err)
		}
	}
	require.Less(t, time.Since(start), 30*time.Second)
	require.Equal(t, len(patterns), r.Len())
	for _, p := range patterns {
		uri := p.URI
		if p.Match != keyring.Exact {
			uri = strings.ReplaceAll(strings.Trim(uri, "."), "..", ".any.") + ".any"
		}
		if strings.HasPrefix(p.URI, ".") {
			uri = "any" + p.URI
		} else if p.Match == keyring.Wildcard && !strings.HasSuffix(p.URI, ".") {
			uri = strings.TrimSuffix(uri, ".any")
		}
		if e, ok := r.Lookup(uri); !ok || e.Pattern() != p {
			t.Fatalf("%q gives %v, not %v", uri, e, p)
		}
	}
	for _, p := range patterns {
		if !r.Remove(p.URI, p.Match) {
			t.Fatalf("%v is gone", p)
		}
	}
	require.Zero(t, r.Len())
}
