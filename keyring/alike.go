package keyring

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// texts finds a pattern whose text is another one but for one edit: a character more, less
// or another, or two neighbours that changed places.
//
// Before and behind an edit the texts are equal. So what patterns begin and end with
// leaves few places where an edit can be, and what is left of patterns without one
// character tells of nearly all of these that none is. Filters know this of all patterns.
// Where they say that there may be one, each character that patterns have is tried.
type texts struct {
	base     uint64 // of the hashes
	powers   [maxNear + 2]uint64
	parts    filter // small enough to stay in a processor's cache
	lacking  filter
	room     int                  // characters that the filters have room for
	letters  []byte               // that patterns have
	lengths  [4][maxNear + 2]bool // that patterns of a kind have
	patterns map[uint64][]Pattern // by the hash of their text
}

// maxNear is the length, in bytes, up to which texts are looked at.
const maxNear = 128

// newTexts makes room for so many characters, and as many again.
func newTexts(characters int) texts {
	room := 2*characters + 1<<12
	t := texts{base: rand.Uint64() | 1, room: room, parts: newFilter(2 * room), lacking: newFilter(4 * room), patterns: map[uint64][]Pattern{}}
	t.powers[0] = 1
	for i := range maxNear + 1 {
		t.powers[i+1] = t.powers[i] * t.base
	}
	return t
}

// text is one in lower case, with the hashes of what it begins with, by length.
type text struct {
	lower  [maxNear]byte
	hashes [maxNear + 1]uint64
}

// hash begins a text of so many bytes, which are there already.
func (t *texts) hash(x *text, length int) {
	for i, c := range x.lower[:length] {
		x.hashes[i+1] = x.hashes[i]*t.base + uint64(c) + 1
	}
}

// end is the hash of a text's first n characters without the first i.
func (t *texts) end(x *text, i, n int) uint64 {
	return x.hashes[n] - x.hashes[i]*t.powers[n-i]
}

// edited is the hash of a text's first n characters with others in the place of those from
// i to j.
func (t *texts) edited(x *text, i, j, n int, others ...byte) uint64 {
	h := x.hashes[i]
	for _, c := range others {
		h = h*t.base + uint64(c) + 1
	}
	return h*t.powers[n-j] + t.end(x, j, n)
}

// What a filter knows of patterns of a kind by their hash: add the kind.
const (
	whole  = 0
	begins = 4 // what some pattern begins with
	ends   = 8
)

// lacks is what a filter knows of patterns without their i-th character.
func lacks(i int) Match { return Match(4 * i % 256) }

// set learns the text of a pattern, or forgets the pattern.
func (t *texts) set(p Pattern, lower string, there bool) {
	var x text
	n := copy(x.lower[:], lower)
	t.hash(&x, n)
	known := t.patterns[x.hashes[n]]
	i := slices.Index(known, p)
	switch {
	case there == (i >= 0):
		return
	case !there && len(known) == 1:
		delete(t.patterns, x.hashes[n])
		return
	case !there:
		t.patterns[x.hashes[n]] = slices.Delete(known, i, i+1)
		return
	}
	t.patterns[x.hashes[n]] = append(known, p)
	t.room -= n
	t.lengths[p.Match][n] = true
	t.parts.add(whole+p.Match, x.hashes[n])
	t.parts.add(ends+p.Match, 0)
	for i := range n {
		t.parts.add(begins+p.Match, x.hashes[i+1])
		t.parts.add(ends+p.Match, t.end(&x, i, n))
		t.lacking.add(lacks(i)+p.Match, t.edited(&x, i, i+1, n))
		if !slices.Contains(t.letters, lower[i]) {
			t.letters = append(t.letters, lower[i])
		}
	}
}

// seeker looks for the pattern, more specific than wide, that is the fewest edits away
// from the first n characters of a text.
type seeker struct {
	*texts
	text
	n     int
	kind  Match // of patterns that are looked for
	count int   // of their components, if they are wildcards
	mask  uint64
	wide  Pattern

	nearest Pattern
	edits   int
}

