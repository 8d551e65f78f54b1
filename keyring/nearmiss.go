package keyring

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// misses finds the pattern that a URI nearly matches, as [Ring.Lookup] has it. It begins
// with the first question.
type misses struct {
	mu       sync.RWMutex // held while the snapshot is swapped: what that has is known here
	begun    bool
	sealed   *index // of patterns with a key, or closed
	plain    *index
	answered answers
}

// maxAnswered is how many answers are kept, of URIs no longer than maxAsked bytes, in so
// many pages.
const (
	maxAnswered = 1024
	maxAsked    = 1024
	pages       = 32
)

// answers are in places by the hash of their URI, on pages that are made when needed:
// most rings are asked for few URIs.
type answers [pages]atomic.Pointer[page]

type page [maxAnswered / pages]atomic.Pointer[answer]

// answer is for one URI, in one snapshot.
type answer struct {
	uri        string
	generation uint64
	near       Pattern // the zero Pattern for none
}

// place gives that of a URI's answer.
func (a *answers) place(uri string) *atomic.Pointer[answer] {
	hash := maphash.String(seed, uri)
	at := &a[hash%pages]
	if at.Load() == nil {
		at.CompareAndSwap(nil, new(page))
	}
	return &at.Load()[hash/pages%uint64(len(page{}))]
}

// nearSealed gives the pattern that a URI nearly matches, of those which have a key and
// are more specific than one that declares the URI plain among others, else the zero
// Pattern.
func (r *Ring) nearSealed(uri string, s *snapshot, wide Pattern) Pattern {
	if s.sealed == 0 {
		return Pattern{}
	}
	if len(uri) > maxAsked {
		defer r.nearMisses().RUnlock()
		near, _ := r.near.sealed.search(uri, "", wide, someEdits)
		return near
	}
	at := r.near.answered.place(uri)
	if a := at.Load(); a != nil && a.generation == s.generation && a.uri == uri {
		return a.near
	}
	defer r.nearMisses().RUnlock()
	near, _ := r.near.sealed.search(uri, "", wide, someEdits)
	at.Store(&answer{strings.Clone(uri), s.generation, near})
	return near
}

// nearAny gives the nearest pattern that a URI nearly matches, of those that are as near
// one with a key. Those that match the URI to skip aren't near misses of it, but don't count.
func (r *Ring) nearAny(uri, skip string) Pattern {
	defer r.nearMisses().RUnlock()
	near, edits := r.near.sealed.search(uri, skip, anything, someEdits)
	if plain, fewer := r.near.plain.search(uri, skip, anything, edits); fewer < edits {
		return plain
	}
	return near
}

// someEdits are more than a near miss is away.
const someEdits = 2

// anything is what every pattern is more specific than.
var anything = Prefix("")

// nearMisses makes what finds near misses if there is none yet. It gives the lock, which
// is held for reading.
func (r *Ring) nearMisses() *sync.RWMutex {
	mu := &r.near.mu
	for mu.RLock(); !r.near.begun; mu.RLock() {
		mu.RUnlock()
		mu.Lock()
		r.near.begin(r.snapshot())
		mu.Unlock()
	}
	return mu
}

// begin learns all patterns of a snapshot. mu is held.
func (m *misses) begin(s *snapshot) {
	if m.begun {
		return
	}
	sealed, all := 0, 0
	for e := range s.entries() {
		sealed, all = sealed+len(e.pattern.URI)*e.sealed(), all+len(e.pattern.URI)
	}
	m.sealed, m.plain, m.begun = newIndex(sealed), newIndex(all-sealed), true
	for e := range s.entries() {
		m.note(s, e.pattern)
	}
}

// note takes note of what a snapshot has of a pattern. mu is held.
func (m *misses) note(s *snapshot, p Pattern) {
	if !m.begun || p.URI == "" {
		return
	}
	e := s.get(p)
	m.sealed.set(p, e.sealed() > 0)
	m.plain.set(p, e != nil && e.sealed() == 0)
	m.begun = m.sealed.texts.room > 0 && m.plain.texts.room > 0 // else the next question begins anew
}

// index finds patterns of all kinds.
type index struct {
	texts *texts
	masks map[int][]uint64 // of wildcards, by their number of components
}

func newIndex(characters int) *index {
	return &index{newTexts(characters), map[int][]uint64{}}
}

func (x *index) set(p Pattern, there bool) {
	if p.Match == MatchWildcard && there {
		count, mask := shapeOf(p.URI)
		if !slices.Contains(x.masks[count], mask) {
			x.masks[count] = append(x.masks[count], mask)
		}
	}
	x.texts.set(p, there)
}

// search finds the nearest pattern that is more specific than another and fewer edits away
// than so many, or the zero Pattern. It gives the number of edits. What matches the URI to skip is left
// out.
//
// It looks for a URI as an exact one; for what it begins with, up to a dot or its end, as a
// prefix; for what it begins with as a prefix that ends with a dot, and lacks that; and for
// the components of it that wildcards fix.
func (x *index) search(uri, skip string, wide Pattern, fewer int) (near Pattern, edits int) {
	if uri == "" || len(x.texts.patterns) == 0 {
		return Pattern{}, fewer
	}
	text := x.texts.text()
	defer x.texts.spare.Put(text)
	s := seeker{texts: x.texts, text: text, skip: skip, wide: wide, least: utf8.RuneCountInString(wide.URI), edits: fewer}
	if all := s.extend(s.text, uri, s.longest+1); all {
		s.look(len(s.lower), MatchExact)
		s.look(len(s.lower), MatchPrefix)
	}
	for i, c := range s.lower {
		if c == '.' {
			s.look(i+1, MatchPrefix)
		}
	}
	s.lastDot()
	x.wildcards(&s, uri)
	return s.nearest, s.edits
}

// lastDot looks for prefixes that the text begins with, but for the dot at their end.
func (s *seeker) lastDot() {
	s.least-- // the dot counts
	s.n, s.kind = len(s.lower), MatchPrefix
	for front := s.front(); s.edits > 1 && front > 0; front-- {
		s.n = front
		s.find(front, front, 1, '.')
	}
}
