package compare

import (
	"cmp"
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
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
	r.transition(a, b, now)
	if !r.dialects(a, b, now) {
		r.versions(a, b, now)
	}
}

// dialects reports ends that speak otherwise with one key, or in nothing alike, and tells
// whether it is so: their ids differ then too.
func (r *report) dialects(a, b side, now time.Time) bool {
	alike, both := false, false
	for _, v := range a.Versions {
		for _, other := range b.Versions {
			if !v.opens(now) || !other.opens(now) {
				continue
			}
			both = true
			same := v.speaks() == other.speaks()
			alike = alike || same
			if !same && v.Fingerprint != "" && v.Fingerprint == other.Fingerprint {
				r.add(Error, Dialect, a.parsed, v.ID, fmt.Sprintf("%s uses this key for %s, and %s for %s: they don't take each other's messages",
					a.name, v.speaks(), b.name, other.speaks()), "give it one dialect and suite at both ends, those of whoever else uses it")
				return true
			}
		}
	}
	if both && !alike {
		r.add(Error, Dialect, a.parsed, "", fmt.Sprintf("%s has a key for %s, and %s for %s: they don't take each other's messages",
			a.name, a.Versions[0].speaks(), b.name, b.Versions[0].speaks()), "give both ends keys of one dialect and suite that were made together (wampbox rotate -for, -suite)")
	}
	return both && !alike
}

// speaks says in which dialect a version seals and opens, and how.
func (v Version) speaks() string {
	if v.Dialect != "" {
		return fmt.Sprintf("%.64q", v.Dialect)
	}
	return fmt.Sprintf("\"wampbox\" in suite %.64q", cmp.Or(v.Suite, cryptobox.SuiteBox.String()))
}

// plain reports that one end alone seals.
func (r *report) plain(plain, keyed side, now time.Time) {
	if plaintext := keyed.plaintextAt(now); plaintext != "" {
		r.add(Warning, Plain, plain.parsed, "", fmt.Sprintf("it is plain at %s, and %s goes along only until %s", plain.name, keyed.name, date(keyed.Until)),
			fmt.Sprintf("give %s its half of the key before that, with \"plaintext\": \"send\"", plain.name))
		return
	}
	r.add(Error, Plain, plain.parsed, "", fmt.Sprintf("it is plain at %s, and has a key at %s: each refuses what the other sends", plain.name, keyed.name),
		fmt.Sprintf("remove it at %s (wampbox remove), and %s", plain.name, halfOfKey(plain.name)))
}

// date writes a date as keyring files do.
func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }
