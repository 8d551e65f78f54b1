package message

import (
	"encoding/binary"
	"math"

	"github.com/gammazero/nexus/v3/transport/serialize"
)

// msgpackFormat is MessagePack.
type msgpackFormat struct{}

// nexusMsgpack knows the extensions that applications have registered.
var nexusMsgpack serialize.MessagePackSerializer

// msgpackKinds are the initial bytes from 0xc0 to 0xdf: kind, and how many bytes its
// number or length has.
var msgpackKinds = [32]struct {
	kind kind
	size int
}{
	0x00: {kindNull, 0},
	0x02: {kindBool, 0}, 0x03: {kindBool, 0},
	0x04: {kindBytes, 1}, 0x05: {kindBytes, 2}, 0x06: {kindBytes, 4},
	0x07: {kindExt, 1}, 0x08: {kindExt, 2}, 0x09: {kindExt, 4},
	0x0a: {kindFloat, 4}, 0x0b: {kindFloat, 8},
	0x0c: {kindUint, 1}, 0x0d: {kindUint, 2}, 0x0e: {kindUint, 4}, 0x0f: {kindUint, 8},
	0x10: {kindInt, 1}, 0x11: {kindInt, 2}, 0x12: {kindInt, 4}, 0x13: {kindInt, 8},
	0x14: {kindExt, 0}, 0x15: {kindExt, 0}, 0x16: {kindExt, 0}, 0x17: {kindExt, 0}, 0x18: {kindExt, 0},
	0x19: {kindText, 1}, 0x1a: {kindText, 2}, 0x1b: {kindText, 4},
	0x1c: {kindList, 2}, 0x1d: {kindList, 4},
	0x1e: {kindMap, 2}, 0x1f: {kindMap, 4},
}

func (*msgpackFormat) head(b []byte, i int) head {
	if i >= len(b) {
		return head{}
	}
	initial := b[i]
	h := head{start: i, from: i + 1, end: i + 1}
	switch {
	case initial < 0x80:
		h.kind, h.n = kindInt, uint64(initial)
		return h
	case initial >= 0xe0:
		h.kind, h.n = kindInt, uint64(int64(int8(initial)))
		return h
	case initial < 0x90:
		h.kind, h.n = kindMap, uint64(initial&0x0f)
	case initial < 0xa0:
		h.kind, h.n = kindList, uint64(initial&0x0f)
	case initial < 0xc0:
		h.kind, h.n = kindText, uint64(initial&0x1f)
	default:
		of := msgpackKinds[initial-0xc0]
		if of.size > len(b)-h.from {
			return head{}
		}
		h.kind, h.n = of.kind, bigEndian(b[h.from:h.from+of.size])
		h.from += of.size
		h.end = h.from
		return msgpackLong(b, h, initial, of.size)
	}
	return msgpackSized(b, h)
}

func bigEndian(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.BigEndian.Uint16(b))
	case 4:
		return uint64(binary.BigEndian.Uint32(b))
	case 8:
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// msgpackLong completes the head of a value whose initial byte is 0xc0 to 0xdf.
func msgpackLong(b []byte, h head, initial byte, size int) head {
	switch h.kind {
	case kindNull:
		return h
	case kindBool:
		h.n = uint64(initial - 0xc2)
		return h
	case kindUint:
		return h
	case kindInt:
		shift := 64 - 8*size
		h.n = uint64(int64(h.n<<shift) >> shift)
		return h
	case kindFloat:
		if size == 4 {
			h.n = math.Float64bits(float64(math.Float32frombits(uint32(h.n))))
		}
		return h
	case kindExt:
		if size == 0 {
			h.n = 1 << (initial - 0xd4)
		}
		h.n++ // its type
	}
	return msgpackSized(b, h)
}

// msgpackSized checks that there are as many bytes as the length says.
func msgpackSized(b []byte, h head) head {
	rest := uint64(len(b) - h.from)
	switch h.kind {
	case kindText, kindBytes, kindExt:
		if h.n > rest {
			return head{}
		}
		h.end = h.from + int(h.n)
	case kindList:
		if h.n > rest {
			return head{}
		}
	case kindMap:
		if h.n > rest/2 {
			return head{}
		}
	}
	return h
}

func (*msgpackFormat) next([]byte, int, bool, kind) (int, bool) { return -1, false }

func (*msgpackFormat) behindKey(_ []byte, i int) int { return i }

func (*msgpackFormat) textKey(_ []byte, h head) bool {
	return h.kind == kindText || h.kind == kindBytes || h.kind == kindNull
}

func (*msgpackFormat) appendContent(to, _ []byte, _ head) ([]byte, bool) { return to, false }

// special decodes an extension. That may run the application's own code, whose panics
// become errors.
func (*msgpackFormat) special(b []byte, h head) (v any, ok bool) {
	err := nexusMsgpack.DeserializeDataItem(b[h.start:h.end], &v)
	return v, err == nil
}

func (*msgpackFormat) appendOther(b []byte, v any) ([]byte, error) {
	data, err := nexusMsgpack.SerializeDataItem(v)
	return append(b, data...), err
}
