package codec

import (
	"math"
	"math/big"
)

// reader takes a serialized record apart, item by item. It allocates nothing for
// what a sender only declares, and its errors don't quote what it read.
type reader interface {
	// read reads the next item into it: a value that holds no others, the head of a
	// list or map, or the end of one whose length wasn't declared.
	read(it *Item) error
	// end checks that nothing is left.
	end() error
}

// undeclared is the length of a list or map that has a KindEnd.
const undeclared = -1

// Item is set by the methods below. What its kind doesn't need is left from the one
// before.
type Item struct {
	Kind Kind
	N    int64
	B    []byte // of the data, or the reader's own: good until the next item
	own  bool   // B belongs to nobody else
	big  *big.Int
}

func (it *Item) setInteger(i int64) { it.Kind, it.N = KindInt, i }

func (it *Item) setUnsigned(u uint64) {
	it.Kind, it.N = KindInt, int64(u)
	if u > math.MaxInt64 {
		it.Kind = KindUint
	}
}

func (it *Item) setFloat(f float64) { it.Kind, it.N = KindFloat, int64(math.Float64bits(f)) }

// setChars makes it text or bytes.
func (it *Item) setChars(kind Kind, b []byte) { it.Kind, it.B, it.own = kind, b, false }

// setContainer makes it the head of a list or map.
func (it *Item) setContainer(kind Kind, n int64) { it.Kind, it.N = kind, n }

// setScalar makes it what h says of a value that has no contents.
func (it *Item) setScalar(h Head) {
	switch h.Kind {
	case KindInt, KindFloat:
		it.Kind, it.N = h.Kind, int64(h.N)
	case KindUint:
		it.setUnsigned(h.N)
	default:
		it.Kind = h.Kind
	}
}

// setBig makes it n as that is canonical.
func (it *Item) setBig(n *big.Int) error {
	switch {
	case n.IsInt64():
		it.setInteger(n.Int64())
	case n.IsUint64():
		it.setUnsigned(n.Uint64())
	case n.BitLen() > MaxBigBits:
		return malformed("an integer beyond MaxBigBits")
	default:
		it.Kind, it.big = KindBig, n
	}
	return nil
}
