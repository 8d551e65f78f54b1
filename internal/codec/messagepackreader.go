package codec

import "unicode/utf8"

var (
	errMessagePack       = malformed("not valid MessagePack")
	errMessagePackExt    = malformed("a MessagePack extension")
	errMessagePackLength = malformed("a MessagePack length beyond the data")
)

// messagePackReader reads MessagePack.
type messagePackReader struct {
	data []byte
	at   int // what was read of it
}

func (r *messagePackReader) end() error {
	if r.at < len(r.data) {
		return malformed("bytes after the MessagePack value")
	}
	return nil
}

func (r *messagePackReader) read(it *Item) error {
	if r.atExtension() {
		return r.undefined(it)
	}
	h := MessagePackHead(r.data, r.at)
	if !h.Sized(r.data) {
		if h.Kind == KindList || h.Kind == KindMap {
			return errMessagePackLength
		}
		return errMessagePack
	}
	r.at = h.End
	switch h.Kind {
	case KindBad:
		return errMessagePack
	case KindText, KindBytes:
		b := r.data[h.From:h.End]
		if h.Kind == KindText && !utf8.Valid(b) {
			return malformed("a MessagePack string is not valid UTF-8")
		}
		it.setChars(h.Kind, b)
	case KindList, KindMap:
		it.setContainer(h.Kind, int64(h.N))
	default:
		it.setScalar(h)
	}
	return nil
}

// atExtension reports whether an extension comes next, be it broken off.
func (r *messagePackReader) atExtension() bool {
	if r.at == len(r.data) {
		return false
	}
	c := r.data[r.at]
	return c >= 0xc7 && c <= 0xc9 || c >= 0xd4 && c <= 0xd8
}

// undefined reads the one extension that is taken: fixext 1 of type 0, which
// JavaScript's msgpackr writes for undefined.
func (r *messagePackReader) undefined(it *Item) error {
	const fixext1, size = 0xd4, 3
	if b := r.data[r.at:]; b[0] != fixext1 || len(b) < size || b[1] != 0 {
		return errMessagePackExt
	}
	r.at += size
	it.Kind = KindNull
	return nil
}
