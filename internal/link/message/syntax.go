package message

import "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"

// syntax is how values are told apart in a serialization.
type syntax interface {
	// head reads what stands at b[i:], which may be the end of b.
	head(b []byte, i int) codec.Head
	// next returns where the next item of an open list or map begins, or what is
	// behind its end. A negative result means that neither is there.
	next(b []byte, i int, first bool, of codec.Kind) (at int, more bool)
	// behindKey returns where the value of a key begins that ends before b[i:].
	behindKey(b []byte, i int) int
	// textKey reports whether the value at b[i:] is a key that nexus reads as such.
	textKey(b []byte, h codec.Head) bool
	// appendContent appends what open text or bytes stand for.
	appendContent(to, b []byte, h codec.Head) ([]byte, bool)
	// special decodes a number, tag or extension.
	special(b []byte, h codec.Head) (any, bool)
	// appendOther appends a value of any type, as nexus does.
	appendOther(b []byte, v any) ([]byte, error)
}

// items goes over the items of a list, or the keys of a map.
type items struct {
	syntax
	b     []byte
	at    int    // where an item begins; its reader moves it to the item's end, negative where there is none
	left  uint64 // 0 where open
	kind  codec.Kind
	open  bool
	first bool
}

func itemsOf(s syntax, b []byte, h codec.Head) items {
	return items{syntax: s, b: b, at: h.End, left: h.N, kind: h.Kind, open: h.Open, first: true}
}

// more goes to the next item. Behind the last one at is the end of the whole.
func (it *items) more() bool {
	if it.at < 0 {
		return false
	}
	if !it.open {
		if it.left == 0 {
			return false
		}
		it.left--
		return true
	}
	var more bool
	it.at, more = it.next(it.b, it.at, it.first, it.kind)
	it.first = false
	it.open = more // an end isn't looked for twice
	return more
}

// content returns what text or bytes hold. It uses scratch where that isn't in b as it
// is.
func content(s syntax, b []byte, h codec.Head, scratch []byte) ([]byte, bool) {
	if h.Open {
		return s.appendContent(scratch[:0], b, h)
	}
	return b[h.From : h.From+int(h.N)], true
}
