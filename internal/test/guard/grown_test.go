package guard_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// grown runs attack, and requires that no more than limit bytes are allocated in it.
func grown(t *testing.T, what string, limit int, attack func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	attack()
	runtime.ReadMemStats(&after)
	grown := after.TotalAlloc - before.TotalAlloc
	fmt.Printf("%s: %d of at most %d bytes\n", what, grown, limit)
	require.LessOrEqual(t, grown, uint64(limit), what)
}
