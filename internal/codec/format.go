package codec

import "math/big"

// format writes values as one serializer has them. Each method appends to dst and
// returns it. Lengths fit 32 bits: the writer has kept them within MaxBytes and
// MaxValues.
type format interface {
	null(dst []byte) []byte
	boolean(dst []byte, b bool) []byte
	integer(dst []byte, i int64) []byte
	unsigned(dst []byte, u uint64) []byte // beyond int64
	float(dst []byte, f float64) []byte
	text(dst []byte, s string) []byte
	binary(dst, b []byte) []byte
	big(dst []byte, n *big.Int) []byte // beyond uint64 and int64

	// A list of n elements, or a map of n entries, is begun, then has each element
	// or entry announced with its index, then is ended.
	list(dst []byte, n int) []byte
	object(dst []byte, n int) []byte
	next(dst []byte, i int) []byte
	colon(dst []byte) []byte // between key and value
	endList(dst []byte) []byte
	endObject(dst []byte) []byte
}

// unmarked is for formats that need nothing between elements, and no ends.
type unmarked struct{}

func (unmarked) next(dst []byte, _ int) []byte { return dst }
func (unmarked) colon(dst []byte) []byte       { return dst }
func (unmarked) endList(dst []byte) []byte     { return dst }
func (unmarked) endObject(dst []byte) []byte   { return dst }
