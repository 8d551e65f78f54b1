package keyring

import (
	"math/bits"
	"slices"
	"strings"
)

// shape holds the wildcard patterns that fix the same components: at most one
// of them matches a URI, and that one is found by its text.
type shape struct {
	mask     uint64 // bit i is set when component i is fixed
	patterns table
}

// wildcards holds shapes by their number of components, those with more fixed
// components first. It is immutable: with and without return a changed copy.
type wildcards [][]shape

// fixed gives the number of components that the patterns fix.
func (s *shape) fixed() int { return bits.OnesCount64(s.mask) }

// shapeOf gives a wildcard pattern's number of components and fixed mask.
func shapeOf(pattern string) (count int, mask uint64) {
	for more := true; more; count++ {
		var component string
		component, pattern, more = strings.Cut(pattern, ".")
		if component != "" {
			mask |= 1 << count
		}
	}
	return count, mask
}

// appendMasked appends the URI to dst with only those components that mask
// fixes: the text of the one pattern of that shape that can match. It stops
// with false where that grows longer than any pattern is.
func appendMasked(dst []byte, uri string, mask uint64) ([]byte, bool) {
	for ; ; mask >>= 1 {
		end := strings.IndexByte(uri, '.')
		component := uri[:end+1] // with the dot; empty without one
		switch {
		case mask&1 == 0:
			component = component[max(end, 0):] // the dot alone
		case end < 0:
			component = uri
		}
		if len(dst)+len(component) > MaxPatternLength {
			return dst, false
		}
		dst = append(dst, component...)
		if end < 0 {
			return dst, true
		}
		uri = uri[end+1:]
	}
}

// lookup gives the entry of the matching pattern with most fixed components, of those that fix
// so many at the beginning.
func (w wildcards) lookup(uri string, begin int) *Entry {
	if len(w) == 0 {
		return nil
	}
	count := strings.Count(uri, ".") + 1
	if count >= len(w) || len(w[count]) == 0 {
		return nil
	}
	if len(uri) <= shortURI {
		var buf [shortURI]byte
		return search(w[count], uri, begin, buf[:0])
	}
	return searchLong(w[count], uri, begin)
}

// shortURI is the length, in bytes, up to which URIs don't need a large buffer.
const shortURI = 128

// searchLong is apart from lookup so that only those that need the large buffer pay for
// clearing it.
//
//go:noinline
func searchLong(shapes []shape, uri string, begin int) *Entry {
	var buf [MaxPatternLength]byte
	return search(shapes, uri, begin, buf[:0])
}

// search tries one shape after the other, in the room behind buf. A pattern that is closed
// may match with another one that fixes as many components: it closes what that would let
// through in plain, and leaves to it what that seals.
func search(shapes []shape, uri string, begin int, buf []byte) *Entry {
	least := uint64(1)<<begin - 1
	var found *Entry
	for i := range shapes {
		if found != nil && shapes[i].fixed() < found.pattern.fixed() {
			break
		}
		if shapes[i].mask&least != least {
			continue
		}
		text, ok := appendMasked(buf, uri, shapes[i].mask)
		if !ok {
			continue
		}
		switch e := shapes[i].patterns.getBytes(text); {
		case e == nil:
		case e.sealsAll():
			return e
		case found == nil || e.standing == closed:
			found = e
		}
	}
	return found
}

// get gives the entry of a pattern.
func (w wildcards) get(pattern string) *Entry {
	count, mask := shapeOf(pattern)
	if count >= len(w) {
		return nil
	}
	for _, s := range w[count] {
		if s.mask == mask {
			return s.patterns.get(pattern)
		}
	}
	return nil
}

// each calls yield for the entries that fix fewer than so many components, while that
// returns true.
func (w wildcards) each(fewer int, yield func(*Entry) bool) bool {
	for _, shapes := range w {
		for i := range shapes {
			if shapes[i].fixed() < fewer && !shapes[i].patterns.each(yield) {
				return false
			}
		}
	}
	return true
}

// with sets an entry.
func (w wildcards) with(e *Entry) wildcards {
	count, mask := shapeOf(e.pattern.URI)
	changed := make(wildcards, max(len(w), count+1))
	copy(changed, w)

	shapes := slices.Clone(changed[count])
	i := slices.IndexFunc(shapes, func(s shape) bool { return s.mask == mask })
	if i < 0 {
		fresh := shape{mask: mask}
		i, _ = slices.BinarySearchFunc(shapes, fresh, func(s, fresh shape) int { return fresh.fixed() - s.fixed() })
		shapes = slices.Insert(shapes, i, fresh)
	}
	shapes[i].patterns = shapes[i].patterns.with(e)
	changed[count] = shapes
	return changed
}

// without removes a pattern and tells whether it was there.
func (w wildcards) without(pattern string) (wildcards, bool) {
	count, mask := shapeOf(pattern)
	if count >= len(w) {
		return w, false
	}
	i := slices.IndexFunc(w[count], func(s shape) bool { return s.mask == mask })
	if i < 0 {
		return w, false
	}
	patterns, ok := w[count][i].patterns.without(pattern)
	if !ok {
		return w, false
	}
	changed, shapes := slices.Clone(w), slices.Clone(w[count])
	if shapes[i].patterns = patterns; patterns.size == 0 {
		shapes = slices.Delete(shapes, i, i+1)
	}
	changed[count] = shapes
	return changed, true
}
