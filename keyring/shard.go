package keyring

import "math/bits"

// shard is a hash table of patterns by their text, with linear probing. It is
// immutable; the zero value is empty.
//
// Among many patterns it is fetching memory that takes time. So a slot is as long as a
// line of a processor's cache, with the text in it unless that is long.
type shard struct {
	filter filter
	slots  []slot // never full, unless there are none
	size   int
}

// slot is 64 bytes long.
type slot struct {
	hash   uint64
	entry  *Entry // nil where the slot is free
	length uint16
	head   [46]byte // of the text, as much as fits
}

// find gives the entry of the pattern with this text and hash.
func find[T string | []byte](s *shard, text T, hash uint64) *Entry {
	if !s.filter.has(hash) {
		return nil
	}
	for i := s.first(hash); s.slots[i].entry != nil; i = s.next(i) {
		if at := &s.slots[i]; at.hash == hash && holds(at, text) {
			return at.entry
		}
	}
	return nil
}

// holds reports whether a slot that isn't free is that of text.
func holds[T string | []byte](s *slot, text T) bool {
	switch {
	case int(s.length) != len(text):
		return false
	case len(text) <= len(s.head):
		return string(s.head[:len(text)]) == string(text)
	}
	return s.entry.pattern.URI == string(text)
}

// first is where to look first. It goes by bits of the hash that no shard is chosen by.
func (s *shard) first(hash uint64) int {
	i, _ := bits.Mul64(hash, uint64(len(s.slots)))
	return int(i)
}

func (s *shard) next(i int) int {
	if i++; i < len(s.slots) {
		return i
	}
	return 0
}

// changed gives a copy with e in place of the entry with the same text and hash, or
// without that where e is nil.
func (s *shard) changed(text string, hash uint64, e *Entry) shard {
	room := s.size + 1
	next := shard{filter: newFilter(room), slots: make([]slot, room+room/4+1)}
	for i := range s.slots {
		if at := &s.slots[i]; at.entry != nil && !(at.hash == hash && holds(at, text)) {
			next.put(at)
		}
	}
	if e != nil {
		at := slot{hash: hash, entry: e, length: uint16(len(text))}
		copy(at.head[:], text)
		next.put(&at)
	}
	return next
}

func (s *shard) put(at *slot) {
	i := s.first(at.hash)
	for s.slots[i].entry != nil {
		i = s.next(i)
	}
	s.slots[i] = *at
	s.filter.add(at.hash)
	s.size++
}

// each calls yield for the entries while that returns true.
func (s *shard) each(yield func(*Entry) bool) bool {
	for i := range s.slots {
		if e := s.slots[i].entry; e != nil && !yield(e) {
			return false
		}
	}
	return true
}
