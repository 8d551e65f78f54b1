package message

// kind is what a value is.
type kind uint8

const (
	kindBad    kind = iota // no value: malformed
	kindNull               //
	kindBool               // n: 1 for true
	kindUint               // n
	kindInt                // n: its bits
	kindFloat              // n: its bits as float64
	kindNumber             // JSON: a number that isn't read yet
	kindText               //
	kindBytes              //
	kindList               //
	kindMap                //
	kindTag                // CBOR: n is the tag, the value stands at end
	kindExt                // MessagePack: an extension
	kindJunk               // its end is known, but nothing that it stands for
)

// head is what the beginning of a value says.
type head struct {
	kind kind
	// open: the length of a list or map isn't known; text has escapes, or text and
	// bytes come in chunks.
	open  bool
	start int    // where the value begins
	from  int    // where its content begins
	end   int    // behind the value; in list, map and tag: where the first item begins
	n     uint64 // number, or length: at most what there are bytes for
}

// format is how values are told apart in a serialization.
type format interface {
	// head reads what stands at b[i:], which may be the end of b.
	head(b []byte, i int) head
	// next returns where the next item of an open list or map begins, or what is
	// behind its end. A negative result means that neither is there.
	next(b []byte, i int, first bool, of kind) (at int, more bool)
	// behindKey returns where the value of a key begins that ends before b[i:].
	behindKey(b []byte, i int) int
	// textKey reports whether the value at b[i:] is a key that nexus reads as such.
	textKey(b []byte, h head) bool
	// appendContent appends what open text or bytes stand for.
	appendContent(to, b []byte, h head) ([]byte, bool)
	// special decodes a number, tag or extension.
	special(b []byte, h head) (any, bool)
	// appendOther appends a value of any type, as nexus does.
	appendOther(b []byte, v any) ([]byte, error)
}

// items goes over the items of a list, or the keys of a map.
type items struct {
	format
	b     []byte
	at    int    // where an item begins; its reader moves it to the item's end, negative where there is none
	left  uint64 // 0 where open
	kind  kind
	open  bool
	first bool
}

func itemsOf(f format, b []byte, h head) items {
	return items{format: f, b: b, at: h.end, left: h.n, kind: h.kind, open: h.open, first: true}
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
func content(f format, b []byte, h head, scratch []byte) ([]byte, bool) {
	if h.open {
		return f.appendContent(scratch[:0], b, h)
	}
	return b[h.from : h.from+int(h.n)], true
}
