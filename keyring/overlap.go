package keyring

import (
	"math/bits"
	"strings"
)

// Whether patterns have URIs in common, by WAMP's rules alone, but for one: a pattern
// that doesn't begin with "wamp." has nothing to do with the protocol's own URIs.
//
// One URI answers for all that patterns have in common: what none of them fixes is "*" in
// it, which stands in no pattern, and where a prefix leaves the end open, it has more
// components than a wildcard can have. So what else matches it matches all the others.

// endless is what such a URI has in place of an open end.
var endless = "*" + strings.Repeat(".*", MaxComponents)

// own tells whether the pattern is about the protocol's own URIs alone.
func (p Pattern) own() bool { return strings.HasPrefix(p.URI, reserved) }

// sample gives a URI that stands for all that match the pattern.
func (p Pattern) sample() string {
	uri, _ := p.meet(p)
	return uri
}

// covers tells whether a valid pattern matches every URI that matches another one.
func (p Pattern) covers(other Pattern) bool {
	return p.own() == other.own() && p.Matches(other.sample())
}

// meet gives a URI that stands for all that match both patterns, and whether any does.
func (p Pattern) meet(other Pattern) (uri string, ok bool) {
	one, two := p.fixedText(), other.fixedText()
	switch {
	case p.own() != other.own(), !strings.HasPrefix(one, two) && !strings.HasPrefix(two, one):
		return "", false
	case p.Match == MatchExact:
		return p.URI, other.matches(p.URI)
	case other.Match == MatchExact:
		return other.URI, p.matches(other.URI)
	case p.Match == MatchPrefix && other.Match == MatchPrefix:
		return max(one, two) + endless, true // the longer one
	case p.Match == MatchPrefix:
		return prefixMeets(p.URI, other.URI)
	case other.Match == MatchPrefix:
		return prefixMeets(other.URI, p.URI)
	}
	return wildcardsMeet(p.URI, other.URI)
}

// fixedText is what every URI that matches the pattern begins with.
func (p Pattern) fixedText() string {
	if p.Match != MatchWildcard {
		return p.URI
	}
	if strings.HasPrefix(p.URI, ".") {
		return ""
	}
	if i := strings.Index(p.URI, ".."); i >= 0 {
		return p.URI[:i+1]
	}
	return p.URI // only the last component is open, or none
}

// prefixMeets is meet for a prefix and a wildcard.
func prefixMeets(prefix, wildcard string) (string, bool) {
	begun, parts := strings.Split(prefix, "."), strings.Split(wildcard, ".")
	last := len(begun) - 1
	if last >= len(parts) {
		return "", false
	}
	for i, want := range parts {
		switch {
		case i > last && want == "":
			parts[i] = "*"
		case i > last:
		case want != "" && (want != begun[i] && i < last || !strings.HasPrefix(want, begun[i])):
			return "", false
		case i < last:
			parts[i] = begun[i]
		case want == "":
			parts[i] = begun[i] + "*"
		}
	}
	return strings.Join(parts, "."), true
}

// wildcardsMeet is meet for two wildcards.
func wildcardsMeet(one, two string) (string, bool) {
	parts, others := strings.Split(one, "."), strings.Split(two, ".")
	if len(parts) != len(others) {
		return "", false
	}
	for i, other := range others {
		switch {
		case parts[i] == "" && other == "":
			parts[i] = "*"
		case parts[i] == "":
			parts[i] = other
		case other != "" && other != parts[i]:
			return "", false
		}
	}
	return strings.Join(parts, "."), true
}

// Overlap tells what a subscription or registration of a pattern would take in: the
// pattern of an entry that has a key, and of one that is plain, each the zero Pattern
// where there is none. An entry counts if it is the one that [Ring.Lookup] gives for some
// URI of p. A pattern in transition has a key. Where a URI is plain because no pattern
// matches it, that is Prefix(""), or for WAMP's own URIs Prefix("wamp."); these are
// looked at only if p begins with "wamp.".
//
// If both is true, the receiver of a plain message can't tell by p whether it should have
// been sealed. Overlap walks through the ring: keep its answer until [Ring.Generation]
// changes.
func (r *Ring) Overlap(p Pattern) (withKey, withoutKey Pattern, both bool) {
	s, none := r.snapshot(), Pattern{}
	if s.reservedBy(p.fixedText()) != nil {
		return withKey, withoutKey, false
	}
	for e := range s.entries() {
		found := &withKey
		if e.standing == plain {
			found = &withoutKey
		}
		if e.standing == closed || *found != none {
			continue
		}
		if uri, ok := p.meet(e.pattern); ok && s.lookup(uri) == e && s.reservedBy(uri) == nil {
			*found = e.pattern
		}
		if withKey != none && withoutKey != none {
			return withKey, withoutKey, true
		}
	}
	if sample := p.sample(); withoutKey == none && s.lookup(sample) == nil && s.scrambled.of(sample) == nil {
		switch {
		case p.own():
			withoutKey = Prefix(reserved)
		case s.isOpen():
			withoutKey = Prefix("")
		}
	}
	return withKey, withoutKey, withKey != none && withoutKey != none
}

// Generation changes whenever the ring does. Ask for it before you look at what you want to
// keep until the next change.
func (r *Ring) Generation() uint64 { return r.snapshot().generation }

// Changed gives a channel that is closed with the next change of the ring. Ask for it before you
// look at what you want to keep until then.
func (r *Ring) Changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

// narrows tells whether p is the more specific one where a URI matches both, of different
// kinds or wildcards.
func (p Pattern) narrows(other Pattern) bool {
	if rank, others := p.rank(), other.rank(); rank != others {
		return rank < others
	}
	return p.fixed() > other.fixed()
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

// fixed counts the components of a valid pattern that aren't empty.
func (p Pattern) fixed() int {
	_, mask := shapeOf(p.URI)
	return bits.OnesCount64(mask)
}
