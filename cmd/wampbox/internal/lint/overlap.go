package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// overlaps looks for patterns that match some of the same URIs, where both have a key, or
// the one that counts is plain. A plain pattern around a keyed one is the way to have both,
// and so a note alone; a default key stands under all on purpose. Two wildcards that tie are
// refused by loading.
func (r *report) overlaps() {
	known := map[keyring.Pattern]*entry{}
	var wildcards []*entry
	for _, e := range r.entries {
		if e.Pattern.URI == "" {
			continue
		}
		known[e.Pattern] = e
		if e.Pattern.Match == keyring.MatchWildcard {
			wildcards = append(wildcards, e)
		}
	}
	for _, e := range r.entries {
		if e.Pattern.URI == "" {
			continue
		}
		if e.Pattern.Match != keyring.MatchWildcard {
			r.under(e, known)
		}
		for _, w := range wildcards {
			if w != e && (e.Pattern.Match != keyring.MatchWildcard || w.index < e.index) && meet(w.Pattern, e.Pattern) {
				r.overlap(e, w)
			}
		}
	}
}

// under finds the prefixes that an exact pattern or a prefix lies under.
func (r *report) under(e *entry, known map[keyring.Pattern]*entry) {
	end := len(e.Pattern.URI)
	if e.Pattern.Match == keyring.MatchPrefix {
		end--
	}
	for i := 1; i <= end; i++ {
		if other := known[keyring.Prefix(e.Pattern.URI[:i])]; other != nil {
			r.overlap(e, other)
		}
	}
}

func (r *report) overlap(e, other *entry) {
	if r.apart(e, other) {
		return
	}
	counts := e
	if e.Pattern.Match == keyring.MatchWildcard && fixed(other.Pattern) > fixed(e.Pattern) {
		counts = other
	}
	switch {
	case !e.Plain && !other.Plain:
		r.add(e, Overlap, "patterns[%d] %v matches some of the same URIs, and %v, as the more specific one, counts for them: "+
			"if one key is to count for all, take that one out in all files (wampbox remove %s)", other.index, other.Pattern, counts.Pattern, words.Argument(counts.Pattern.URI))
	case e.Plain != other.Plain && counts.Plain:
		keyed := e
		if counts == e {
			keyed = other
		}
		r.add(counts, Overlap, "it is plain, and counts for some URIs that patterns[%d] %v matches, which has a key: these go out in plain; "+
			"if they are to be sealed, take this one out (wampbox remove %s), or write in its place what is to be plain beside them",
			keyed.index, keyed.Pattern, words.Argument(counts.Pattern.URI))
	case e.Plain != other.Plain:
		around := e
		if counts == e {
			around = other
		}
		around.inside = append(around.inside, counts)
	}
}

// apart tells whether one of two patterns lies below a scrambled prefix and the other doesn't:
// only one counts for each URI then.
func (r *report) apart(e, other *entry) bool {
	return slices.ContainsFunc(r.hidden, func(s *scramble) bool { return s.covers(e) != s.covers(other) })
}

// maxInside bounds how many patterns a note names.
const maxInside = 5

// plainAround says what plain patterns leave plain beside the keyed ones within.
func (r *report) plainAround() {
	for _, e := range r.entries {
		if len(e.inside) == 0 {
			continue
		}
		var names []string
		for _, k := range e.inside[:min(len(e.inside), maxInside)] {
			names = append(names, k.Pattern.String())
		}
		if more := len(e.inside) - maxInside; more > 0 {
			names = append(names, fmt.Sprintf("%d more", more))
		}
		which := "every URI that begins with it"
		if e.Pattern.Match == keyring.MatchWildcard {
			which = "every URI with any text in place of its empty components"
		}
		r.addAs(Note, e, PlainAround, which+" goes out in plain, but for those of "+strings.Join(names, ", "))
	}
}

// fixed gives the number of components that aren't empty.
func fixed(p keyring.Pattern) int {
	n := 0
	for part := range strings.SplitSeq(p.URI, ".") {
		if part != "" {
			n++
		}
	}
	return n
}

// meet tells whether some URI matches both a wildcard and another pattern.
func meet(wildcard, other keyring.Pattern) bool {
	parts, others := strings.Split(wildcard.URI, "."), strings.Split(other.URI, ".")
	prefix := other.Match == keyring.MatchPrefix
	if len(others) > len(parts) || !prefix && len(others) != len(parts) {
		return false
	}
	for i, have := range others {
		want := parts[i]
		switch {
		case want == "" || want == have:
		case have == "" && other.Match == keyring.MatchWildcard:
		case prefix && i == len(others)-1 && strings.HasPrefix(want, have):
		default:
			return false
		}
	}
	return true
}
