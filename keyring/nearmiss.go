package keyring

import (
	"math/rand/v2"
	"strings"
	"sync"
)

// misses finds the pattern that a URI misses by little: another case, one character, a
// dot among them, more, less or another. It begins with the first question, and is kept
// up to date from then on.
//
// Two texts are that near if they are equal once a character is left out of either. So
// all texts that patterns give in that way are known by a hash, and a URI is looked for
// in as many ways.
type misses struct {
	mu       sync.Mutex
	begun    bool
	base     uint64 // of the hashes
	known    map[uint64]Pattern
	filter   []uint64 // bits of known hashes: most texts aren't known
	dots     uint64   // bit n is set if a prefix has n dots
	shapes   map[wildShape]struct{}
	answered map[string]nearest
}

// nearest is a pattern that was looked for.
type nearest struct {
	pattern Pattern
	found   bool
}

// wildShape is what wildcard patterns may have in common.
type wildShape struct {
	count int
	mask  uint64
}

const (
	// maxNear is the length, in bytes, up to which texts are looked at.
	maxNear = 128
	// maxAnswered is how many answers are kept.
	maxAnswered = 1024
	// filterBits is how many bits of the filter there are at least for each text.
	filterBits = 8
)

// near gives the pattern that a URI misses by little. entries gives all that the ring has
// when they are asked for: one from before would be missed for good.
func (m *misses) near(uri string, entries func(yield func(*Entry) bool)) (Pattern, bool) {
	if len(uri) > maxNear {
		return Pattern{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n, ok := m.answered[uri]; ok {
		return n.pattern, n.found
	}
	if !m.begun {
		m.begin(entries)
	}
	n := m.search(lower(uri))
	if len(m.answered) >= maxAnswered {
		clear(m.answered)
	}
	m.answered[strings.Clone(uri)] = n
	return n.pattern, n.found
}

func (m *misses) begin(entries func(yield func(*Entry) bool)) {
	m.begun = true
	m.base = rand.Uint64() | 1
	m.known, m.answered = map[uint64]Pattern{}, map[string]nearest{}
	m.shapes = map[wildShape]struct{}{}
	m.filter, m.dots = make([]uint64, 64), 0
	for e := range entries {
		m.learn(e.pattern)
	}
}

// add learns a pattern that is new to the ring.
func (m *misses) add(p Pattern) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.begun {
		clear(m.answered)
		m.learn(p)
	}
}

// forget has the next question begin anew, without patterns that are gone.
func (m *misses) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun, m.known, m.filter, m.shapes, m.answered = false, nil, nil, nil, nil
}

func (m *misses) learn(p Pattern) {
	if p.URI == "" || len(p.URI) > maxNear {
		return
	}
	text := lower(p.URI)
	switch p.Match {
	case MatchPrefix:
		m.dots |= 1 << strings.Count(text, ".")
	case MatchWildcard:
		count, mask := shapeOf(text)
		m.shapes[wildShape{count, mask}] = struct{}{}
	}
	m.variants(text, func(hash uint64) bool {
		if _, found := m.known[hash]; !found {
			m.known[hash] = p
			m.mark(hash)
		}
		return true
	})
}

// mark sets a hash's bit, in a filter that is large enough.
func (m *misses) mark(hash uint64) {
	if len(m.known)*filterBits > len(m.filter)*64 {
		m.filter = make([]uint64, 2*len(m.filter))
		for h := range m.known {
			m.mark(h)
		}
	}
	bit := hash >> 7 % uint64(len(m.filter)*64)
	m.filter[bit/64] |= 1 << (bit % 64)
}

func (m *misses) marked(hash uint64) bool {
	bit := hash >> 7 % uint64(len(m.filter)*64)
	return m.filter[bit/64]&(1<<(bit%64)) != 0
}

// search looks for a text as an exact URI, for what it begins with as a prefix, and for
// the components of it that wildcards fix.
func (m *misses) search(uri string) nearest {
	if p, ok := m.alike(uri, 0); ok {
		return nearest{p, true}
	}
	dots := 0
	for i := range len(uri) {
		if uri[i] != '.' {
			continue
		}
		dots++
		// A dot may be too many or too few.
		if m.dots&(7<<dots>>1) == 0 {
			continue
		}
		if p, ok := m.alike(uri[:i+1], MatchPrefix); ok {
			return nearest{p, true}
		}
	}
	var room [maxNear]byte
	for shape := range m.shapes {
		if shape.count != dots+1 {
			continue
		}
		text, ok := appendMasked(room[:0], uri, shape.mask)
		if !ok {
			continue
		}
		if p, ok := m.alike(string(text), MatchWildcard); ok {
			return nearest{p, true}
		}
	}
	return nearest{}
}

// alike finds a pattern, of that kind unless it is 0, whose text is like another one.
func (m *misses) alike(text string, kind Match) (p Pattern, found bool) {
	m.variants(text, func(hash uint64) bool {
		if !m.marked(hash) {
			return true
		}
		p, found = m.known[hash]
		found = found && (kind == 0 || p.Match == kind) && like(text, lower(p.URI))
		return !found
	})
	return p, found
}

// variants calls yield for the hash of a text, and of what is left of it without one of
// its characters, while that returns true.
func (m *misses) variants(text string, yield func(hash uint64) bool) {
	var before [maxNear + 1]uint64 // hashes of what comes before a character
	for i := range len(text) {
		before[i+1] = before[i]*m.base + uint64(text[i])
	}
	all := before[len(text)]
	if !yield(all) {
		return
	}
	power := uint64(1)
	for i := len(text) - 1; i >= 0; i-- {
		behind := all - before[i+1]*power
		if !yield(before[i]*power + behind) {
			return
		}
		power *= m.base
	}
}

// like tells whether two texts are equal once a character is left out of either, or of
// one of them.
func like(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch len(a) - len(b) {
	case 0:
		return a == "" || a[1:] == b[:len(b)-1] || a[:len(a)-1] == b[1:]
	case 1:
		return b == ""
	case -1:
		return a == ""
	}
	return false
}

// lower is strings.ToLower for what URIs are mostly made of.
func lower(text string) string {
	for i := range len(text) {
		if 'A' <= text[i] && text[i] <= 'Z' {
			return strings.ToLower(text)
		}
	}
	return text
}
