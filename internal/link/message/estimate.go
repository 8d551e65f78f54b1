package message

import "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"

// What values take in memory once they are decoded, in bytes, beside what package codec
// knows of. Each figure is at least what the Go runtime allocates.
const (
	tagSize  = 48 // a tag or extension in an interface
	timeSize = 24 // a time in an interface
	// countSize is what the decoder notes for a list or map whose length isn't told.
	countSize = 12
)

// maxDepth is how many lists, maps and tags may lie within each other, the message's
// own list among them. nexus's serializers read as many.
const maxDepth = 1023

// scan goes over values and adds up what they take in memory.
type scan struct {
	syntax
	b      []byte
	memory int
	limit  int       // of memory
	err    error     // why it ended
	counts *[]uint32 // lengths of open lists and maps, in the order in which they begin
}

func (s *scan) fail(reason error) int {
	if s.err == nil {
		s.err = reason
	}
	return -1
}

func (s *scan) add(memory int) {
	s.memory += memory
	if s.memory > s.limit {
		s.fail(errMemory)
	}
}

// value returns where the value at i ends, and a negative number where the scan has to
// end before that.
func (s *scan) value(i, depth int) int {
	h := s.head(s.b, i)
	switch h.Kind {
	case codec.KindBad:
		return s.fail(errMalformed)
	case codec.KindUint, codec.KindInt:
		s.add(codec.WordMemory(int64(h.N)))
	case codec.KindFloat, codec.KindNumber:
		s.add(codec.WordSize)
	case codec.KindText:
		s.add(codec.TextMemory(int(h.N)))
	case codec.KindBytes:
		s.add(codec.BytesMemory(int(h.N)))
	case codec.KindExt:
		s.add(tagSize + timeSize + codec.BytesMemory(int(h.N)))
	case codec.KindTag:
		if depth > maxDepth {
			return s.fail(errDepth)
		}
		s.add(tagSize + timeSize)
		h.End = s.value(h.End, depth+1)
	case codec.KindList, codec.KindMap:
		if depth > maxDepth {
			return s.fail(errDepth)
		}
		h.End = s.container(h, depth)
	}
	if s.err != nil {
		return -1
	}
	return h.End
}

func (s *scan) container(h codec.Head, depth int) int {
	counted := -1
	if h.Open {
		s.add(countSize)
		if s.counts != nil {
			counted = len(*s.counts)
			*s.counts = append(*s.counts, 0)
		}
	}
	n := 0
	it := itemsOf(s.syntax, s.b, h)
	for ; it.more(); n++ {
		if h.Kind == codec.KindList {
			s.add(codec.SlotSize)
		} else {
			it.at = s.key(it.at, depth)
		}
		if s.err != nil {
			return -1
		}
		it.at = s.value(it.at, depth+1)
	}
	if it.at < 0 {
		return s.fail(errMalformed)
	}
	if h.Kind == codec.KindList {
		s.add(codec.SliceSize + codec.ListMemory(n) - codec.SlotSize*n)
	} else {
		s.add(codec.MapMemory(n))
	}
	if counted >= 0 {
		(*s.counts)[counted] = uint32(n)
	}
	return it.at
}

// key returns where the value of the key at i begins. A key may be any value here.
func (s *scan) key(i, depth int) int {
	h := s.head(s.b, i)
	if h.Kind == codec.KindText || h.Kind == codec.KindBytes {
		s.add(codec.CharsMemory(int(h.N)))
		i = h.End
	} else if i = s.value(i, depth+1); i < 0 {
		return -1
	}
	if i = s.behindKey(s.b, i); i < 0 {
		return s.fail(errMalformed)
	}
	return i
}
