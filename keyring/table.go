package keyring

import (
	"hash/maphash"
	"maps"
)

// shard holds patterns by their text. It is never changed once it is in a table.
type shard map[string]*Entry

// set gives a copy in which e is the entry of a text, nil for none.
func (s shard) set(text string, e *Entry) shard {
	next := maps.Clone(s)
	switch {
	case e == nil:
		delete(next, text)
	case next == nil:
		next = shard{text: e}
	default:
		next[text] = e
	}
	return next
}

// table holds the patterns of one kind by their text. It is immutable: with and
// without return a changed copy, at a cost that doesn't grow with the number of
// patterns until there are very many. The zero value is empty.
type table struct {
	few  shard // all patterns, until there are many
	many *groups
	size int
}

// groups are two steps on the way to a shard, so that a change has little to copy.
type groups [fanOut]*[fanOut]shard

const (
	fanOut = 32
	// maxFew is how many patterns are in one shard before there are many.
	maxFew = 64
)

// seed makes it impossible to tell which patterns share a shard.
var seed = maphash.MakeSeed()

// shard gives that of texts with this hash.
func (g *groups) shard(hash uint64) shard {
	if group := g[hash%fanOut]; group != nil {
		return group[hash/fanOut%fanOut]
	}
	return nil
}

// set gives groups in which e is the entry of a text, nil for none. g may be nil.
func (g *groups) set(text string, e *Entry) *groups {
	next, group := new(groups), new([fanOut]shard)
	if g != nil {
		*next = *g
	}
	hash := maphash.String(seed, text)
	if old := next[hash%fanOut]; old != nil {
		*group = *old
	}
	at := &group[hash/fanOut%fanOut]
	*at = at.set(text, e)
	next[hash%fanOut] = group
	return next
}

// get gives the entry of a pattern with this text.
func (t *table) get(text string) *Entry {
	if t.many == nil {
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

// with sets an entry.
func (t *table) with(e *Entry) table {
	size := t.size
	if t.get(e.pattern.URI) == nil {
		size++
	}
	return t.set(size, e.pattern.URI, e)
}

// without removes a pattern and tells whether it was there.
func (t *table) without(text string) (table, bool) {
	switch {
	case t.get(text) == nil:
		return *t, false
	case t.size == 1:
		return table{}, true
	}
	return t.set(t.size-1, text, nil), true
}

// set gives a table of another size in which e is the entry of a text, nil for none.
// It shares all shards but that with t.
func (t *table) set(size int, text string, e *Entry) table {
	if t.many == nil && size <= maxFew {
		return table{few: t.few.set(text, e), size: size}
	}
	many := t.many
	for text, e := range t.few {
		many = many.set(text, e)
	}
	return table{many: many.set(text, e), size: size}
}

// each calls yield for the entries while that returns true.
func (t *table) each(yield func(*Entry) bool) bool {
	shards := []shard{t.few}
	if t.many != nil {
		for _, group := range t.many {
			if group != nil {
				shards = append(shards, group[:]...)
			}
		}
	}
	for _, s := range shards {
		for _, e := range s {
			if !yield(e) {
				return false
			}
		}
	}
	return true
}
