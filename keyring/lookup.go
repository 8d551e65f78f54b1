package keyring

import (
	"iter"
	"maps"
	"strings"
)

// snapshot is the content of a ring at one moment. It never changes, so
// look-ups read it without a lock.
type snapshot struct {
	exact    table
	prefix   prefixes // without the empty one
	wildcard wildcards
	fallback *Entry // the empty prefix: the default key
	// open says of each source whether by its word a URI is plain that no pattern matches.
	open       map[string]bool
	reserved   []reservation
	scrambled  scramblings
	sealed     int    // entries that aren't plain
	generation uint64 // see [Ring.Generation]
}

// isOpen tells whether a URI is plain that no pattern matches.
func (s *snapshot) isOpen() bool {
	for _, open := range s.open {
		if open {
			return true
		}
	}
	return false
}

// unlessKeyed gives a snapshot with a source's word on that.
func (s *snapshot) unlessKeyed(source string, open bool) *snapshot {
	next := *s
	next.open = map[string]bool{}
	maps.Copy(next.open, s.open)
	next.open[source] = open
	return &next
}

// Lookup gives the entry of the most specific pattern that matches a URI:
//
//  1. the exact pattern;
//  2. else the longest prefix that isn't empty;
//  3. else the wildcard with most fixed components, of two the one that isn't closed by
//     [Ring.Remove], where it seals;
//  4. else the default, which is the empty prefix.
//
// If no pattern matches, the URI is closed: nothing may be sent or accepted for it. The error
// is an [*Error] that wraps [ErrClosed]. If the URI nearly matches a pattern, the error names
// that pattern. After [Ring.PlainUnlessKeyed] a URI that no pattern matches is plain. But a
// URI that is plain by that, or by a prefix or wildcard, is closed if it nearly matches a more
// specific pattern with a key, or has a "*" or "#" in it. If you mean it, declare it plain by
// its own [Exact] pattern.
//
// A URI nearly matches a pattern, or is a near miss of it, if what the pattern matches differs
// from it by case, and by no more than one character that is missing, one too many or another,
// or two neighbours that changed places. A dot is a character: "com.myapp.kit.chen.temperature" is a near miss
// of the wildcard "com.myapp..temperature". What a prefix leaves open begins at a dot or
// behind the end of the URI; but where the prefix ends with a dot, the URI may lack that:
// "com.myapp.ordersnew" is a near miss of the prefix "com.myapp.orders.". Of two prefixes the
// more specific one is that which goes on behind the other.
//
// URIs that begin with "wamp." are the protocol's own, and plain. They are keyed only by
// a pattern that itself begins with "wamp.": not by the default, a shorter
// prefix or a wildcard that leaves the first component open. URIs that begin with
// "wampbox.error" are our own protocol's: [ErrReserved]. So are those of [Ring.Reserve].
//
// The URI isn't validated: one that is malformed ("com.myapp..x", or one with a space) is
// still sealed by whatever matches it; the router refuses the message, and has seen
// nothing.
//
// Lookup takes no lock and allocates nothing for what has a key. Its cost grows with the
// URI's length, for prefixes with the number of different lengths that they have, and for
// wildcards with the number of different sets of components that patterns of the
// URI's component count fix; not with the number of patterns.
func (r *Ring) Lookup(uri string) (*Entry, error) {
	s := r.snapshot()
	if why := s.reservedBy(uri); why != nil {
		return nil, &Error{Op: "look up", URI: uri, Err: why}
	}
	if sc := s.scrambled.of(uri); sc != nil {
		return r.lookupBelow(sc, s, uri)
	}
	if e := s.lookup(uri); e != nil && uri != "" {
		if e.standing == closed {
			return nil, &Error{Op: "look up", URI: uri, Pattern: e.pattern, Err: errRemoved}
		}
		if e.standing == keyed || e.pattern.Match == MatchExact {
			return e, nil
		}
		return r.unlessNear(uri, s, e)
	}
	if strings.HasPrefix(uri, reserved) {
		return protocolsOwn, nil
	}
	if s.isOpen() && uri != "" {
		return r.unlessNear(uri, s, unlessKeyed)
	}
	return nil, &Error{Op: "look up", URI: uri, Near: r.nearAny(uri, ""), Err: ErrClosed}
}

