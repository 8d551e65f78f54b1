package keyring

import (
	"slices"
	"strings"
	"sync"
)

// misses finds the pattern that a URI misses by little: another case, one character, a
// dot among them, more, less or another, or two that changed places. It knows the
// patterns that are plain, or the others. It begins with the
// first question, and is kept up to date from then on.
type misses struct {
	mu       sync.Mutex
	begun    bool
	texts    texts
	dots     uint64                      // bit n is set if a prefix has n dots
	masks    [MaxComponents + 1][]uint64 // of wildcards, by their number of components
	answered map[string]nearest
}

// nearest is a pattern that was looked for.
type nearest struct {
	pattern Pattern
	found   bool
}

// maxAnswered is how many answers are kept.
const maxAnswered = 1024

// near gives the pattern that a URI misses by little. now gives what is on the ring, of
// which those that are plain, or the others, count: what it doesn't give yet is added
// later.
func (m *misses) near(uri string, now func() *snapshot, plain bool) (Pattern, bool) {
	text := lower(uri)
	if max(len(uri), len(text)) > maxNear { // a letter may be longer in lower case
		return Pattern{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n, ok := m.answered[uri]; ok {
		return n.pattern, n.found
	}
	if !m.begun {
		m.begin(now(), plain)
	}
	p, found := m.search(text)
	if len(m.answered) >= maxAnswered {
		clear(m.answered)
	}
	m.answered[strings.Clone(uri)] = nearest{p, found}
	return p, found
}

func (m *misses) begin(s *snapshot, arePlain bool) {
	var patterns []Pattern
	characters := 0
	for e := range s.entries() {
		if (e.standing == plain) == arePlain {
			patterns, characters = append(patterns, e.pattern), characters+len(e.pattern.URI)
		}
	}
	m.begun, m.dots, m.answered = true, 0, map[string]nearest{}
	clear(m.masks[:])
	m.texts.begin(len(patterns), characters)
	for _, p := range patterns {
		m.learn(p)
	}
}

// add learns a pattern that is new to the ring.
func (m *misses) add(p Pattern) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.begun {
		return
	}
	clear(m.answered)
	if m.learn(p); m.texts.full() {
		m.begun = false // with more room
	}
}

// forget has the next question begin anew, without patterns that are gone.
func (m *misses) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun, m.answered, m.texts = false, nil, texts{}
}

func (m *misses) learn(p Pattern) {
	text := lower(p.URI)
	if text == "" || len(text) > maxNear {
		return
	}
	switch p.Match {
	case MatchPrefix:
		m.dots |= 1 << strings.Count(text, ".")
	case MatchWildcard:
		count, mask := shapeOf(text)
		if !slices.Contains(m.masks[count], mask) {
			m.masks[count] = append(m.masks[count], mask)
		}
	}
	m.texts.add(p, text)
}

// search looks for a text as an exact URI, for what it begins with as a prefix, and for
// the components of it that wildcards fix.
func (m *misses) search(uri string) (Pattern, bool) {
	for _, kind := range []Match{MatchExact, MatchPrefix} {
		if p, ok := m.texts.alike(uri, kind); ok {
			return p, true
		}
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
		if p, ok := m.texts.alike(uri[:i+1], MatchPrefix); ok {
			return p, true
		}
	}
	if p, ok := m.wildcard(uri, dots+1); ok {
		return p, true
	}
	if less, ok := withoutEmpty(uri); ok {
		return m.wildcard(less, dots)
	}
	return Pattern{}, false
}

// wildcard finds one that fixes other components than those of a text, which has so many,
// by little.
func (m *misses) wildcard(uri string, count int) (Pattern, bool) {
	if count > MaxComponents {
		return Pattern{}, false
	}
	var room [maxNear]byte
	for _, mask := range m.masks[count] {
		text, ok := appendMasked(room[:0], uri, mask)
		if !ok {
			continue
		}
		if p, ok := m.texts.alike(string(text), MatchWildcard); ok {
			return p, true
		}
	}
	return Pattern{}, false
}

// withoutEmpty gives a text without a dot too many: one at an end or behind another.
func withoutEmpty(uri string) (string, bool) {
	if i := strings.Index(uri, ".."); i >= 0 {
		return uri[:i] + uri[i+1:], true
	}
	less := strings.TrimPrefix(strings.TrimSuffix(uri, "."), ".")
	return less, len(less) == len(uri)-1
}
