package keyring

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The counts that ties keeps from change to change are those that one would
// count anew, and nothing stays behind.
func TestTieCountsStayRight(t *testing.T) {
	var candidates []string
	first := []string{"", "wamp"}
	for i := range 100 {
		first = append(first, fmt.Sprint("a", i))
	}
	for _, a := range first {
		for _, b := range []string{"", "a", "b"} {
			for _, c := range []string{"", "a", "b"} {
				if a+b+c != "" {
					candidates = append(candidates, a+"."+b+"."+c)
				}
			}
		}
	}
	rnd := rand.New(rand.NewSource(7))
	index, present, counted := ties{}, map[string]bool{}, 0
	for range 3000 {
		pattern := candidates[rnd.Intn(len(candidates))]
		if rnd.Intn(4) == 0 {
			index.remove(pattern)
			delete(present, pattern)
		} else if _, tied := index.find(pattern); !tied {
			index.add(pattern)
			present[pattern] = true
		}
		counted = max(counted, checkCounts(t, index, present))
	}
	require.Greater(t, counted, 1, "the test never had shapes that count")
	for _, pattern := range candidates {
		index.remove(pattern)
	}
	require.Empty(t, index)
}

// checkCounts compares an index with the patterns it should hold, and gives
// the number of its shapes that count.
func checkCounts(t *testing.T, index ties, present map[string]bool) int {
	t.Helper()
	n, held := 0, map[string]bool{}
	for _, shapes := range index {
		for _, s := range shapes {
			for common, counts := range s.shared {
				want := map[string]int{}
				for pattern := range s.patterns {
					want[masked(pattern, common)]++
				}
				require.Equal(t, want, counts)
			}
			for pattern := range s.patterns {
				held[pattern] = true
			}
			n += min(len(s.shared), 1)
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(present)), slices.Sorted(maps.Keys(held)))
	return n
}

// What ties is found, and nothing else, among shapes that count and others.
func TestTiesAmongManyShapes(t *testing.T) {
	rnd := rand.New(rand.NewSource(7))
	index, all, tied := ties{}, []string{}, 0
	for range 3000 {
		parts := []string{"", "", "", "", "", ""}
		for _, at := range rnd.Perm(len(parts))[:3] {
			parts[at] = fmt.Sprint(rnd.Intn(12))
		}
		if rnd.Intn(3) > 0 { // one shape has many
			parts = []string{fmt.Sprint(rnd.Intn(12)), fmt.Sprint(rnd.Intn(12)), fmt.Sprint(rnd.Intn(12)), "", "", ""}
		}
		pattern := strings.Join(parts, ".")
		other, found := index.find(pattern)
		require.Equal(t, slices.ContainsFunc(all, func(p string) bool { return tie(p, pattern) }), found, pattern)
		if found {
			require.True(t, tie(other, pattern))
			tied++
			continue
		}
		index.add(pattern)
		all = append(all, pattern)
	}
	require.Greater(t, tied, 100)
	require.Greater(t, len(all), 200)
	present := map[string]bool{}
	for _, pattern := range all {
		present[pattern] = true
	}
	require.Positive(t, checkCounts(t, index, present))
}

// tie tells whether two patterns of three fixed components tie.
func tie(one, two string) bool {
	_, mask := shapeOf(one)
	_, other := shapeOf(two)
	_, meet := wildcardsMeet(one, two)
	return mask != other && meet
}
