package message

import (
	"encoding/binary"
	"math"
	"reflect"

	ugorji "github.com/ugorji/go/codec"
)

// cborFormat is CBOR (RFC 8949).
type cborFormat struct{}

// Major types of CBOR.
const (
	cborUint = iota
	cborNegative
	cborBytes
	cborText
	cborList
	cborMap
	cborTag
	cborSimple
)

const (
	cborBreak = 0xff
	// tagSelfDescribed says that what follows is CBOR.
	tagSelfDescribed = 55799
	// tagUint8Array is an array of unsigned bytes (RFC 8746), as JavaScript peers write
	// a Uint8Array.
	tagUint8Array = 64
)

// cborArgument reads the argument of an item's head. open: there is none, the length
// is indefinite.
func cborArgument(b []byte, i int) (n uint64, next int, open, ok bool) {
	info := b[i] & 0x1f
	i++
	rest := b[i:]
	switch {
	case info < 24:
		return uint64(info), i, false, true
	case info == 24 && len(rest) >= 1:
		return uint64(rest[0]), i + 1, false, true
	case info == 25 && len(rest) >= 2:
		return uint64(binary.BigEndian.Uint16(rest)), i + 2, false, true
	case info == 26 && len(rest) >= 4:
		return uint64(binary.BigEndian.Uint32(rest)), i + 4, false, true
	case info == 27 && len(rest) >= 8:
		return binary.BigEndian.Uint64(rest), i + 8, false, true
	case info == 31:
		return 0, i, true, true
	}
	return 0, 0, false, false
}

func (*cborFormat) head(b []byte, i int) head {
	start := i
	for i < len(b) {
		h := head{start: start, from: i + 1, end: i + 1, n: uint64(b[i] & 0x1f)}
		if h.n >= 24 {
			var ok bool
			if h.n, h.from, h.open, ok = cborArgument(b, i); !ok {
				break
			}
			h.end = h.from
		}
		switch major := b[i] >> 5; major {
		case cborUint:
			h.kind = kindUint
		case cborNegative:
			h.kind = kindInt
			if h.n > math.MaxInt64 {
				h.kind = kindJunk
			}
			h.n = ^h.n
		case cborBytes, cborText:
			return cborString(b, h, major)
		case cborList, cborMap:
			return cborContainer(b, h, major)
		case cborTag:
			if h.n == tagSelfDescribed {
				i = h.end
				continue
			}
			h.kind = kindTag
		case cborSimple:
			return cborSimpleHead(b[i], h)
		}
		if h.open {
			break
		}
		return h
	}
	return head{}
}

func cborString(b []byte, h head, major byte) head {
	h.kind = kindBytes
	if major == cborText {
		h.kind = kindText
	}
	if !h.open {
		if h.n > uint64(len(b)-h.from) {
			return head{}
		}
		h.end = h.from + int(h.n)
		return h
	}
	i := h.from
	for i < len(b) && b[i] != cborBreak {
		n, next, open, ok := cborArgument(b, i)
		if !ok || open || b[i]>>5 != major || n > uint64(len(b)-next) {
			return head{}
		}
		h.n += n
		i = next + int(n)
	}
	if i >= len(b) {
		return head{}
	}
	h.end = i + 1
	return h
}

func cborContainer(b []byte, h head, major byte) head {
	h.kind = kindList
	least := uint64(1) // bytes an item
	if major == cborMap {
		h.kind, least = kindMap, 2
	}
	if h.n > uint64(len(b)-h.end)/least {
		return head{}
	}
	return h
}

func cborSimpleHead(initial byte, h head) head {
	switch initial {
	case 0xf4, 0xf5:
		h.kind, h.n = kindBool, uint64(initial-0xf4)
	case 0xf6, 0xf7:
		h.kind = kindNull
	case 0xf9:
		h.kind, h.n = kindFloat, math.Float64bits(half(uint16(h.n)))
	case 0xfa:
		h.kind, h.n = kindFloat, math.Float64bits(float64(math.Float32frombits(uint32(h.n))))
	case 0xfb:
		h.kind = kindFloat
	case cborBreak:
		return head{}
	default:
		h.kind = kindJunk
	}
	return h
}

// half is a float of 16 bits.
func half(bits uint16) float64 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10&0x1f), uint32(bits&0x3ff)
	switch exponent {
	case 0:
		f := math.Ldexp(float64(fraction), -24)
		if sign != 0 {
			return -f
		}
		return f
	case 0x1f:
		return float64(math.Float32frombits(sign | 0xff<<23 | fraction<<13))
	}
	return float64(math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13))
}

func (*cborFormat) next(b []byte, i int, _ bool, _ kind) (int, bool) {
	switch {
	case i >= len(b):
		return -1, false
	case b[i] == cborBreak:
		return i + 1, false
	}
	return i, true
}

func (*cborFormat) behindKey(_ []byte, i int) int { return i }

func (*cborFormat) textKey(b []byte, h head) bool {
	return (h.kind == kindText || h.kind == kindBytes || h.kind == kindNull) && b[h.start]>>5 != cborTag
}

func (*cborFormat) appendContent(to, b []byte, h head) ([]byte, bool) {
	for i := h.from; i < h.end-1; {
		n, next, _, _ := cborArgument(b, i)
		i = next + int(n)
		to = append(to, b[next:i]...)
	}
	return to, true
}

// special decodes times and big numbers, and no other tag. nexus's serializer reads
// anything for the contents of a tag: here they have to be of the right kind.
func (f *cborFormat) special(b []byte, h head) (any, bool) {
	of := f.head(b, h.end)
	ok := false
	switch of.kind {
	case kindNull:
		ok = true
	case kindText, kindBytes:
		ok = h.n != 1
	case kindUint, kindInt, kindFloat:
		ok = h.n == 1
	}
	if !ok || h.kind != kindTag || h.n > 3 || of.start != h.end || b[of.start]>>5 == cborTag {
		return nil, false
	}
	return cborPool.decode(b[h.start:of.end])
}

func (*cborFormat) appendOther(b []byte, v any) ([]byte, error) { return cborPool.encode(b, v) }

// cborPool is set up as nexus's serializer.
var cborPool = newPool(func() ugorji.Handle {
	handle := new(ugorji.CborHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	return handle
}())