// look compares the first n characters with patterns of a kind.
func (s *seeker) look(n int, kind Match) {
	s.n, s.kind = n, kind
	if lengths := &s.lengths[kind]; n == 0 || !lengths[n-1] && !lengths[n] && !lengths[n+1] {
		return
	}
	// Patterns may begin with the text up to here.
	front := sort.Search(n, func(i int) bool { return !s.parts.has(begins+kind, s.hashes[i+1]) })
	if front == n && s.find(s.hashes[n], 0) {
		return
	}
	for i := front; s.edits > 1 && i >= 0 && s.parts.has(ends+kind, s.end(&s.text, min(i+2, n), n)) && !s.edit(i); i-- {
	}
}

// edit finds a pattern that is the text but for an edit in the i-th place.
func (s *seeker) edit(i int) bool {
	return s.replace(i, i) ||
		i < s.n && (s.find(s.edited(&s.text, i, i+1, s.n), 1) || s.replace(i, i+1)) ||
		i+1 < s.n && s.find(s.edited(&s.text, i, i+2, s.n, s.lower[i+1], s.lower[i]), 1)
}

// replace finds a pattern that has some character in the place of those from i to j.
func (s *seeker) replace(i, j int) bool {
	return s.lacking.has(lacks(i)+s.kind, s.edited(&s.text, i, j, s.n)) &&
		slices.ContainsFunc(s.letters, func(c byte) bool {
			return s.parts.has(begins+s.kind, s.edited(&s.text, i, i, i, c)) && s.find(s.edited(&s.text, i, j, s.n, c), 1)
		})
}

// find finds a pattern of a hash that really is the text but for so many edits.
func (s *seeker) find(hash uint64, edits int) bool {
	if !s.parts.has(whole+s.kind, hash) {
		return false
	}
	i := slices.IndexFunc(s.patterns[hash], func(p Pattern) bool {
		return s.takes(p) && alike(s.lower[:s.n], lower(p.URI))
	})
	if i >= 0 {
		s.nearest, s.edits = s.patterns[hash][i], edits
	}
	return i >= 0
}

// takes tells whether a pattern is one of those that are looked for.
func (s *seeker) takes(p Pattern) bool {
	if p.Match == MatchWildcard {
		if count, mask := shapeOf(p.URI); count != s.count || mask != s.mask {
			return false
		}
	}
	return p.Match == s.kind && p.narrows(s.wide)
}

// alike tells whether texts are equal but for one edit.
func alike(a []byte, b string) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

// lower is strings.ToLower, and quick for what has nothing to lower.
func lower(text string) string {
	for i := range len(text) {
		if 'A' <= text[i] && text[i] <= 'Z' || text[i] >= utf8.RuneSelf {
			return strings.ToLower(text)
		}
	}
	return text
}

// filter remembers hashes, each with what is known of it: those that it has, and by
// mistake a few others.
type filter struct {
	bits  []uint64
	shift int
	salt  uint64
}

// newFilter makes one of so many bits or more.
func newFilter(size int) filter {
	shift := 64 - bits.Len(uint(max(size-1, 64)))
	return filter{make([]uint64, 1<<(64-6-shift)), shift, rand.Uint64() | 1}
}

// spread makes the upper bits of a hash depend on all others.
const spread = 0x9e3779b97f4a7c15

func (f *filter) at(what Match, hash uint64) (word, bit uint64) {
	place := (hash + uint64(what)*f.salt) * spread >> f.shift
	return place / 64, place % 64
}

func (f *filter) add(what Match, hash uint64) {
	word, bit := f.at(what, hash)
	f.bits[word] |= 1 << bit
}

func (f *filter) has(what Match, hash uint64) bool {
	word, bit := f.at(what, hash)
	return f.bits[word]&(1<<bit) != 0
}
