package main

import "time"

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
