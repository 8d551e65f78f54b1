package keyring

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// texts finds a pattern whose text is like another one.
//
// Texts that are alike are equal once a character is left out of either. So of each
// pattern all that is left in that way is known by a hash, and a text is looked for in as
// many ways. Of patterns of which the same is left the first one stands for all; so a
// text that differs in two places may be alike, and one that differs in one is.
//
// Most texts are like none: since those that differ in one place are equal before or
// behind their middle, a filter of what patterns have there tells.
type texts struct {
	base     uint64 // of the hashes
	patterns []Pattern
	room     int
	powers   [maxNear + 1]uint64
	halves   filter
	variants variants
}

// maxNear is the length, in bytes, up to which texts are looked at.
const maxNear = 128

// begin makes room for so many patterns, and twice as many.
func (t *texts) begin(patterns, characters int) {
	*t = texts{base: rand.Uint64() | 1, room: 2*patterns + 64}
	t.powers[0] = 1
	for i := range maxNear {
		t.powers[i+1] = t.powers[i] * t.base
	}
	t.halves.begin(2 * t.room)
	t.variants.begin(patterns + characters)
}

// full tells that there is no room for more patterns.
func (t *texts) full() bool { return len(t.patterns) >= t.room }

// hashes are those of what a text begins with, by length. The kind of pattern stands
// before it, so that kinds are apart.
type hashes [maxNear + 1]uint64

func (t *texts) hash(text string, kind Match) (h hashes) {
	h[0] = uint64(kind)
	for i := range len(text) {
		h[i+1] = h[i]*t.base + uint64(text[i])
	}
	return h
}

// front and back are hashes of what comes before the middle of a text and of what comes
// behind. One character belongs to neither, so that two next to each other don't touch both.
func (t *texts) front(h *hashes, length int) uint64 {
	return h[max(length/2-1, 0)]<<8 + uint64(length)
}

func (t *texts) back(h *hashes, have, length int) uint64 {
	behind := length - length/2
	return (h[have]-h[have-behind]*t.powers[behind])<<8 + uint64(length) + maxNear
}

// without is the hash of a text of a length without its i-th character.
func (t *texts) without(h *hashes, i, length int) uint64 {
	power := t.powers[length-i-1]
	return h[i]*power + h[length] - h[i+1]*power
}

// add learns the text of a pattern.
func (t *texts) add(p Pattern, text string) {
	owner := uint32(len(t.patterns))
	t.patterns = append(t.patterns, p)
	h, n := t.hash(text, p.Match), len(text)
	t.halves.add(t.front(&h, n))
	t.halves.add(t.back(&h, n, n))
	t.variants.add(h[n], owner)
	for i := range n {
		t.variants.add(t.without(&h, i, n), owner)
	}
}

// alike finds a pattern of a kind whose text is like another one.
func (t *texts) alike(text string, kind Match) (Pattern, bool) {
	if len(t.patterns) == 0 || text == "" {
		return Pattern{}, false
	}
	h, n := t.hash(text, kind), len(text)
	if !t.mayBeAlike(&h, n) {
		return Pattern{}, false
	}
	var second Pattern
	for i := -1; i < n; i++ {
		hash := h[n]
		if i >= 0 {
			hash = t.without(&h, i, n)
		}
		if owner, ok := t.variants.find(hash); ok {
			switch p := t.patterns[owner]; differ(text, lower(p.URI)) {
			case once:
				return p, true
			case twice:
				second = p
			}
		}
	}
	return second, second != Pattern{}
}

// mayBeAlike tells whether some pattern is equal before or behind its middle.
func (t *texts) mayBeAlike(h *hashes, have int) bool {
	for length := max(have-1, 1); length <= have+1; length++ {
		if t.halves.has(t.front(h, length)) || t.halves.has(t.back(h, have, length)) {
			return true
		}
	}
	return false
}

// difference tells in how many places texts differ.
type difference uint8

const (
	once difference = iota + 1 // in none, too
	twice
	more
)

// differ compares texts. A place is a character that one of them has more or has another
// one for, or two next to each other that changed places.
func differ(a, b string) difference {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) <= 1 && len(b) <= 1, len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]:
		return once
	case len(a) == len(b) && (a[1:] == b[:len(b)-1] || a[:len(a)-1] == b[1:]):
		return twice
	}
	return more
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

// filter remembers hashes: those that it has, and by mistake a few others.
type filter struct {
	bits  []uint64
	shift int
}

func (f *filter) begin(room int) {
	f.shift = 58
	for 64<<(58-f.shift) < 8*room {
		f.shift--
	}
	f.bits = make([]uint64, 1<<(58-f.shift))
}

func (f *filter) at(hash uint64) (word, bit uint64) {
	hash *= spread
	return hash >> 6 >> f.shift, hash >> f.shift & 63
}

func (f *filter) add(hash uint64) {
	word, bit := f.at(hash)
	f.bits[word] |= 1 << bit
}

func (f *filter) has(hash uint64) bool {
	word, bit := f.at(hash)
	return f.bits[word]&(1<<bit) != 0
}

// spread makes the upper bits of a hash depend on all others.
const spread = 0x9e3779b97f4a7c15
