package keyring

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"unicode"
	"unicode/utf8"
)

// texts finds a pattern whose text is another one but for one edit: a character more, less
// or another, or two neighbours that changed places. Characters are Unicode's, in lower
// case.
//
// Before and behind an edit the texts are equal. So what patterns begin and end with
// leaves few places where an edit can be, and what is left of patterns without one
// character tells of nearly all of these that none is. Filters know this of all patterns.
// Where they say that there may be one, each character that patterns have is tried.
type texts struct {
	base     uint64   // of the hashes
	powers   []uint64 // of base, as far as a text that is looked at may need them
	parts    filter   // small enough to stay in a processor's cache
	lacking  filter
	room     int                  // characters that the filters have room for
	letters  []rune               // that patterns have, in order
	lengths  [4]lengths           // that patterns of a kind have
	longest  int                  // of them
	patterns map[uint64][]Pattern // by the hash of their text
	spare    sync.Pool            // of *text
}

// maxText is how many characters of a text are looked at: one more than a pattern may have.
const maxText = MaxPatternLength + 1

// newTexts makes room for so many characters, and as many again.
func newTexts(characters int) *texts {
	room := 2*characters + 1<<10
	return &texts{
		base: rand.Uint64() | 1, powers: []uint64{1}, room: room,
		parts: newFilter(2 * room), lacking: newFilter(4 * room), patterns: map[uint64][]Pattern{},
	}
}

// grow has powers for all that is looked at where patterns have so many characters: texts
// of wildcards are up to three times as long.
func (t *texts) grow(characters int) {
	t.longest = max(t.longest, characters)
	for len(t.powers) <= 3*t.longest+1 {
		t.powers = append(t.powers, t.powers[len(t.powers)-1]*t.base)
	}
}

// lengths is a set of numbers up to maxText + 1.
type lengths [(maxText+1)/64 + 1]uint64

func (l *lengths) add(n int) { l[n/64] |= 1 << (n % 64) }

func (l *lengths) has(n int) bool { return l[n/64]>>(n%64)&1 == 1 }

// text is one in lower case, with the hashes of what it begins with, by length.
type text struct {
	lower  []rune
	hashes []uint64
}

// text gives an empty text, to be put back.
func (t *texts) text() *text {
	if x, ok := t.spare.Get().(*text); ok {
		x.clear()
		return x
	}
	return &text{hashes: []uint64{0}}
}

func (x *text) clear() { x.lower, x.hashes = x.lower[:0], x.hashes[:1] }

// extend appends to a text what fits in so many characters, and tells whether all did.
func (t *texts) extend(x *text, more string, most int) bool {
	hash := x.hashes[len(x.lower)]
	for _, c := range more {
		if len(x.lower) >= most {
			return false
		}
		c = lower(c)
		hash = hash*t.base + uint64(c) + 1
		x.lower, x.hashes = append(x.lower, c), append(x.hashes, hash)
	}
	return true
}

// end is the hash of a text's first n characters without the first i.
func (t *texts) end(x *text, i, n int) uint64 {
	return x.hashes[n] - x.hashes[i]*t.powers[n-i]
}

