package keyring

import "strings"

// Whether patterns have URIs in common, by WAMP's rules alone, but for one: a pattern
// that doesn't begin with "wamp." has nothing to do with the protocol's own URIs.

// own reports whether the pattern is about the protocol's own URIs alone.
func (p Pattern) own() bool { return strings.HasPrefix(p.URI, reserved) }

// overlaps reports whether some URI matches both patterns.
func (p Pattern) overlaps(other Pattern) bool {
	switch {
	case p.own() != other.own():
		return false
	case p.Match == MatchExact:
		return other.Matches(p.URI)
	case other.Match == MatchExact:
		return p.Matches(other.URI)
	case p.Match == MatchPrefix && other.Match == MatchPrefix:
		return strings.HasPrefix(p.URI, other.URI) || strings.HasPrefix(other.URI, p.URI)
	case p.Match == MatchPrefix:
		return prefixMeets(p.URI, other.URI)
	case other.Match == MatchPrefix:
		return prefixMeets(other.URI, p.URI)
	}
	return wildcardsMeet(p.URI, other.URI)
}

// prefixMeets reports whether a URI that begins with the prefix matches the wildcard.
func prefixMeets(prefix, wildcard string) bool {
	for {
		have, prefixRest, more := strings.Cut(prefix, ".")
		want, wildcardRest, wildcardMore := strings.Cut(wildcard, ".")
		if !more {
			return want == "" || strings.HasPrefix(want, have)
		}
		if want != "" && want != have || !wildcardMore {
			return false
		}
		prefix, wildcard = prefixRest, wildcardRest
	}
}

// wildcardsMeet reports whether a URI matches both.
func wildcardsMeet(a, b string) bool {
	for {
		one, aRest, aMore := strings.Cut(a, ".")
		two, bRest, bMore := strings.Cut(b, ".")
		if one != "" && two != "" && one != two || aMore != bMore {
			return false
		}
		if !aMore {
			return true
		}
		a, b = aRest, bRest
	}
}

// covers reports whether every URI that matches other matches p.
func (p Pattern) covers(other Pattern) bool {
	switch {
	case p == other:
		return true
	case p.own() != other.own() || p.Match == MatchExact:
		return false
	case other.Match == MatchExact:
		return p.Matches(other.URI)
	case p.Match == MatchPrefix:
		return strings.HasPrefix(fixedText(other), p.URI)
	}
	return other.Match == MatchWildcard && wildcardCovers(p.URI, other.URI)
}

// fixedText is what every URI that matches the prefix or wildcard begins with.
func fixedText(p Pattern) string {
	if p.Match == MatchPrefix {
		return p.URI
	}
	if strings.HasPrefix(p.URI, ".") {
		return ""
	}
	before, _, found := strings.Cut(p.URI, "..")
	if found {
		return before + "."
	}
	return p.URI // only the last component is empty, or none
}

func wildcardCovers(wide, narrow string) bool {
	for {
		want, wideRest, more := strings.Cut(wide, ".")
		have, narrowRest, narrowMore := strings.Cut(narrow, ".")
		if want != "" && want != have || more != narrowMore {
			return false
		}
		if !more {
			return true
		}
		wide, narrow = wideRest, narrowRest
	}
}

// beats reports whether p is the more specific one where a URI matches both: see
// [Ring.Lookup].
func (p Pattern) beats(other Pattern) bool {
	if rank, others := p.rank(), other.rank(); rank != others {
		return rank < others
	}
	switch p.Match {
	case MatchPrefix:
		return len(p.URI) > len(other.URI)
	case MatchWildcard:
		return fixedComponents(p.URI) > fixedComponents(other.URI)
	}
	return false
}

// rank orders the kinds of patterns, the most specific first.
func (p Pattern) rank() int {
	switch {
	case p.Match == MatchExact:
		return 0
	case p.Match == MatchPrefix && p.URI != "":
		return 1
	case p.Match == MatchWildcard:
		return 2
	}
	return 3
}

func fixedComponents(pattern string) int {
	n := 0
	for component := range strings.SplitSeq(pattern, ".") {
		if component != "" {
			n++
		}
	}
	return n
}
