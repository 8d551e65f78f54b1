package codec

import (
	"encoding/binary"
	"math"
	"math/big"
)

// cborFormat writes CBOR in its preferred serialization (RFC 8949, section 4.1), but
// for floats, which keep the size of what they are.
type cborFormat struct{ unmarked }

// Heads of simple values and floats.
const (
	cborFalse     = 0xf4
	cborTrue      = 0xf5
	cborNull      = 0xf6
	cborFloat64   = 0xfb
	cborHalfNaN   = "\xf9\x7e\x00"
	cborHalfInf   = "\xf9\x7c\x00"
	cborHalfMinus = "\xf9\xfc\x00"
)

func appendCBORHead(dst []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg < 24:
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

func (cborFormat) null(dst []byte) []byte { return append(dst, cborNull) }

func (cborFormat) boolean(dst []byte, b bool) []byte {
	if b {
		return append(dst, cborTrue)
	}
	return append(dst, cborFalse)
}

func (cborFormat) integer(dst []byte, i int64) []byte {
	if i < 0 {
		return appendCBORHead(dst, majorNegative, uint64(^i))
	}
	return appendCBORHead(dst, majorUnsigned, uint64(i))
}

func (cborFormat) unsigned(dst []byte, u uint64) []byte {
	return appendCBORHead(dst, majorUnsigned, u)
}

func (cborFormat) float(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, cborHalfNaN...)
	case math.IsInf(f, 1):
		return append(dst, cborHalfInf...)
	case math.IsInf(f, -1):
		return append(dst, cborHalfMinus...)
	}
	return binary.BigEndian.AppendUint64(append(dst, cborFloat64), math.Float64bits(f))
}

func (cborFormat) text(dst []byte, s string) []byte {
	return append(appendCBORHead(dst, majorText, uint64(len(s))), s...)
}

func (cborFormat) binary(dst, b []byte) []byte {
	return append(appendCBORHead(dst, majorBytes, uint64(len(b))), b...)
}

func (f cborFormat) big(dst []byte, n *big.Int) []byte {
	tag, major := uint64(tagBignum), byte(majorUnsigned)
	if n.Sign() < 0 {
		tag, major, n = tagNegativeBignum, majorNegative, new(big.Int).Not(n)
	}
	if n.IsUint64() {
		return appendCBORHead(dst, major, n.Uint64())
	}
	return f.binary(appendCBORHead(dst, majorTag, tag), n.Bytes())
}

func (cborFormat) list(dst []byte, n int) []byte {
	return appendCBORHead(dst, majorList, uint64(n))
}

func (cborFormat) object(dst []byte, n int) []byte {
	return appendCBORHead(dst, majorMap, uint64(n))
}
