package cryptobox

import (
	"math"
	"math/big"
)

// reader takes a serialized record apart, item by item. It allocates nothing for
// what a sender only declares, and its errors don't quote what it read.
type reader interface {
	// item reads the next item: a value that holds no others, the head of a list or
	// map, or the end of one whose length wasn't declared.
	item() (item, error)
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

// bigItem is n as it is canonical.
func bigItem(n *big.Int) (item, error) {
	switch {
	case n.IsInt64():
		return integerItem(n.Int64()), nil
	case n.IsUint64():
		return unsignedItem(n.Uint64()), nil
	case n.BitLen() > MaxBigBits:
		return item{}, malformed("an integer beyond MaxBigBits")
	}
	return item{kind: itemBig, big: n}, nil
}
