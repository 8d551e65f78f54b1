package codec

import "encoding/binary"

// Kind tells what a value is.
type Kind uint8

// The kinds, and which field of a Head or an Item holds what is read.
const (
	KindBad Kind = iota // no value: malformed
	KindNull
	KindFalse
	KindTrue
	KindInt    // N
	KindUint   // N; in an Item beyond int64
	KindFloat  // N, as the bits of a float64
	KindBig    // big, beyond both; in a Head N, the lower 64 bits of its two's complement
	KindText   // B, in an Item valid UTF-8; in a Head of N bytes
	KindBytes  // B; in a Head of N bytes
	KindList   // N elements, or undeclared
	KindMap    // N entries, or undeclared
	KindEnd    // of a list or map whose length wasn't declared
	KindTag    // CBOR: N; its value stands behind
	KindExt    // MessagePack: an extension, of N bytes with its type
	KindNumber // JSON: a number that isn't read yet
	KindJunk   // what has an end, but no meaning here
)

// Head is what the beginning of a value says.
type Head struct {
	Kind Kind
	// Open: the length of a list or map isn't known; text has escapes, or text and
	// bytes come in chunks.
	Open  bool
	Start int    // where the value begins
	From  int    // where its contents begin
	End   int    // behind the value; of a list, map or tag: where the first item begins
	N     uint64 // number, or length
}

// Sized moves the end of h behind contents of a known length. It reports whether b has as
// many bytes, or at least one for each element, key and value.
func (h *Head) Sized(b []byte) bool {
	left := uint64(len(b) - h.From)
	switch h.Kind {
	case KindText, KindBytes, KindExt:
		if h.N > left {
			return false
		}
		h.End = h.From + int(h.N)
	case KindList:
		return h.N <= left
	case KindMap:
		return h.N <= left/2
	}
	return true
}

// bigEndian is the number in 1, 2, 4 or 8 bytes, and 0 in none.
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
