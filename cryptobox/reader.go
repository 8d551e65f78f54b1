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

type item struct {
	kind itemKind
	n    int64
	b    []byte // of the data, or the reader's own: good until the next item
	big  *big.Int
	own  bool // b belongs to nobody else
}

func integerItem(i int64) item { return item{kind: itemInt, n: i} }

func unsignedItem(u uint64) item {
	if u <= math.MaxInt64 {
		return item{kind: itemInt, n: int64(u)}
	}
	return item{kind: itemUint, n: int64(u)}
}

func floatItem(f float64) item { return item{kind: itemFloat, n: int64(math.Float64bits(f))} }

// setBig makes it n as that is canonical.
func (it *item) setBig(n *big.Int) error {
	switch {
	case n.IsInt64():
		*it = integerItem(n.Int64())
	case n.IsUint64():
		*it = unsignedItem(n.Uint64())
	case n.BitLen() > MaxBigBits:
		return malformed("an integer beyond MaxBigBits")
	default:
		*it = item{kind: itemBig, big: n}
	}
	return nil
}
