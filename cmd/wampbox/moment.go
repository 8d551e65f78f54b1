package main

import (
	"strconv"
	"strings"
	"time"
)

// skew is what the clocks of peers may differ by: what is to hold at once is dated so much
// earlier, so that it does at all of them.
const skew = 30 * time.Second

// maxDays is 100 years.
const maxDays = 36525

// isDate tells whether a text that moment reads is a date, which is written as it is given.
func isDate(text string) bool {
	_, ok := moment(text, time.Time{})
	return ok && text != "now" && strings.Contains(text, "-")
}

// moment reads "now", a duration from a moment on, or a date.
func moment(text string, from time.Time) (time.Time, bool) {
	if text == "now" {
		return from, true
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if date, err := time.Parse(layout, text); err == nil {
			return date.UTC(), true
		}
	}
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.Atoi(days)
		return from.AddDate(0, 0, n), err == nil && n >= 0 && n <= maxDays
	}
	d, err := time.ParseDuration(text)
	return from.Add(d), err == nil && d >= 0
}

// momentHelp says what moment reads, in errors.
const momentHelp = "give a duration such as 36h or 30d, a date such as 2027-01-31 or 2027-01-31T12:00:00Z, or now"

// shown is how dates are shown, and nothing for none.
func shown(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return t.UTC().Format(time.RFC3339)
}

// dated gives a date for JSON, nil for none.
func dated(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
