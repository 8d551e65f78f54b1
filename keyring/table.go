package keyring

import "hash/maphash"

// table holds the patterns of one kind by their text. It is immutable: with and
// without return a changed copy, at a cost that doesn't grow with the number of
// patterns until there are very many. nil is empty.
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

// empty is the shard of texts that no shard was made for.
var empty shard

// shard gives that of texts with this hash.
func (t *table) shard(hash uint64) *shard {
	if t.many == nil {
		return &t.few
	}
	if group := t.many[hash%fanOut]; group != nil {
		return &group[hash/fanOut%fanOut]
	}
	return &empty
}

// get gives the entry of a pattern with this text.
func (t *table) get(text string) *Entry {
	if t == nil {
		return nil
	}
	hash := maphash.String(seed, text)
	return find(t.shard(hash), text, hash)
}

// getBytes is get, and doesn't copy the text.
func (t *table) getBytes(text []byte) *Entry {
	hash := maphash.Bytes(seed, text)
	return find(t.shard(hash), text, hash)
}

// with sets an entry and tells whether it replaced one.
func (t *table) with(e *Entry) (changed *table, replaced bool) {
	text := e.pattern.URI
	if t == nil {
		t = new(table)
	}
	replaced = t.get(text) != nil
	size := t.size
	if !replaced {
		size++
	}
	return t.changed(size, text, e), replaced
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
	return t.changed(t.size-1, text, nil), true
}

// changed gives a table of another size in which e is the entry of a text, nil for
// none. It shares all shards but that with t.
func (t *table) changed(size int, text string, e *Entry) *table {
	hash := maphash.String(seed, text)
	if t.many == nil && size <= maxFew {
		return &table{few: t.few.changed(text, hash, e), size: size}
	}
	many := t.many
	if many == nil {
		for i := range t.few.slots {
			if at := &t.few.slots[i]; at.entry != nil {
				many = many.changed(at.entry.pattern.URI, at.hash, at.entry)
			}
		}
	}
	return &table{many: many.changed(text, hash, e), size: size}
}

// changed gives groups in which e is the entry of a text. g may be nil.
func (g *groups) changed(text string, hash uint64, e *Entry) *groups {
	next, group := new(groups), new([fanOut]shard)
	if g != nil {
		*next = *g
	}
	if old := next[hash%fanOut]; old != nil {
		*group = *old
	}
	s := &group[hash/fanOut%fanOut]
	*s = s.changed(text, hash, e)
	next[hash%fanOut] = group
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
		for i := range group {
			if !group[i].each(yield) {
				return false
			}
		}
	}
	return true
}
