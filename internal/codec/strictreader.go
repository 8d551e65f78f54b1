package codec

import (
	"hash/maphash"
	"math"
	"math/bits"
	"unicode/utf8"
)

// StrictReader reads CBOR (RFC 8949) in which nearly every value has one form: lengths
// are definite, heads the shortest, bignums beyond 64 bits and without leading zeros.
// Floats may have any width. There is no undefined, and no tags but 1 on a number (a
// time, in the years 1 to 9999) and those of bignums. Its limits are those of a [Writer].
//
// A value is scanned first, by the Scan methods, which allocate nothing that lasts. What
// was scanned is built by [StrictReader.List] and [StrictReader.Map], as often as wanted.
// The zero StrictReader has nothing to read.
type StrictReader struct {
	data   []byte
	at     int // what was read of it
	left   budget
	spans  []span // of keys of the maps that are being scanned
	keys   keptKeys
	keyed  bool                   // there may be something in keys
	shared struct{ from, to int } // of data: a byte string that was built
}

// span is where a key stands.
type span struct{ from, to uint32 }

// maxSpans is for how many keys room is kept.
const maxSpans = 1 << 10

var (
	errShortest = malformed("a CBOR head that is not the shortest, or of indefinite length")
	errTime     = malformed("a CBOR time that is no number, or not in the years 1 to 9999")
	errBignum   = malformed("a CBOR bignum that is no byte string, fits 64 bits, has leading zeros or is beyond MaxBigBits")
)

// Reset begins to read data, which has at most [MaxBytes] bytes and may not change until
// [StrictReader.Release]. A reader that has read before was released.
func (r *StrictReader) Reset(data []byte) {
	r.data, r.at = data, 0
	r.left = budget{values: MaxValues, memory: maxMemory(len(data))}
}

// Release keeps nothing of what was read.
func (r *StrictReader) Release() {
	if cap(r.spans) > maxSpans {
		r.spans = nil
	}
	if r.keyed {
		clear(r.keys[:])
	}
	r.data, r.spans, r.keyed = nil, r.spans[:0], false
	r.shared.from, r.shared.to = 0, 0
}

// Memory is how many bytes of memory what was scanned takes, once it is built.
func (r *StrictReader) Memory() int { return maxMemory(len(r.data)) - r.left.memory }

// End reports whether nothing is left to read.
func (r *StrictReader) End() bool { return r.at == len(r.data) }

// Head reads the head of a list that the caller knows, and for which nothing is charged.
// It reports whether it is one, of n elements.
func (r *StrictReader) Head() (n uint64, ok bool) {
	major, _, n, err := r.head()
	return n, err == nil && major == majorList
}

// Null steps over a null, if it comes next.
func (r *StrictReader) Null() bool {
	if r.at < len(r.data) && r.data[r.at] == cborNull {
		r.at++
		return true
	}
	return false
}

// Uint reads an integer that isn't negative, and reports whether it is one.
func (r *StrictReader) Uint() (n uint64, ok bool) {
	major, _, n, err := r.head()
	return n, err == nil && major == majorUnsigned
}

// Text reads a text, and reports whether it is one and valid UTF-8. It is a part of the
// data.
func (r *StrictReader) Text() (b []byte, ok bool) {
	major, _, n, err := r.head()
	if err != nil || major != majorText || n > r.rest() {
		return nil, false
	}
	b = r.step(n)
	return b, utf8.Valid(b)
}

// Bytes reads a byte string, and reports whether it is one. It is a part of the data.
func (r *StrictReader) Bytes() (b []byte, ok bool) {
	major, _, n, err := r.head()
	if err != nil || major != majorBytes || n > r.rest() {
		return nil, false
	}
	return r.step(n), true
}

// Padding steps over a byte string whose head may be longer than the shortest, and
// reports whether it is one.
func (r *StrictReader) Padding() bool {
	h := CBORHead(r.data, r.at)
	if h.Kind != KindBytes || h.Open || !h.Sized(r.data) {
		return false
	}
	r.at = h.End
	return true
}

