package codec

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"

	"github.com/tinylib/msgp/msgp"
)

// Format is how values are written: JSON without spaces, the shortest form
// that MessagePack has for each value, and CBOR in its preferred serialization (RFC 8949,
// section 4.1), but for floats, which keep the size of what they are. Each method appends
// to dst and returns it. Lengths have to fit 32 bits.
//
// A list of n elements, or a map of n entries, is begun, then has each element or entry
// announced with its index, then is ended.
type Format uint8

// The formats.
const (
	FormatJSON Format = iota
	FormatMessagePack
	FormatCBOR
	formats = iota // how many there are
)

// AppendNull appends null.
func (f Format) AppendNull(dst []byte) []byte {
	switch f {
	case FormatJSON:
		return append(dst, "null"...)
	case FormatMessagePack:
		return msgp.AppendNil(dst)
	}
	return AppendCBORNull(dst)
}

// AppendBool appends a boolean.
func (f Format) AppendBool(dst []byte, b bool) []byte {
	switch {
	case f == FormatJSON:
		return strconv.AppendBool(dst, b)
	case f == FormatMessagePack:
		return msgp.AppendBool(dst, b)
	case b:
		return append(dst, cborTrue)
	}
	return append(dst, cborFalse)
}

// AppendInt appends an integer. In MessagePack it is a signed one, whatever its sign.
func (f Format) AppendInt(dst []byte, i int64) []byte {
	switch {
	case f == FormatJSON:
		return strconv.AppendInt(dst, i, 10)
	case f == FormatMessagePack:
		return msgp.AppendInt64(dst, i)
	case i < 0:
		return appendCBORHead(dst, majorNegative, uint64(^i))
	}
	return appendCBORHead(dst, majorUnsigned, uint64(i))
}

// AppendUint appends an integer. In MessagePack it is an unsigned one.
func (f Format) AppendUint(dst []byte, u uint64) []byte {
	switch f {
	case FormatJSON:
		return strconv.AppendUint(dst, u, 10)
	case FormatMessagePack:
		return msgp.AppendUint64(dst, u)
	}
	return AppendCBORUint(dst, u)
}

// AppendFloat appends a float, which in JSON is finite.
func (f Format) AppendFloat(dst []byte, v float64) []byte {
	switch {
	case f == FormatJSON:
		return appendJSONFloat(dst, v)
	case f == FormatMessagePack:
		return msgp.AppendFloat64(dst, v)
	case math.IsNaN(v):
		return append(dst, cborHalfNaN...)
	case math.IsInf(v, 1):
		return append(dst, cborHalfInf...)
	case math.IsInf(v, -1):
		return append(dst, cborHalfMinus...)
	}
	return appendCBORDouble(dst, v)
}

// AppendText appends a text, which in JSON is valid UTF-8.
func (f Format) AppendText(dst []byte, s string) []byte {
	switch f {
	case FormatJSON:
		return appendJSONText(dst, s)
	case FormatMessagePack:
		return msgp.AppendString(dst, s)
	}
	return appendPieces(appendCBORHead(dst, majorText, uint64(len(s))), s)
}

// AppendBinary appends binary data. JSON has none: the WAMP specification ("Binary
// conversion of JSON Strings") writes it as a string of NUL and standard base64.
func (f Format) AppendBinary(dst, b []byte) []byte {
	switch f {
	case FormatJSON:
		dst = append(append(dst, '"'), quotedMark...)
		return append(base64.StdEncoding.AppendEncode(dst, b), '"')
	case FormatMessagePack:
		return msgp.AppendBytes(dst, b)
	}
	return appendPieces(appendCBORHead(dst, majorBytes, uint64(len(b))), b)
}

// AppendBinaryOf is AppendBinary of size bytes that a function appends.
func (f Format) AppendBinaryOf(dst []byte, size int, bytes func(dst []byte) []byte) []byte {
	switch f {
	case FormatJSON:
		dst = append(append(dst, '"'), quotedMark...)
		start, n := len(dst), base64.StdEncoding.EncodedLen(size)
		dst = bytes(slices.Grow(dst, n+size)[:start+n]) // behind where they are encoded to
		base64.StdEncoding.Encode(dst[start:], dst[start+n:])
		return append(dst[:start+n], '"')
	case FormatMessagePack:
		return bytes(msgp.AppendBytesHeader(dst, uint32(size)))
	}
	return bytes(appendCBORHead(dst, majorBytes, uint64(size)))
}

// BinaryRoom is how much room AppendBinaryOf needs for size bytes, and about what AppendBinary
// does.
func (f Format) BinaryRoom(size int) int {
	if f == FormatJSON {
		return size + base64.StdEncoding.EncodedLen(size)
	}
	return size
}

// OpenList begins a list of n elements.
func (f Format) OpenList(dst []byte, n int) []byte {
	switch f {
	case FormatJSON:
		return append(dst, '[')
	case FormatMessagePack:
		return msgp.AppendArrayHeader(dst, uint32(n))
	}
	return AppendCBORList(dst, n)
}

// OpenMap begins a map of n entries.
func (f Format) OpenMap(dst []byte, n int) []byte {
	switch f {
	case FormatJSON:
		return append(dst, '{')
	case FormatMessagePack:
		return msgp.AppendMapHeader(dst, uint32(n))
	}
	return appendCBORHead(dst, majorMap, uint64(n))
}

// AppendComma appends what stands before the element or entry i, counted from 0.
func (f Format) AppendComma(dst []byte, i int) []byte {
	if i > 0 {
		return f.sign(dst, ',')
	}
	return dst
}

// AppendColon appends what stands between the key and the value of an entry.
func (f Format) AppendColon(dst []byte) []byte { return f.sign(dst, ':') }

// CloseList ends a list.
func (f Format) CloseList(dst []byte) []byte { return f.sign(dst, ']') }

// CloseMap ends a map.
func (f Format) CloseMap(dst []byte) []byte { return f.sign(dst, '}') }

// sign appends c in JSON. The other formats need nothing between elements, and no ends.
func (f Format) sign(dst []byte, c byte) []byte {
	if f == FormatJSON {
		return append(dst, c)
	}
	return dst
}
