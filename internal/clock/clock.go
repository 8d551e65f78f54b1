// Package clock keeps apart the two clocks of a machine: the one that tells the time and
// can be set, and the one that tells what has elapsed and can't.
package clock

import "time"

// WallTime is when something began, as the clock tells the time now: now less what has
// elapsed, in whole milliseconds, as messages have it. A clock that was set in between,
// either way, moves it along. Both times are as [time.Now] gives them. Where sleep doesn't
// count as elapsed (Linux), a machine that slept has set its clock ahead.
func WallTime(began, now time.Time) time.Time {
	if began.IsZero() {
		return began
	}
	// Two readings of a machine's clocks are some nanoseconds further apart by one than by
	// the other, and more where the process was interrupted between them.
	set := time.Duration(now.UnixNano()-began.UnixNano()) - now.Sub(began)
	return time.UnixMilli(began.UnixMilli() + set.Milliseconds())
}
