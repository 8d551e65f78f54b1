package keyring

import "slices"

// prefixes holds the prefix patterns but the empty one. It is immutable: with and
// without return a changed copy.
type prefixes struct {
	patterns table
	// lengths are those that patterns have, the longest first, with their numbers of
	// patterns.
	lengths []length
}

type length struct{ bytes, patterns int }

// lookup gives the entry of the longest prefix of the URI that has at least so many
// bytes.
func (p *prefixes) lookup(uri string, least int) *Entry {
	for _, l := range p.lengths {
		if l.bytes > len(uri) {
			continue
		}
		if l.bytes < least {
			return nil
		}
		if e := p.patterns.get(uri[:l.bytes]); e != nil {
			return e
		}
	}
	return nil
}

// shorter calls yield for the entries of what a prefix begins with, while that returns
// true.
func (p *prefixes) shorter(prefix string, yield func(*Entry) bool) bool {
	for _, l := range p.lengths {
		if l.bytes >= len(prefix) {
			continue
		}
		if e := p.patterns.get(prefix[:l.bytes]); e != nil && !yield(e) {
			return false
		}
	}
	return true
}

// with sets an entry.
func (p prefixes) with(e *Entry) prefixes {
	changed := prefixes{p.patterns.with(e), p.lengths}
	if changed.patterns.size > p.patterns.size {
		changed.lengths = counted(p.lengths, len(e.pattern.URI), 1)
	}
	return changed
}

// without removes a pattern and tells whether it was there.
func (p prefixes) without(text string) (prefixes, bool) {
	patterns, ok := p.patterns.without(text)
	if !ok {
		return p, false
	}
	return prefixes{patterns, counted(p.lengths, len(text), -1)}, true
}

// counted gives lengths with one pattern of so many bytes more or less.
func counted(lengths []length, bytes, change int) []length {
	lengths = slices.Clone(lengths)
	i, found := slices.BinarySearchFunc(lengths, bytes, func(l length, bytes int) int { return bytes - l.bytes })
	if !found {
		return slices.Insert(lengths, i, length{bytes, change})
	}
	if lengths[i].patterns += change; lengths[i].patterns == 0 {
		return slices.Delete(lengths, i, i+1)
	}
	return lengths
}
