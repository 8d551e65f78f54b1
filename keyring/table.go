package keyring

import (
	"hash/maphash"
	"maps"
)

// table holds the patterns of one kind by their text. It is immutable: with and
// without return a changed copy, at a cost that doesn't grow with the number of
// patterns until there are very many. nil is empty.
//
// A look-up among many patterns costs what fetching their memory does, so it has
// to touch little of it: here, a shard and one slot in it.
type table struct {
	few  shard // all patterns, until there are many
	many *groups
	size int
}

type shard map[string]*Entry

// groups are two steps on the way to a shard, so that a change has little to copy.
type groups [fanOut]*[fanOut]shard

const (
	fanOut = 32
	// maxFew is how many patterns are in one shard before there are many.
	maxFew = 64
)

// seed makes it impossible to tell which patterns share a shard.
var seed = maphash.MakeSeed()

// shard gives that of a text with this hash; nil is empty.
func (g *groups) shard(hash uint64) shard {
	group := g[hash%fanOut]
	if group == nil {
		return nil
	}
	return group[hash/fanOut%fanOut]
}

// get gives the entry of a pattern with this text.
func (t *table) get(text string) *Entry {
	switch {
	case t == nil:
		return nil
	case t.many == nil:
		return t.few[text]
	}
	return t.many.shard(maphash.String(seed, text))[text]
}

// getBytes is get, and doesn't copy the text.
func (t *table) getBytes(text []byte) *Entry {
	if t.many == nil {
		return t.few[string(text)]
	}
	return t.many.shard(maphash.Bytes(seed, text))[string(text)]
}

// with sets an entry and tells whether it replaced one.
func (t *table) with(e *Entry) (changed *table, replaced bool) {
	text := e.pattern.URI
	if t == nil {
		return &table{few: shard{text: e}, size: 1}, false
	}
	replaced = t.get(text) != nil
	size := t.size
	if !replaced {
		size++
	}
	changed = t.changed(size, text, func(s shard) { s[text] = e })
	return changed, replaced
}

// without removes a pattern and tells whether it was there. An emptied table
// becomes nil.
func (t *table) without(text string) (*table, bool) {
	if t.get(text) == nil {
		return t, false
	}
	if t.size == 1 {
		return nil, true
	}
	return t.changed(t.size-1, text, func(s shard) { delete(s, text) }), true
}

// changed gives a table of another size in which the shard of a text is changed. It
// shares all else with t.
func (t *table) changed(size int, text string, change func(shard)) *table {
	if t.many == nil && size <= maxFew {
		few := maps.Clone(t.few)
		change(few)
		return &table{few: few, size: size}
	}
	many := t.many
	if many == nil {
		for text, e := range t.few {
			many = many.changed(text, func(s shard) { s[text] = e })
		}
	}
	return &table{many: many.changed(text, change), size: size}
}

// changed gives groups in which the shard of a text is changed. They share all other
// shards with g, which may be nil.
func (g *groups) changed(text string, change func(shard)) *groups {
	next, group := new(groups), new([fanOut]shard)
	if g != nil {
		*next = *g
	}
	hash := maphash.String(seed, text)
	if old := next[hash%fanOut]; old != nil {
		*group = *old
	}
	s := maps.Clone(group[hash/fanOut%fanOut])
	if s == nil {
		s = shard{}
	}
	change(s)
	group[hash/fanOut%fanOut], next[hash%fanOut] = s, group
	return next
}

// each calls yield for the entries while that returns true.
func (t *table) each(yield func(*Entry) bool) bool {
	switch {
	case t == nil:
		return true
	case t.many == nil:
		return t.few.each(yield)
	}
	for _, group := range t.many {
		if group == nil {
			continue
		}
		for _, s := range group {
			if !s.each(yield) {
				return false
			}
		}
	}
	return true
}

func (s shard) each(yield func(*Entry) bool) bool {
	for _, e := range s {
		if !yield(e) {
			return false
		}
	}
	return true
}
