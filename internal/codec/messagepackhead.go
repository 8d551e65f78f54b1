package codec

import "math"

// messagePackKinds are the initial bytes from 0xc0 to 0xdf: kind, and how many bytes its
// number or length has.
var messagePackKinds = [32]struct {
	kind Kind
	size int
}{
	0x00: {KindNull, 0},
	0x02: {KindFalse, 0}, 0x03: {KindTrue, 0},
	0x04: {KindBytes, 1}, 0x05: {KindBytes, 2}, 0x06: {KindBytes, 4},
	0x07: {KindExt, 1}, 0x08: {KindExt, 2}, 0x09: {KindExt, 4},
	0x0a: {KindFloat, 4}, 0x0b: {KindFloat, 8},
	0x0c: {KindUint, 1}, 0x0d: {KindUint, 2}, 0x0e: {KindUint, 4}, 0x0f: {KindUint, 8},
	0x10: {KindInt, 1}, 0x11: {KindInt, 2}, 0x12: {KindInt, 4}, 0x13: {KindInt, 8},
	0x14: {KindExt, 0}, 0x15: {KindExt, 0}, 0x16: {KindExt, 0}, 0x17: {KindExt, 0}, 0x18: {KindExt, 0},
	0x19: {KindText, 1}, 0x1a: {KindText, 2}, 0x1b: {KindText, 4},
	0x1c: {KindList, 2}, 0x1d: {KindList, 4},
	0x1e: {KindMap, 2}, 0x1f: {KindMap, 4},
}

// MessagePackHead reads the head of the MessagePack value at b[i:], which may be the end
// of b. Whether there are as many bytes as it declares, [Head.Sized] finds out.
func MessagePackHead(b []byte, i int) Head {
	if i >= len(b) {
		return Head{}
	}
	initial := b[i]
	kind, from, n := KindInt, i+1, uint64(int8(initial))
	switch {
	case initial < 0x80, initial >= 0xe0:
	case initial < 0x90:
		kind, n = KindMap, uint64(initial&0x0f)
	case initial < 0xa0:
		kind, n = KindList, uint64(initial&0x0f)
	case initial < 0xc0:
		kind, n = KindText, uint64(initial&0x1f)
	default:
		of := messagePackKinds[initial-0xc0]
		if of.size > len(b)-from {
			return Head{}
		}
		kind, n = of.kind, messagePackNumber(initial, bigEndian(b[from:from+of.size]))
		from += of.size
	}
	return Head{Kind: kind, Start: i, From: from, End: from, N: n}
}

// messagePackNumber is what bytes stand for that were read as n, behind an initial byte
// from 0xc0 to 0xdf.
func messagePackNumber(initial byte, n uint64) uint64 {
	switch initial {
	case 0xc7, 0xc8, 0xc9:
		return n + 1 // an extension with its type
	case 0xca:
		return math.Float64bits(float64(math.Float32frombits(uint32(n))))
	case 0xd0:
		return uint64(int8(n))
	case 0xd1:
		return uint64(int16(n))
	case 0xd2:
		return uint64(int32(n))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return 1<<(initial-0xd4) + 1
	}
	return n
}
