package message

import (
	"reflect"

	ugorji "github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// cborSyntax is CBOR (RFC 8949).
type cborSyntax struct{}

// tagSelfDescribed says that what follows is CBOR.
const tagSelfDescribed = 55799

// head passes over tags that say that CBOR follows.
func (*cborSyntax) head(b []byte, i int) codec.Head {
	h := codec.CBORHead(b, i)
	for h.Kind == codec.KindTag && h.N == tagSelfDescribed {
		h = codec.CBORHead(b, h.End)
		h.Start = i
	}
	if h.Open && (h.Kind == codec.KindText || h.Kind == codec.KindBytes) {
		return cborChunks(b, h)
	}
	if !h.Sized(b) {
		return codec.Head{}
	}
	return h
}

// cborChunks completes the head of text or bytes that come in chunks.
func cborChunks(b []byte, h codec.Head) codec.Head {
	for h.End < len(b) && b[h.End] != codec.CBORBreak {
		chunk := codec.CBORHead(b, h.End)
		if chunk.Kind != h.Kind || chunk.Open || !chunk.Sized(b) {
			return codec.Head{}
		}
		h.N += chunk.N
		h.End = chunk.End
	}
	if h.End >= len(b) {
		return codec.Head{}
	}
	h.End++
	return h
}

func (*cborSyntax) next(b []byte, i int, _ bool, _ codec.Kind) (int, bool) {
	switch {
	case i >= len(b):
		return -1, false
	case b[i] == codec.CBORBreak:
		return i + 1, false
	}
	return i, true
}

func (*cborSyntax) behindKey(_ []byte, i int) int { return i }

func (*cborSyntax) textKey(b []byte, h codec.Head) bool {
	return (h.Kind == codec.KindText || h.Kind == codec.KindBytes || h.Kind == codec.KindNull) && !tagged(b, h)
}

func (*cborSyntax) appendContent(to, b []byte, h codec.Head) ([]byte, bool) {
	for i := h.From; i < h.End-1; {
		chunk := codec.CBORHead(b, i)
		i = chunk.From + int(chunk.N)
		to = append(to, b[chunk.From:i]...)
	}
	return to, true
}

// tagged reports whether there is a tag, whose major type is 6, before a value that is none.
func tagged(b []byte, h codec.Head) bool { return b[h.Start]>>5 == 6 }

// special decodes times and big numbers, and no other tag. nexus's serializer reads
// anything for the contents of a tag: here they have to be of the right kind.
func (s *cborSyntax) special(b []byte, h codec.Head) (any, bool) {
	of := s.head(b, h.End)
	ok := false
	switch of.Kind {
	case codec.KindNull:
		ok = true
	case codec.KindText, codec.KindBytes:
		ok = h.N != 1
	case codec.KindUint, codec.KindInt, codec.KindFloat:
		ok = h.N == 1
	}
	if !ok || h.Kind != codec.KindTag || h.N > 3 || tagged(b, of) {
		return nil, false
	}
	return cborPool.decode(b[h.Start:of.End])
}

func (*cborSyntax) appendOther(b []byte, v any) ([]byte, error) { return cborPool.encode(b, v) }

// cborPool is set up as nexus's serializer, but for a fault of that.
var cborPool = newPool(func() ugorji.Handle {
	handle := new(ugorji.CborHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	handle.NoAddressableReadonly = true // else it reads foreign memory: codec.AtAnAddress
	return handle
}())