// lookupBelow is Lookup below a scrambled prefix, where only what lies there counts.
func (r *Ring) lookupBelow(sc *scrambling, s *snapshot, uri string) (*Entry, error) {
	e := s.lookup(uri)
	switch {
	case e != nil && e.standing == closed:
		return nil, &Error{Op: "look up", URI: uri, Pattern: e.pattern, Err: errRemoved}
	case e == nil:
		return nil, &Error{Op: "look up", URI: uri, Pattern: Prefix(sc.prefix), Near: r.nearAny(uri, uri), Err: sc.noPattern()}
	}
	return e, nil
}

// unlessNear gives the entry of a pattern that declares the URI plain among others. A URI
// that nearly matches a more specific pattern with a key, or has a "*" or "#" in it, stays
// closed: who writes it means something else.
func (r *Ring) unlessNear(uri string, s *snapshot, e *Entry) (*Entry, error) {
	if near := r.nearSealed(uri, s, e.pattern); near != (Pattern{}) {
		return nil, &Error{Op: "look up", URI: uri, Pattern: e.pattern, Near: near, Err: errNear}
	}
	if strings.ContainsAny(uri, "*#") {
		return nil, &Error{Op: "look up", URI: uri, Err: ErrClosed}
	}
	return e, nil
}

// What no pattern of the ring says.
var (
	protocolsOwn = &Entry{pattern: Prefix(reserved), standing: plain}
	unlessKeyed  = &Entry{pattern: Prefix(""), standing: plain}
)

// lookup is the order of precedence.
func (s *snapshot) lookup(uri string) *Entry {
	if e := s.exact.get(uri); e != nil {
		return e
	}
	within := s.within(uri)
	if e := s.prefix.lookup(uri, max(1, len(within))); e != nil {
		return e
	}
	if e := s.wildcard.lookup(uri, strings.Count(within, ".")); e != nil {
		return e
	}
	if within != "" {
		return nil
	}
	return s.fallback
}

// within gives what a pattern has to begin with, up to a dot, to count for a URI.
func (s *snapshot) within(uri string) string {
	if strings.HasPrefix(uri, reserved) {
		return reserved
	}
	if sc := s.scrambled.of(uri); sc != nil {
		return sc.prefix
	}
	return ""
}

// get gives the entry of a pattern, not of what it matches.
func (s *snapshot) get(p Pattern) *Entry {
	switch {
	case p == Prefix(""):
		return s.fallback
	case p.Match == MatchExact:
		return s.exact.get(p.URI)
	case p.Match == MatchPrefix:
		return s.prefix.patterns.get(p.URI)
	case p.Match == MatchWildcard && p.problem() == "":
		return s.wildcard.get(p.URI)
	}
	return nil
}

// with gives a snapshot that holds the entry too, in place of one with the
// same pattern.
func (s *snapshot) with(e *Entry) *snapshot {
	next := *s
	next.sealed += e.sealed() - s.get(e.pattern).sealed()
	switch {
	case e.pattern == Prefix(""):
		next.fallback = e
	case e.pattern.Match == MatchExact:
		next.exact = s.exact.with(e)
	case e.pattern.Match == MatchPrefix:
		next.prefix = s.prefix.with(e)
	default:
		next.wildcard = s.wildcard.with(e)
	}
	return &next
}

// without gives a snapshot that lacks a valid pattern, and tells whether it
// was there.
func (s *snapshot) without(p Pattern) (*snapshot, bool) {
	next, ok := *s, false
	next.sealed -= s.get(p).sealed()
	switch {
	case p == Prefix(""):
		ok = s.fallback != nil
		next.fallback = nil
	case p.Match == MatchExact:
		next.exact, ok = s.exact.without(p.URI)
	case p.Match == MatchPrefix:
		next.prefix, ok = s.prefix.without(p.URI)
	default:
		next.wildcard, ok = s.wildcard.without(p.URI)
	}
	if !ok {
		return s, false
	}
	return &next, true
}

// below walks through the entries that a prefix or wildcard which isn't on the ring would
// beat for some URI.
func (s *snapshot) below(p Pattern) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		fewer := MaxComponents + 1 // a prefix beats all wildcards
		switch {
		case p == Prefix(""):
			return
		case p.Match == MatchWildcard:
			fewer = p.fixed()
		case !s.prefix.shorter(p.URI, yield):
			return
		}
		if s.wildcard.each(fewer, yield) && s.fallback != nil {
			yield(s.fallback)
		}
	}
}

// entries walks through all entries, by kind.
func (s *snapshot) entries() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		if s.exact.each(yield) && s.prefix.patterns.each(yield) && s.wildcard.each(MaxComponents+1, yield) && s.fallback != nil {
			yield(s.fallback)
		}
	}
}
