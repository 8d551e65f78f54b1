package main

import (
	"encoding/binary"
	"fmt"
	"math"
)

// appendMessagePack writes MessagePack, with the str and bin types.
func appendMessagePack(dst []byte, v any) []byte {
	switch v := v.(type) {
	case verbatim:
		return append(dst, v...)
	case nil:
		return append(dst, 0xc0)
	case bool:
		if v {
			return append(dst, 0xc3)
		}
		return append(dst, 0xc2)
	case int:
		return appendMessagePack(dst, int64(v))
	case int64:
		return appendMessagePackInt(dst, v)
	case uint64:
		return binary.BigEndian.AppendUint64(append(dst, 0xcf), v)
	case float64:
		return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(v))
	case string:
		return append(msgpackHead(dst, len(v), 0xa0, 32, 0xd9), v...)
	case []byte:
		return append(msgpackHead(dst, len(v), 0, 0, 0xc4), v...)
	case []any:
		dst = msgpackHead(dst, len(v), 0x90, 16, 0xdb)
		for _, e := range v {
			dst = appendMessagePack(dst, e)
		}
		return dst
	case pairs:
		dst = msgpackHead(dst, len(v), 0x80, 16, 0xdd)
		for _, e := range v {
			dst = appendMessagePack(appendMessagePack(dst, e.key), e.value)
		}
		return dst
	}
	panic(fmt.Sprintf("MessagePack: %T", v))
}

func appendMessagePackInt(dst []byte, v int64) []byte {
	switch {
	case v >= -32 && v <= 127:
		return append(dst, byte(v))
	case v >= math.MinInt32 && v <= math.MaxInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(v))
}

// msgpackHead writes a length: in the first byte where it is below short, else
// behind a code for 8, 16 or 32 bits. Lists and maps have none for 8: theirs is
// one below the code for 16.
func msgpackHead(dst []byte, n int, fix byte, short int, code8 byte) []byte {
	switch {
	case n < short:
		return append(dst, fix|byte(n))
	case n <= math.MaxUint8 && code8 != 0xdb && code8 != 0xdd:
		return append(dst, code8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, code8+1), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, code8+2), uint32(n))
}
