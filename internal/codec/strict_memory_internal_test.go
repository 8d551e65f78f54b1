//go:build !race

package codec

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
)

// TestStrictMemoryIsChargedFor in full, and the same by who writes.
func TestStrictMemoryIsChargedFor(t *testing.T) {
	shapes := greedy()
	shapes["times"] = listOf(5_000, func(i int) any { return time.Unix(int64(i), 500_000_000) })
	for name, list := range shapes {
		t.Run(name, func(t *testing.T) {
			var w Writer
			w.ResetStrict(nil, 0)
			require.NoError(t, w.List(list(), 1, nil))
			memory := w.memory
			data := w.Release()
			charged := requireMemory(t, func() (charged, taken int) {
				r := new(StrictReader)
				r.Reset(data)
				whole := r.left.memory
				at, err := r.ScanList(1)
				require.NoError(t, err)
				charged = whole - r.left.memory
				before := heap.InUse()
				values := r.List(at)
				taken = int(heap.InUse() - before)
				runtime.KeepAlive(values)
				runtime.KeepAlive(r)
				return charged, taken
			})
			require.Equal(t, memory, charged)
		})
	}
}
