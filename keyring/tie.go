package keyring

import (
	"maps"
	"math/bits"
	"slices"
	"strings"
)

// ties finds wildcard patterns that are equally specific and match one URI.
// Only those that change the ring use it, under the ring's mutex.
//
// Two patterns can tie only within a class, and only when they fix different
// components: those that fix the same ones differ in one of them. They do tie
// when they agree in the components that both fix. So a shape of many patterns
// counts them by these components, and a Set costs one map access for each such
// shape of its class, however many patterns there are. Shapes of few are walked
// through, and so are those that share more than maxShared sets of components
// with others: counts take no more memory than patterns do.
type ties map[class][]*tieShape

const (
	fewPatterns = 32 // up to which a shape counts none
	maxShared   = 64
)

// class is what makes two wildcard patterns comparable. Patterns within
// "wamp." and others share no URI that both may key.
type class struct {
	count, fixed int
	own          bool
}

// tieShape holds the patterns of one class that fix the same components.
type tieShape struct {
	mask     uint64
	patterns map[string]struct{}
	shared   map[uint64]map[string]int // components shared with another shape -> their text -> patterns
}

// classOf gives a pattern's class and fixed mask.
func classOf(pattern string) (class, uint64) {
	count, mask := shapeOf(pattern)
	return class{count, bits.OnesCount64(mask), strings.HasPrefix(pattern, reserved)}, mask
}

// find gives a pattern that ties with the given one.
func (t ties) find(pattern string) (other string, found bool) {
	c, mask := classOf(pattern)
	for _, s := range t[c] {
		if s.mask == mask {
			continue
		}
		common := s.mask & mask
		if counts := s.counts(common); counts != nil && counts[masked(pattern, common)] == 0 {
			continue
		}
		for other := range s.patterns {
			if agree(pattern, other, common) {
				return other, true
			}
		}
	}
	return "", false
}

// agree tells whether patterns have the same in the components of a mask.
func agree(one, two string, mask uint64) bool {
	for ; mask != 0; mask >>= 1 {
		a, restOfOne, _ := strings.Cut(one, ".")
		b, restOfTwo, _ := strings.Cut(two, ".")
		if mask&1 != 0 && a != b {
			return false
		}
		one, two = restOfOne, restOfTwo
	}
	return true
}

// add takes in a pattern; one that is known already changes nothing.
func (t ties) add(pattern string) {
	c, mask := classOf(pattern)
	i := slices.IndexFunc(t[c], func(s *tieShape) bool { return s.mask == mask })
	if i < 0 {
		i = len(t[c])
		t[c] = append(t[c], &tieShape{mask, map[string]struct{}{}, map[uint64]map[string]int{}})
	}
	s := t[c][i]
	if _, known := s.patterns[pattern]; known {
		return
	}
	s.patterns[pattern] = struct{}{}
	for common, counts := range s.shared {
		counts[masked(pattern, common)]++
	}
}

// counts gives how many patterns have which text in some of the components, or nil where
// that isn't counted.
func (s *tieShape) counts(common uint64) map[string]int {
	counts := s.shared[common]
	if counts != nil || len(s.patterns) <= fewPatterns || len(s.shared) == maxShared {
		return counts
	}
	counts = make(map[string]int, len(s.patterns))
	for pattern := range s.patterns {
		counts[masked(pattern, common)]++
	}
	s.shared[common] = counts
	return counts
}

// remove forgets a pattern; an unknown one changes nothing.
func (t ties) remove(pattern string) {
	c, mask := classOf(pattern)
	i := slices.IndexFunc(t[c], func(s *tieShape) bool { return s.mask == mask })
	if i < 0 {
		return
	}
	s := t[c][i]
	if _, known := s.patterns[pattern]; !known {
		return
	}
	delete(s.patterns, pattern)
	if len(s.patterns) == 0 {
		t.removeShape(c, i)
		return
	}
	for common, counts := range s.shared {
		text := masked(pattern, common)
		if counts[text]--; counts[text] <= 0 {
			delete(counts, text)
		}
	}
}

// removeShape forgets an empty shape, and the counts that only it asked for.
func (t ties) removeShape(c class, i int) {
	t[c] = slices.Delete(t[c], i, i+1)
	if len(t[c]) == 0 {
		delete(t, c)
		return
	}
	for _, s := range t[c] {
		maps.DeleteFunc(s.shared, func(common uint64, _ map[string]int) bool {
			return !slices.ContainsFunc(t[c], func(o *tieShape) bool {
				return o != s && o.mask&s.mask == common
			})
		})
	}
}

// masked is appendMasked for a pattern, which always fits.
func masked(pattern string, mask uint64) string {
	text, _ := appendMasked(make([]byte, 0, len(pattern)), pattern, mask)
	return string(text)
}