// absent is where a list or map is that is null.
const absent = -1

// ScanList steps over a list that stands inside depth lists and maps, or a null, and
// gives its place for [StrictReader.List].
//
// Errors: [ErrMalformed], also for another type, and [ErrTooLarge].
func (r *StrictReader) ScanList(depth int) (at int, err error) {
	return r.scanAs(majorList, depth)
}

// ScanMap is ScanList for a map and [StrictReader.Map].
func (r *StrictReader) ScanMap(depth int) (at int, err error) {
	return r.scanAs(majorMap, depth)
}

func (r *StrictReader) scanAs(major byte, depth int) (at int, err error) {
	if r.Null() {
		return absent, nil
	}
	at = r.at
	if at >= len(r.data) || r.data[at]>>5 != major {
		return absent, errCBOR
	}
	return at, r.scan(depth)
}

// rest is how many bytes are left.
func (r *StrictReader) rest() uint64 { return uint64(len(r.data) - r.at) }

// step reads n bytes of which there are as many.
func (r *StrictReader) step(n uint64) []byte {
	from := r.at
	r.at += int(n)
	return r.data[from:r.at]
}

// head reads a head: major type, the rest of its first byte, and its argument.
func (r *StrictReader) head() (major, info byte, n uint64, err error) {
	if r.at >= len(r.data) {
		return 0, 0, 0, errCBOR
	}
	b := r.data[r.at]
	if b&0x1f < infoDirect {
		r.at++
		return b >> 5, b & 0x1f, uint64(b & 0x1f), nil
	}
	return r.longHead()
}

// least are the arguments that need 1, 2, 4 and 8 bytes behind the first.
var least = [...]uint64{infoDirect, 1 << 8, 1 << 16, 1 << 32}

// longHead reads a head of several bytes.
func (r *StrictReader) longHead() (major, info byte, n uint64, err error) {
	major, info = r.data[r.at]>>5, r.data[r.at]&0x1f
	if info > infoEight {
		return 0, 0, 0, errShortest
	}
	size := uint64(1) << (info - infoDirect)
	if size >= r.rest() {
		return 0, 0, 0, errCBOR
	}
	r.at++
	n = bigEndian(r.step(size))
	if major == majorSimple {
		if info < infoHalf {
			return 0, 0, 0, errCBORTag
		}
		return major, info, n, nil
	}
	if n < least[info-infoDirect] {
		return 0, 0, 0, errShortest
	}
	return major, info, n, nil
}

// scan steps over a value that stands inside depth lists and maps.
func (r *StrictReader) scan(depth int) error {
	major, info, n, err := r.head()
	if err != nil {
		return err
	}
	switch major {
	case majorUnsigned:
		return r.left.takeMemory(WordMemory(int64(n)))
	case majorNegative:
		if n > math.MaxInt64 {
			return r.left.takeMemory(bigBitsMemory(bits.Len64(n)))
		}
		return r.left.takeMemory(WordSize)
	case majorBytes, majorText:
		return r.scanChars(major, n)
	case majorList:
		return r.scanElements(n, depth)
	case majorMap:
		return r.scanEntries(n, depth)
	case majorTag:
		return r.scanTag(n)
	}
	return r.scanSimple(info, n)
}

func (r *StrictReader) scanChars(major byte, n uint64) error {
	if n > r.rest() {
		return errCBORLength
	}
	b := r.step(n)
	if major == majorBytes {
		return r.left.takeMemory(BytesMemory(len(b)))
	}
	if !utf8.Valid(b) {
		return errCBOR
	}
	return r.left.takeMemory(TextMemory(len(b)))
}

func (r *StrictReader) scanSimple(info byte, n uint64) error {
	switch info {
	case infoFalse, infoTrue, infoNull:
		return nil
	case infoHalf, infoSingle, infoDouble:
		_, bits := simple(info, n)
		return r.left.takeMemory(WordMemory(int64(bits)))
	}
	return errCBORTag
}

