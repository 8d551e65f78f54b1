package keyring

import (
	"iter"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// tree maps the text of patterns of one kind to their entries. nil is empty.
// It is persistent: a change copies the nodes on one path and shares the rest.
type tree = iradix.Tree[*Entry]

// snapshot is the content of a ring at one moment. It never changes, so
// look-ups read it without a lock.
type snapshot struct {
	exact    *tree
	prefix   *tree // without the empty one
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
// length, and for wildcards with the number of different sets of components
// that patterns of the URI's component count fix; not with the number of
// patterns.
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
	if s.exact != nil {
		// The conversions don't copy: the tree only reads. A test counts.
		if e, ok := s.exact.Get([]byte(uri)); ok {
			return e
		}
	}
	own := strings.HasPrefix(uri, reserved)
	if s.prefix != nil {
		_, e, ok := s.prefix.Root().LongestPrefix([]byte(uri))
		if ok && (!own || len(e.pattern.URI) >= len(reserved)) {
			return e
		}
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
		return fetch(s.exact, p.URI)
	case p.Match == Prefix:
		return fetch(s.prefix, p.URI)
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
		next.exact, replaced = put(s.exact, e)
	case e.pattern.Match == Prefix:
		next.prefix, replaced = put(s.prefix, e)
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
		next.exact, ok = drop(s.exact, p.URI)
	case p.Match == Prefix:
		next.prefix, ok = drop(s.prefix, p.URI)
	default:
		next.wildcard, ok = s.wildcard.without(p.URI)
	}
	if !ok {
		return s, false
	}
	next.size--
	return &next, true
}

// entries walks through all entries: by kind, within it by text.
func (s *snapshot) entries() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		trees := []*tree{s.exact, s.prefix}
		for _, shapes := range s.wildcard {
			for _, shape := range shapes {
				trees = append(trees, shape.patterns)
			}
		}
		for _, t := range trees {
			if !each(t, yield) {
				return
			}
		}
		if s.fallback != nil {
			yield(s.fallback)
		}
	}
}

// each calls yield for the entries of a tree while that returns true.
func each(t *tree, yield func(*Entry) bool) bool {
	if t == nil {
		return true
	}
	it := t.Root().Iterator()
	for _, e, ok := it.Next(); ok; _, e, ok = it.Next() {
		if !yield(e) {
			return false
		}
	}
	return true
}

// put sets an entry and tells whether it replaced one.
func put(t *tree, e *Entry) (*tree, bool) {
	if t == nil {
		t = iradix.New[*Entry]()
	}
	t, _, replaced := t.Insert([]byte(e.pattern.URI), e)
	return t, replaced
}

// fetch gives the entry of a pattern.
func fetch(t *tree, uri string) *Entry {
	if t == nil {
		return nil
	}
	e, _ := t.Get([]byte(uri))
	return e
}

// drop removes a pattern and tells whether it was there. An emptied tree
// becomes nil, so that look-ups pass it by.
func drop(t *tree, uri string) (*tree, bool) {
	if t == nil {
		return nil, false
	}
	t, _, ok := t.Delete([]byte(uri))
	if t.Len() == 0 {
		t = nil
	}
	return t, ok
}
