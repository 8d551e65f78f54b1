// Package clock tells when something began, by the clock as it is set now. Call [WallTime].
//
// A machine has two clocks. One tells the time of day, and can be set. The other one tells how
// much time has elapsed, and can't be set. WallTime subtracts what has elapsed from the time of
// day. [Text] writes a span of time for people.
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
