package codec

import "math"

// Major types of CBOR (RFC 8949, section 3.1).
const (
	majorUnsigned = iota
	majorNegative
	majorBytes
	majorText
	majorList
	majorMap
	majorTag
	majorSimple
)

// Tags that mean something to who reads heads.
const (
	tagTime           = 1
	tagBignum         = 2
	tagNegativeBignum = 3
	// TagUint8Array is an array of unsigned bytes (RFC 8746), as JavaScript peers write a
	// Uint8Array.
	TagUint8Array = 64
)

// CBORBreak ends what has an indefinite length.
const CBORBreak = 0xff

// What the second part of a value's first byte says of its argument.
const (
	infoDirect     = 24 // below it, it is the argument
	infoEight      = 27 // the last that tells of bytes that follow: 8
	infoIndefinite = 31

	infoFalse     = 20
	infoTrue      = 21
	infoNull      = 22
	infoUndefined = 23
	infoHalf      = 25
	infoSingle    = 26
	infoDouble    = 27
)

// cborKinds are those of the major types.
var cborKinds = [...]Kind{KindUint, KindInt, KindBytes, KindText, KindList, KindMap, KindTag, KindJunk}

// CBORHead reads the head of the CBOR value at b[i:], which may be the end of b. Whether
// there are as many bytes as it declares, [Head.Sized] finds out.
func CBORHead(b []byte, i int) Head {
	if i >= len(b) {
		return Head{}
	}
	major, info := b[i]>>5, b[i]&0x1f
	kind, from, n := cborKinds[major], i+1, uint64(info)
	open := false
	switch {
	case info < infoDirect:
	case info <= infoEight:
		size := 1 << (info - infoDirect)
		if size > len(b)-from {
			return Head{}
		}
		n = bigEndian(b[from : from+size])
		from += size
	case info == infoIndefinite && major >= majorBytes && major <= majorMap:
		open, n = true, 0
	default:
		return Head{}
	}
	switch major {
	case majorNegative:
		if n > math.MaxInt64 {
			kind = KindBig
		}
		n = ^n
	case majorSimple:
		kind, n = simple(info, n)
	}
	return Head{Kind: kind, Open: open, Start: i, From: from, End: from, N: n}
}

// simple knows false, true, null, undefined and floats.
func simple(info byte, n uint64) (Kind, uint64) {
	switch info {
	case infoFalse:
		return KindFalse, 0
	case infoTrue:
		return KindTrue, 0
	case infoNull, infoUndefined:
		return KindNull, 0
	case infoHalf:
		return KindFloat, math.Float64bits(halfFloat(uint16(n)))
	case infoSingle:
		return KindFloat, math.Float64bits(float64(math.Float32frombits(uint32(n))))
	case infoDouble:
		return KindFloat, n
	}
	return KindJunk, 0
}

// halfFloat is the value of an IEEE 754 half-precision float.
func halfFloat(bits uint16) (f float64) {
	exponent, fraction := uint32(bits>>10&0x1f), uint32(bits&0x3ff)
	switch exponent {
	case 0:
		f = math.Ldexp(float64(fraction), -24)
	case 0x1f: // infinity or NaN
		f = float64(math.Float32frombits(0xff<<23 | fraction<<13))
	default:
		f = float64(math.Float32frombits((exponent+127-15)<<23 | fraction<<13))
	}
	if bits&0x8000 != 0 {
		f = math.Copysign(f, -1)
	}
	return f
}
