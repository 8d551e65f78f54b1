package codec

import (
	"encoding/binary"
	"math"
	"math/big"
)

// Heads of simple values and floats.
const (
	cborFalse     = 0xf4
	cborTrue      = 0xf5
	cborNull      = 0xf6
	cborFloat16   = 0xf9
	cborFloat64   = 0xfb
	cborHalfNaN   = "\xf9\x7e\x00"
	cborHalfInf   = "\xf9\x7c\x00"
	cborHalfMinus = "\xf9\xfc\x00"
)

func appendCBORHead(dst []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg < infoDirect:
		return append(dst, major|byte(arg))
	case arg <= math.MaxUint8:
		return append(dst, major|24, byte(arg))
	case arg <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(arg))
	case arg <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(arg))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), arg)
}

// What writes nothing but CBOR, and nothing large, appends by these functions what the methods
// of [FormatCBOR] append. The compiler puts them in place of their calls: that halves the
// time in which the head of a record is written.

// AppendCBORUint appends an integer.
func AppendCBORUint(dst []byte, u uint64) []byte { return appendCBORHead(dst, majorUnsigned, u) }

// AppendCBORList begins a list of n elements.
func AppendCBORList(dst []byte, n int) []byte { return appendCBORHead(dst, majorList, uint64(n)) }

// AppendCBORText appends a text.
func AppendCBORText(dst []byte, s string) []byte {
	return append(appendCBORHead(dst, majorText, uint64(len(s))), s...)
}

// AppendCBORBytes appends a byte string.
func AppendCBORBytes(dst, b []byte) []byte {
	return append(appendCBORHead(dst, majorBytes, uint64(len(b))), b...)
}

// AppendCBORNull appends a null.
func AppendCBORNull(dst []byte) []byte { return append(dst, cborNull) }

// appendCBORDouble appends a float in 64 bits.
func appendCBORDouble(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, cborFloat64), math.Float64bits(f))
}

// appendCBORBig appends an integer beyond int64 and uint64.
func appendCBORBig(dst []byte, n *big.Int) []byte {
	tag, major := uint64(tagBignum), byte(majorUnsigned)
	if n.Sign() < 0 {
		tag, major, n = tagNegativeBignum, majorNegative, new(big.Int).Not(n)
	}
	if n.IsUint64() {
		return appendCBORHead(dst, major, n.Uint64())
	}
	return FormatCBOR.AppendBinary(appendCBORHead(dst, majorTag, tag), n.Bytes())
}
