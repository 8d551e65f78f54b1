package lint

import (
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// overlaps looks for patterns that match some of the same URIs. The more
// specific one wins, which may not be the one that was meant. A default key
// stands under all on purpose. Two wildcards that tie are refused by loading.
func (r *report) overlaps(entries []*entry) {
	first := map[keyring.Pattern]*entry{}
	var wildcards, all []*entry
	for _, e := range entries {
		if first[e.Pattern] != nil || e.Pattern.URI == "" {
			continue
		}
		first[e.Pattern] = e
		all = append(all, e)
		if e.Pattern.Match == keyring.Wildcard {
			wildcards = append(wildcards, e)
		}
	}
	for _, e := range all {
		if e.Pattern.Match != keyring.Wildcard {
			r.under(e, first)
		}
		for _, w := range wildcards {
			if w != e && (e.Pattern.Match != keyring.Wildcard || w.index < e.index) && meet(w.Pattern, e.Pattern) {
				r.overlap(e, w)
			}
		}
	}
}

// under finds the prefixes that an exact pattern or a prefix lies under.
func (r *report) under(e *entry, first map[keyring.Pattern]*entry) {
	end := len(e.Pattern.URI)
	if e.Pattern.Match == keyring.Prefix {
		end--
	}
	for i := 1; i <= end; i++ {
		if other := first[keyring.Pattern{URI: e.Pattern.URI[:i], Match: keyring.Prefix}]; other != nil {
			r.overlap(e, other)
		}
	}
}

func (r *report) overlap(e, other *entry) {
	r.add(e, Overlap, "keys[%d] %v matches some of the same URIs, and the more specific of the two counts for them: see that this is meant",
		other.index, other.Pattern)
}

// meet tells whether some URI matches both a wildcard and another pattern.
func meet(wildcard, other keyring.Pattern) bool {
	parts, others := strings.Split(wildcard.URI, "."), strings.Split(other.URI, ".")
	prefix := other.Match == keyring.Prefix
	if len(others) > len(parts) || !prefix && len(others) != len(parts) {
		return false
	}
	for i, have := range others {
		want := parts[i]
		switch {
		case want == "" || want == have:
		case have == "" && other.Match == keyring.Wildcard:
		case prefix && i == len(others)-1 && strings.HasPrefix(want, have):
		default:
			return false
		}
	}
	return true
}