// edited is the hash of a text's first n characters with others in the place of those from
// i to j.
func (t *texts) edited(x *text, i, j, n int, others ...rune) uint64 {
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
func (t *texts) set(p Pattern, there bool) {
	x := t.text()
	defer t.spare.Put(x)
	t.extend(x, p.URI, MaxPatternLength)
	n := len(x.lower)
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
	t.grow(n)
	t.lengths[p.Match].add(n)
	t.parts.add(whole+p.Match, x.hashes[n])
	t.parts.add(ends+p.Match, 0)
	for i, c := range x.lower {
		t.parts.add(begins+p.Match, x.hashes[i+1])
		t.parts.add(ends+p.Match, t.end(x, i, n))
		t.lacking.add(lacks(i)+p.Match, t.edited(x, i, i+1, n))
		if at, known := slices.BinarySearch(t.letters, c); !known {
			t.letters = slices.Insert(t.letters, at, c)
		}
	}
}

// seeker looks for the pattern, more specific than wide, that is the fewest edits away
// from the first n characters of a text.
type seeker struct {
	*texts
	*text
	skip  string // a URI whose patterns aren't looked for; none of "" is
	n     int
	kind  Match // of patterns that are looked for
	count int   // of their components, if they are wildcards
	mask  uint64
	part  span // of the text: see masked
	wide  Pattern
	least int // characters that wide has, if it is a prefix

	nearest Pattern
	edits   int
}

// look compares the first n characters with patterns of a kind.
func (s *seeker) look(n int, kind Match) {
	s.n, s.kind = n, kind
	if lengths := &s.lengths[kind]; n == 0 || n > maxText || !lengths.has(n-1) && !lengths.has(n) && !lengths.has(n+1) {
		return
	}
	front := s.front()
	if front == n && s.find(n, n, 0) {
		return
	}
	for i := front; s.edits > 1 && i >= 0 && s.parts.has(ends+kind, s.end(s.text, min(i+2, n), n)) && !s.edit(i); i-- {
	}
}

// front gives how many of the first n characters patterns may begin with.
func (s *seeker) front() int {
	return sort.Search(s.n, func(i int) bool { return !s.parts.has(begins+s.kind, s.hashes[i+1]) })
}

// edit finds a pattern that is the text but for an edit in the i-th place.
func (s *seeker) edit(i int) bool {
	return s.replace(i, i) ||
		i < s.n && (s.find(i, i+1, 1) || s.replace(i, i+1)) ||
		i+1 < s.n && s.find(i, i+2, 1, s.lower[i+1], s.lower[i])
}

// replace finds a pattern that has some character in the place of those from i to j.
func (s *seeker) replace(i, j int) bool {
	return s.lacking.has(lacks(i)+s.kind, s.edited(s.text, i, j, s.n)) &&
		slices.ContainsFunc(s.letters, func(c rune) bool {
			return s.parts.has(begins+s.kind, s.edited(s.text, i, i, i, c)) && s.find(i, j, 1, c)
		})
}

// find finds a pattern that is the text with others in the place of the characters from i
// to j, which is so many edits.
func (s *seeker) find(i, j, edits int, others ...rune) bool {
	if n := i + len(others) + s.n - j; n > MaxPatternLength || !s.lengths[s.kind].has(n) {
		return false
	}
	hash := s.edited(s.text, i, j, s.n, others...)
	if !s.parts.has(whole+s.kind, hash) {
		return false
	}
	at := slices.IndexFunc(s.patterns[hash], func(p Pattern) bool {
		return s.takes(p) && spells(p.URI, s.lower[:i], others, s.lower[j:s.n])
	})
	if at >= 0 {
		s.nearest, s.edits = s.patterns[hash][at], edits
	}
	return at >= 0
}

// takes tells whether a pattern is one of those that are looked for. A prefix is more
// specific than another one if what is near it goes on behind that.
func (s *seeker) takes(p Pattern) bool {
	switch {
	case p.Match != s.kind || p.matches(s.skip):
		return false
	case p.Match == MatchPrefix && s.wide.Match == MatchPrefix:
		return s.n > s.least
	case p.Match == MatchWildcard:
		if count, mask := shapeOf(p.URI); count != s.count || mask != s.mask {
			return false
		}
	}
	return p.narrows(s.wide)
}

// spells tells whether a text is made of these parts, whatever its case.
func spells(text string, parts ...[]rune) bool {
	for _, part := range parts {
		for _, want := range part {
			c, size := utf8.DecodeRuneInString(text)
			if size == 0 || lower(c) != want {
				return false
			}
			text = text[size:]
		}
	}
	return text == ""
}

// lower is unicode.ToLower, and quick for what has nothing to lower.
func lower(c rune) rune {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case c < utf8.RuneSelf:
		return c
	}
	return unicode.ToLower(c)
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
