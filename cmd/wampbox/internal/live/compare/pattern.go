package compare

import (
	"cmp"
	"fmt"
	"time"
)

// side is what one end says of a pattern that both have.
type side struct {
	name string
	Pattern
}

// pattern compares what the two ends say of a pattern.
func (r *report) pattern(a, b side, now time.Time) {
	switch {
	case a.Plain && b.Plain:
		return
	case a.Plain:
		r.plain(a, b, now)
		return
	case b.Plain:
		r.plain(b, a, now)
		return
	}
	if a.Dialect != b.Dialect {
		r.add(Error, Dialect, a.parsed, "", fmt.Sprintf("%s has the dialect %s, and %s %s: they don't take each other's messages",
			a.name, dialect(a), b.name, dialect(b)), "give it one dialect at both ends, that of whoever else uses it")
	}
	r.transition(a, b, now)
	r.versions(a, b, now)
}

func dialect(s side) string { return cmp.Or(s.Dialect, "wampbox (none is given)") }

// plain reports that one end alone seals.
func (r *report) plain(plain, keyed side, now time.Time) {
	if plaintext := keyed.plaintextAt(now); plaintext != "" {
		r.add(Warning, Plain, plain.parsed, "", fmt.Sprintf("it is plain at %s, and %s goes along only until %s", plain.name, keyed.name, date(keyed.Until)),
			fmt.Sprintf("give %s its half of the key before that, with \"plaintext\": \"send\"", plain.name))
		return
	}
	r.add(Error, Plain, plain.parsed, "", fmt.Sprintf("it is plain at %s, and has a key at %s: each refuses what the other sends", plain.name, keyed.name),
		fmt.Sprintf("give %s its half of the key, or declare it plain at %s too", plain.name, keyed.name))
}

// date writes a date as keyring files do.
func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }
