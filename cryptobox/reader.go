package cryptobox

import (
	"math"
	"math/big"
)

// reader takes a serialized record apart, item by item. It allocates nothing for
// what a sender only declares, and its errors don't quote what it read.
type reader interface {
	// read reads the next item into it: a value that holds no others, the head of a
	// list or map, or the end of one whose length wasn't declared.
	read(it *item) error
	// end checks that nothing is left.
	end() error
}

// itemKind tells what an item is.
type itemKind uint8

const (
	itemNull itemKind = iota
	itemFalse
	itemTrue
	itemInt   // n
	itemUint  // n, as a uint64 beyond int64
	itemFloat // n, as the bits of a float64
	itemBig   // big, beyond both
	itemText  // b, valid UTF-8
	itemBytes // b
	itemList  // n elements, or undeclared
	itemMap   // n entries, or undeclared
	itemEnd
)

// undeclared is the length of a list or map that has an itemEnd.
const undeclared = -1

// item is set by the methods below. What its kind doesn't need is left from the one
// before.
type item struct {
	kind itemKind
	own  bool // b belongs to nobody else
	n    int64
	b    []byte // of the data, or the reader's own: good until the next item
	big  *big.Int
}

func (it *item) setInteger(i int64) { it.kind, it.n = itemInt, i }

func (it *item) setUnsigned(u uint64) {
	it.kind, it.n = itemInt, int64(u)
	if u > math.MaxInt64 {
		it.kind = itemUint
	}
}

func (it *item) setFloat(f float64) { it.kind, it.n = itemFloat, int64(math.Float64bits(f)) }

// setChars makes it text or bytes.
func (it *item) setChars(kind itemKind, b []byte) { it.kind, it.b, it.own = kind, b, false }

// setContainer makes it the head of a list or map.
func (it *item) setContainer(kind itemKind, n int64) { it.kind, it.n = kind, n }

// setBig makes it n as that is canonical.
func (it *item) setBig(n *big.Int) error {
	switch {
	case n.IsInt64():
		it.setInteger(n.Int64())
	case n.IsUint64():
		it.setUnsigned(n.Uint64())
	case n.BitLen() > MaxBigBits:
		return malformed("an integer beyond MaxBigBits")
	default:
		it.kind, it.big = itemBig, n
	}
	return nil
}
