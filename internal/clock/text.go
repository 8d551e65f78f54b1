package clock

import (
	"fmt"
	"math"
	"time"
)

const day = 24 * time.Hour

// Text is a span of time for people: in days where it is long, to the millisecond where it
// is short, else to the second. What is beyond a [time.Duration] reads as more than it holds.
func Text(d time.Duration) string {
	switch d = d.Abs(); {
	case d == math.MaxInt64:
		return "more than 292 years"
	case d >= 3*day:
		return fmt.Sprintf("%d days", d.Round(day)/day)
	case d >= time.Second:
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}
