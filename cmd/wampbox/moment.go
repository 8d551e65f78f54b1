package main

import (
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
)

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
	d, err := flags.ParseDuration(text)
	return from.Add(d), err == nil
}

// momentHelp says what moment reads, in errors.
const momentHelp = "give " + flags.DurationHelp + ", a date such as 2027-01-31 or 2027-01-31T12:00:00Z, or now"

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
