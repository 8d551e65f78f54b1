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
