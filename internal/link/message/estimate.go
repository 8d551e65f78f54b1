package message

import "math"

// What values take in memory once they are decoded, in bytes. Each figure is at least
// what the Go runtime allocates.
const (
	slotSize = 16 // an interface: an item of a list
	wordSize = 8  // a number in an interface
	textSize = 16 // a string in an interface, without its bytes
	listSize = 24 // a slice in an interface, without its items
	timeSize = 24 // a time in an interface
	tagSize  = 48 // a tag or extension in an interface
	// countSize is what the decoder notes for a list or map whose length isn't told.
	countSize = 12
	// mapSize is a map without room for entries.
	mapSize = 48
	// groupSize is the room of a map with up to groupEntries entries.
	groupSize    = 288
	groupEntries = 8
	// entrySize is what an entry of a larger map takes. A map doubles, so that much of
	// it may be empty.
	entrySize = 100
	tableSize = 512
)

// allocated bounds what an allocation of n bytes takes: the runtime rounds up to sizes
// that it keeps apart.
func allocated(n uint64) int {
	switch size := int(n); {
	case size <= 8:
		return 2 * size
	case size <= 256:
		return (size + 15) &^ 15
	case size < 31<<10:
		return size + size/5
	default:
		return (size + 16<<10 - 1) &^ (8<<10 - 1)
	}
}

func mapMemory(entries int) int {
	switch {
	case entries == 0:
		return mapSize
	case entries <= groupEntries:
		return mapSize + groupSize
	}
	return mapSize + tableSize + entries*entrySize
}

// maxDepth is how many lists, maps and tags may lie within each other, the message's
// own list among them. nexus's serializers read as many.
const maxDepth = 1023

// scan goes over values and adds up what they take in memory.
type scan struct {
	format
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
	switch h.kind {
	case kindBad:
		return s.fail(errMalformed)
	case kindNull, kindBool, kindJunk:
	case kindUint, kindInt:
		if h.n > math.MaxUint8 {
			s.add(wordSize)
		}
	case kindFloat, kindNumber:
		s.add(wordSize)
	case kindText:
		s.add(textSize + allocated(h.n))
	case kindBytes:
		s.add(listSize + allocated(h.n))
	case kindExt:
		s.add(tagSize + timeSize + allocated(h.n))
	case kindTag:
		if depth > maxDepth {
			return s.fail(errDepth)
		}
		s.add(tagSize + timeSize)
		h.end = s.value(h.end, depth+1)
	case kindList, kindMap:
		if depth > maxDepth {
			return s.fail(errDepth)
		}
		h.end = s.container(h, depth)
	}
	if s.err != nil {
		return -1
	}
	return h.end
}

func (s *scan) container(h head, depth int) int {
	counted := -1
	if h.open {
		s.add(countSize)
		if s.counts != nil {
			counted = len(*s.counts)
			*s.counts = append(*s.counts, 0)
		}
	}
	n := 0
	it := itemsOf(s.format, s.b, h)
	for ; it.more(); n++ {
		if h.kind == kindList {
			s.add(slotSize)
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
	if h.kind == kindList {
		s.add(listSize + allocated(slotSize*uint64(n)) - slotSize*n)
	} else {
		s.add(mapMemory(n))
	}
	if counted >= 0 {
		(*s.counts)[counted] = uint32(n)
	}
	return it.at
}

// key returns where the value of the key at i begins. A key may be any value here.
func (s *scan) key(i, depth int) int {
	h := s.head(s.b, i)
	if h.kind == kindText || h.kind == kindBytes {
		s.add(allocated(h.n))
		i = h.end
	} else if i = s.value(i, depth+1); i < 0 {
		return -1
	}
	if i = s.behindKey(s.b, i); i < 0 {
		return s.fail(errMalformed)
	}
	return i
}
