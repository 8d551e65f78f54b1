// Package heap tells tests how much memory is in use. It imports nothing of the library, so that
// tests inside any package can use it.
package heap

import "runtime"

// InUse is the heap in use after a collection, in bytes.
func InUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
