package flags

import (
	"strings"
	"time"
)

// MomentHelp says what [Moment] reads, in errors.
const MomentHelp = "give " + DurationHelp + ", a date such as 2027-01-31 or 2027-01-31T12:00:00Z, or now"

// Moment reads "now", a duration from a moment on, or a date.
func Moment(text string, from time.Time) (time.Time, bool) {
	if text == "now" {
		return from, true
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if date, err := time.Parse(layout, text); err == nil {
			return date.UTC(), true
		}
	}
	d, err := ParseDuration(text)
	return from.Add(d), err == nil
}

// IsDate tells whether a text that [Moment] reads is a date, which is written as it is given.
func IsDate(text string) bool {
	_, ok := Moment(text, time.Time{})
	return ok && text != "now" && strings.Contains(text, "-")
}
