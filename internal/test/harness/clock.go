package harness

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// Clock is the clock of a machine that a test sets. What has elapsed goes on by itself.
type Clock struct{ ahead atomic.Int64 }

// Set has the clock be so many seconds ahead of the real one.
func (c *Clock) Set(ahead time.Duration) { c.ahead.Store(int64(ahead / time.Second)) }

// Now is what [time.Now] gives where the machine's clock is set so. [time.Time.Add] would
// move what has elapsed as well.
func (c *Clock) Now() time.Time {
	now := time.Now()
	const behindNanoseconds = 30 // bits; TestClock finds out if that changes
	(*struct {
		wall      uint64
		monotonic int64
		zone      *time.Location
	})(unsafe.Pointer(&now)).wall += uint64(c.ahead.Load()) << behindNanoseconds
	return now
}
