package codec

import (
	"fmt"
	"math/big"
	"math/bits"
)

// What values may take of Go's heap once they are read, in bytes: MemoryFactor times
// what was read, and MinMemory in any case. One-byte values in a list take 16 times
// their size, and a map in three bytes takes 336, so the factor alone would refuse
// messages of a few rows. MinMemory is what MaxValues nulls in a list take, and 1 MiB.
const (
	MemoryFactor = 8
	MinMemory    = SlotSize*MaxValues + 1<<20
)

// rootMemory is for what only a reader takes: keys of the root map that it doesn't know,
// such as that of padding.
const rootMemory = 4 << 10

var errTooBig = tooLarge(fmt.Sprintf("values take more than %d times the record's bytes and more than %d MiB of memory", MemoryFactor, MinMemory>>20))

// maxMemory is what the values of a record of size bytes may take.
func maxMemory(size int) int { return max(MemoryFactor*size, MinMemory) }

// mostFactor is more than any value takes for each of its bytes. Most takes a map in a map,
// which has two bytes in CBOR.
const mostFactor = 256

// MostMemory is more than the values of a record of size bytes take that is read.
func MostMemory(size int) int { return min(mostFactor*size, maxMemory(size)) + rootMemory }

// What values are made of, in bytes. These and the functions below give at least what Go's
// runtime takes on 64-bit systems; tests compare them with the heap.
const (
	SlotSize  = 16 // of an any in a list; of the head of a string behind an any
	SliceSize = 24 // of the head of a list or byte string behind an any
	bigSize   = 32 // of a big.Int
	WordSize  = 8  // of a number behind an any
	timeSize  = 24 // of a time behind an any

	mapSize   = 48               // of a map without entries
	smallSize = mapSize + 288    // of one with up to 8: a group, as it is allocated
	groupSize = 8 + 8*SlotSize*2 // of 8 entries
	tableSize = 48               // with its place in the map's directory
	maxTable  = 896              // entries of a map that never has more tables than one
	entrySize = 96               // in a map of several tables, which are half full at least
)

// allocated is at least what the allocator takes for n bytes. Its size classes are
// multiples of 8 up to 32 bytes, of 16 up to 256, then less than 3/16 apart; larger are
// whole pages of 8 KiB. From 512 bytes on 8 more tell where pointers are.
func allocated(n int) int {
	switch {
	case n <= 32:
		return (n + 7) &^ 7
	case n <= 256:
		return (n + 15) &^ 15
	case n <= 32<<10-8:
		return (n+8)*19/16 + 1
	}
	return (n + 8<<10 - 1) &^ (8<<10 - 1)
}

// CharsMemory is that of the n bytes of a string or key. Single bytes are the runtime's.
func CharsMemory(n int) int {
	if n <= 1 {
		return 0
	}
	return allocated(n)
}

// TextMemory is that of a string of n bytes behind an any.
func TextMemory(n int) int {
	if n == 0 {
		return 0
	}
	return SlotSize + CharsMemory(n)
}

// BytesMemory is that of a byte string behind an any.
func BytesMemory(n int) int { return SliceSize + allocated(n) }

// WordMemory is that of a number behind an any, by its bits. Small ones are the
// runtime's.
func WordMemory(n int64) int {
	if uint64(n) < 256 {
		return 0
	}
	return WordSize
}

// bigMemory is that of a *big.Int.
func bigMemory(n *big.Int) int { return bigBitsMemory(n.BitLen()) }

// bigBitsMemory is that of a *big.Int of so many bits. Package math/big leaves room behind.
func bigBitsMemory(bits int) int { return bigSize + allocated(WordSize*(bits/64+7)) }

// ListMemory is that of a list with room for n elements, but not of what they hold.
func ListMemory(n int) int { return allocated(SlotSize * n) }

// MapMemory is that of a map of n entries, but not of what they hold.
func MapMemory(n int) int {
	switch {
	case n == 0:
		return mapSize
	case n <= 8:
		return smallSize
	case n <= maxTable:
		return tableMemory(n)
	}
	return entrySize * n
}

// tableMemory is MapMemory of a map of one table, of which 7/8 are used.
func tableMemory(n int) int {
	groups := 1 << bits.Len(uint(n-1)/7)
	return mapSize + tableSize + allocated(groups*groupSize)
}

// roomFor is the room that a list has after n elements, if their number wasn't declared.
func roomFor(n int) int {
	if n == 0 {
		return 0
	}
	return 1 << bits.Len(uint(n-1))
}
