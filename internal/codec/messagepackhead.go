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
	h := Head{Start: i, From: i + 1, End: i + 1}
	switch {
	case initial < 0x80, initial >= 0xe0:
		h.Kind, h.N = KindInt, uint64(int8(initial))
	case initial < 0x90:
		h.Kind, h.N = KindMap, uint64(initial&0x0f)
	case initial < 0xa0:
		h.Kind, h.N = KindList, uint64(initial&0x0f)
	case initial < 0xc0:
		h.Kind, h.N = KindText, uint64(initial&0x1f)
	default:
		of := messagePackKinds[initial-0xc0]
		h.Kind = of.kind
		if !h.argument(b, of.size) {
			return Head{}
		}
		h.long(initial, of.size)
	}
	return h
}

// long completes the head of a value whose initial byte is 0xc0 to 0xdf, and whose number
// or length has size bytes.
func (h *Head) long(initial byte, size int) {
	switch h.Kind {
	case KindInt:
		shift := 64 - 8*size
		h.N = uint64(int64(h.N<<shift) >> shift)
	case KindFloat:
		if size == 4 {
			h.N = math.Float64bits(float64(math.Float32frombits(uint32(h.N))))
		}
	case KindExt:
		if size == 0 {
			h.N = 1 << (initial - 0xd4)
		}
		h.N++ // its type
	}
}
