package keyring

import (
	"iter"
	"strings"
)

// snapshot is the content of a ring at one moment. It never changes, so
// look-ups read it without a lock.
type snapshot struct {
	exact    table
	prefix   prefixes // without the empty one
	wildcard wildcards
	fallback *Entry // the empty prefix: the default key
	size     int
}

// Lookup gives the entry of the most specific pattern that matches a URI:
//
//  1. the exact pattern;
//  2. else the longest prefix that isn't empty;
//  3. else the wildcard with most fixed components;
//  4. else the default, which is the empty prefix.
//
// URIs that begin with "wamp." are the protocol's own. They are keyed only by
// a pattern that itself begins with "wamp.": not by the default, a shorter
// prefix or a wildcard that leaves the first component open. The empty URI is
// never keyed.
//
// The URI isn't validated. What has no key is sent in plain, so a URI that is
// malformed ("com.myapp..x", or one with a space) is still keyed by whatever
// matches it; the router refuses the message, and has seen nothing.
//
// Lookup takes no lock and allocates nothing. Its cost grows with the URI's
// length, for prefixes with the number of different lengths that they have, and for
// wildcards with the number of different sets of components that patterns of the
// URI's component count fix; not with the number of patterns.
func (r *Ring) Lookup(uri string) (*Entry, bool) {
	s := r.state.Load()
	if s == nil || uri == "" {
		return nil, false
	}
	e := s.lookup(uri)
	return e, e != nil
}

// lookup is the order of precedence.
func (s *snapshot) lookup(uri string) *Entry {
	if e := s.exact.get(uri); e != nil {
		return e
	}
	own, least := strings.HasPrefix(uri, reserved), 1
	if own {
		least = len(reserved)
	}
	if e := s.prefix.lookup(uri, least); e != nil {
		return e
	}
	if e := s.wildcard.lookup(uri); e != nil {
		return e
	}
	if own {
		return nil
	}
	return s.fallback
}

// get gives the entry of a pattern, not of what it matches.
func (s *snapshot) get(p Pattern) *Entry {
	switch {
	case p == Pattern{Match: Prefix}:
		return s.fallback
	case p.Match == Exact:
		return s.exact.get(p.URI)
	case p.Match == Prefix:
		return s.prefix.patterns.get(p.URI)
	case p.Match == Wildcard && p.problem() == "":
		return s.wildcard.get(p.URI)
	}
	return nil
}

// with gives a snapshot that holds the entry too, in place of one with the
// same pattern.
func (s *snapshot) with(e *Entry) *snapshot {
	next, replaced := *s, false
	switch {
	case e.pattern == Pattern{Match: Prefix}:
		replaced = s.fallback != nil
		next.fallback = e
	case e.pattern.Match == Exact:
		next.exact, replaced = s.exact.with(e)
	case e.pattern.Match == Prefix:
		next.prefix, replaced = s.prefix.with(e)
	default:
		next.wildcard, replaced = s.wildcard.with(e)
	}
	if !replaced {
		next.size++
	}
	return &next
}

// without gives a snapshot that lacks a valid pattern, and tells whether it
// was there.
func (s *snapshot) without(p Pattern) (*snapshot, bool) {
	next, ok := *s, false
	switch {
	case p == Pattern{Match: Prefix}:
		ok = s.fallback != nil
		next.fallback = nil
	case p.Match == Exact:
		next.exact, ok = s.exact.without(p.URI)
	case p.Match == Prefix:
		next.prefix, ok = s.prefix.without(p.URI)
	default:
		next.wildcard, ok = s.wildcard.without(p.URI)
	}
	if !ok {
		return s, false
	}
	next.size--
	return &next, true
}

// entries walks through all entries, by kind.
func (s *snapshot) entries() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		tables := []table{s.exact, s.prefix.patterns}
		for _, shapes := range s.wildcard {
			for _, shape := range shapes {
				tables = append(tables, shape.patterns)
			}
		}
		for _, t := range tables {
			if !t.each(yield) {
				return
			}
		}
		if s.fallback != nil {
			yield(s.fallback)
		}
	}
}
