package recent

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestForgets: what is kept is bounded.
func TestForgets(t *testing.T) {
	const limit = 1024
	var m Map[int, int]
	for i := range 3 * limit {
		forgotten, full := m.Add(i, i, limit)
		require.Equal(t, i >= limit, full)
		if full {
			require.Equal(t, i-limit+1, forgotten)
		}
		_, full = m.Add(i, i+1, limit)
		require.False(t, full)
	}
	require.Len(t, m.entries, limit)
	require.Len(t, m.order, limit)
	_, ok := m.Get(2*limit - 1)
	require.False(t, ok)
	v, ok := m.Get(2 * limit)
	require.True(t, ok)
	require.Equal(t, 2*limit+1, v)
}