// enter charges for n elements or entries.
func (r *StrictReader) enter(n, rest uint64, depth int) error {
	switch {
	case n > rest:
		return errCBORLength
	case depth >= maxNesting:
		return errTooDeep
	}
	return r.left.takeValues(int(n))
}

// scanElements steps over what is in a list.
func (r *StrictReader) scanElements(n uint64, depth int) error {
	if err := r.enter(n, r.rest(), depth); err != nil {
		return err
	}
	if err := r.left.takeMemory(SliceSize + ListMemory(int(n))); err != nil {
		return err
	}
	for range n {
		if err := r.scan(depth + 1); err != nil {
			return err
		}
	}
	return nil
}

// scanEntries steps over what is in a map.
func (r *StrictReader) scanEntries(n uint64, depth int) error {
	if err := r.enter(n, r.rest()/2, depth); err != nil {
		return err
	}
	if err := r.left.takeMemory(MapMemory(int(n))); err != nil {
		return err
	}
	first := len(r.spans)
	for range n {
		key, ok := r.Text()
		if !ok {
			return errKeyNotText
		}
		if err := r.left.takeMemory(CharsMemory(len(key))); err != nil {
			return err
		}
		r.spans = append(r.spans, span{uint32(r.at - len(key)), uint32(r.at)})
		if err := r.scan(depth + 1); err != nil {
			return err
		}
	}
	twice := r.anyTwice(r.spans[first:])
	r.spans = r.spans[:first]
	if twice {
		return errKeyTwice
	}
	return nil
}

// fewKeys are compared each with each: that is faster than to hash them.
const fewKeys = 8

// anyTwice reports whether two keys are equal.
func (r *StrictReader) anyTwice(keys []span) bool {
	if len(keys) > fewKeys {
		return r.anyHashedTwice(keys)
	}
	for i := range keys {
		for j := range i {
			if r.equal(keys[i], keys[j]) {
				return true
			}
		}
	}
	return false
}

// keySeed has nobody choose keys whose hashes are equal.
var keySeed = maphash.MakeSeed()

// anyHashedTwice is anyTwice for many keys. It puts them into a table that is half full at
// most: each at its hash, or the next place that is free.
func (r *StrictReader) anyHashedTwice(keys []span) bool {
	var small [256]uint32
	places := small[:]
	if 2*len(keys) > len(small) {
		places = make([]uint32, 1<<bits.Len(uint(2*len(keys))))
	}
	mask := uint64(len(places) - 1)
	for i, key := range keys {
		at := maphash.Bytes(keySeed, r.data[key.from:key.to]) & mask
		for ; places[at] != 0; at = (at + 1) & mask {
			if r.equal(keys[places[at]-1], key) {
				return true
			}
		}
		places[at] = uint32(i + 1)
	}
	return false
}

func (r *StrictReader) equal(a, b span) bool {
	return string(r.data[a.from:a.to]) == string(r.data[b.from:b.to])
}

// scanTag steps over what stands behind a tag.
func (r *StrictReader) scanTag(tag uint64) error {
	switch tag {
	case tagTime:
		major, info, n, err := r.head()
		if err != nil {
			return err
		}
		if _, ok := timeOf(major, info, n); !ok {
			return errTime
		}
		return r.left.takeMemory(timeSize)
	case tagBignum, tagNegativeBignum:
		b, ok := r.Bytes()
		if !ok || len(b) <= 8 || len(b) > MaxBigBits/8 || b[0] == 0 {
			return errBignum
		}
		size := bigBits(b, tag == tagNegativeBignum)
		if size > MaxBigBits {
			return errBignum
		}
		return r.left.takeMemory(bigBitsMemory(size))
	}
	return errCBORTag
}

// bigBits is the length in bits of the magnitude of b, or of -1-b. It begins with no zero.
func bigBits(b []byte, negative bool) int {
	size := 8*(len(b)-1) + bits.Len8(b[0])
	if !negative || bits.OnesCount8(b[0]) != bits.Len8(b[0]) {
		return size
	}
	for _, c := range b[1:] {
		if c != 0xff {
			return size
		}
	}
	return size + 1
}
