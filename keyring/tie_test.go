package keyring

import (
	"maps"
	"math/rand"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The counts that ties keeps from change to change are those that one would
// count anew, and nothing stays behind.
func TestTieCountsStayRight(t *testing.T) {
	var candidates []string
	for _, a := range []string{"", "a", "b", "wamp"} {
		for _, b := range []string{"", "a", "b"} {
			for _, c := range []string{"", "a", "b"} {
				if a+b+c != "" {
					candidates = append(candidates, a+"."+b+"."+c)
				}
			}
		}
	}
	rnd := rand.New(rand.NewSource(7))
	index, present, shapes := ties{}, map[string]bool{}, 0
	for range 3000 {
		pattern := candidates[rnd.Intn(len(candidates))]
		if rnd.Intn(2) == 0 {
			index.remove(pattern)
			delete(present, pattern)
		} else if _, tied := index.find(pattern); !tied {
			index.add(pattern)
			present[pattern] = true
		}
		shapes = max(shapes, checkCounts(t, index, present))
	}
	require.Greater(t, shapes, 3, "the test never had shapes to compare")
	for _, pattern := range candidates {
		index.remove(pattern)
	}
	require.Empty(t, index)
}

// checkCounts compares an index with the patterns it should hold, and gives
// the number of its shapes.
func checkCounts(t *testing.T, index ties, present map[string]bool) int {
	t.Helper()
	n, held := 0, map[string]bool{}
	for _, shapes := range index {
		n += len(shapes)
		for _, s := range shapes {
			want := map[uint64]map[string]int{}
			for _, other := range shapes {
				if other != s {
					want[s.mask&other.mask] = map[string]int{}
				}
			}
			for pattern := range s.patterns {
				held[pattern] = true
				for common, counts := range want {
					counts[masked(pattern, common)]++
				}
			}
			require.Equal(t, want, s.shared)
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(present)), slices.Sorted(maps.Keys(held)))
	return n
}
