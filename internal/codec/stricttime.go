package codec

import (
	"math"
	"time"
)

// The seconds since 1970 of the first moment of year 1, and of that of year 10000.
const (
	minTime = -62135596800
	maxTime = 253402300800
)

// timeOf gives the time that a number stands for: seconds since 1970, of which a fraction
// is rounded to nanoseconds. It reports whether it is in the years 1 to 9999.
func timeOf(major, info byte, n uint64) (t time.Time, ok bool) {
	switch {
	case major == majorUnsigned && n < maxTime:
		return time.Unix(int64(n), 0).UTC(), true
	case major == majorNegative && n < -minTime:
		return time.Unix(int64(^n), 0).UTC(), true
	case major != majorSimple || info < infoHalf:
		return time.Time{}, false
	}
	_, bits := simple(info, n)
	f := math.Float64frombits(bits)
	if !(f >= minTime && f < maxTime) { // NaN is neither
		return time.Time{}, false
	}
	seconds := math.Floor(f)
	return time.Unix(int64(seconds), int64(math.Round((f-seconds)*1e9))).UTC(), true
}

// time writes a time: whole seconds as an integer, others as a float, which tells them
// to a quarter of a microsecond in this century.
func (w *Writer) time(t time.Time) error {
	if !w.strict {
		return &ValueError{Type: "time.Time", Why: "this dialect has no times: send text, or a number of seconds"}
	}
	seconds, fraction := t.Unix(), float64(t.Nanosecond())/1e9
	f := float64(seconds) + fraction
	if seconds < minTime || f >= maxTime {
		return &ValueError{Type: "time.Time", Why: "not in the years 1 to 9999"}
	}
	w.memory += timeSize
	w.dst = appendCBORHead(w.dst, majorTag, tagTime)
	if fraction == 0 {
		w.dst = w.format.AppendInt(w.dst, seconds)
	} else {
		w.dst = appendCBORDouble(w.dst, f)
	}
	return nil
}
