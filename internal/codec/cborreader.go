package codec

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"
	"unicode/utf8"
)

// Major types of CBOR (RFC 8949, section 3.1) and the tags that are taken.
const (
	majorUnsigned = iota
	majorNegative
	majorBytes
	majorText
	majorList
	majorMap
	majorTag
	majorSimple

	tagBignum         = 2
	tagNegativeBignum = 3
	tagUint8Array     = 64 // RFC 8746
)

// What the second part of a value's first byte says of its argument.
const (
	infoDirect     = 24 // below it, it is the argument
	infoEight      = 27 // the last that tells of bytes that follow: 8
	infoIndefinite = 31

	infoFalse     = 20
	infoTrue      = 21
	infoNull      = 22
	infoUndefined = 23
	infoHalf      = 25
	infoSingle    = 26
	infoDouble    = 27
)

const breakByte = 0xff

var (
	errCBOR       = malformed("not valid CBOR")
	errCBORTag    = malformed("a CBOR tag or simple value with no meaning here")
	errCBORLength = malformed("a CBOR length beyond the data")
)

// cborReader reads CBOR (RFC 8949). Tags other than those above have no meaning in a
// record.
type cborReader struct {
	data   []byte
	at     int    // what was read of it
	joined []byte // chunks of the string that was read last
}

// left is how many bytes are left.
func (r *cborReader) left() int { return len(r.data) - r.at }

func (r *cborReader) end() error {
	if r.left() > 0 {
		return malformed("bytes after the CBOR value")
	}
	return nil
}

// cborHead is the first part of a value: its type and its argument. An
// argument of indefinite length is 0.
type cborHead struct {
	major, info byte
	arg         uint64
}

func (h cborHead) indefinite() bool { return h.info == infoIndefinite }

// kindOfChars is the kind of a byte or text string.
func (h cborHead) kindOfChars() Kind {
	if h.major == majorText {
		return KindText
	}
	return KindBytes
}

func (r *cborReader) head() (cborHead, error) {
	if r.left() == 0 {
		return cborHead{}, errCBOR
	}
	h := cborHead{major: r.data[r.at] >> 5, info: r.data[r.at] & 0x1f}
	r.at++
	switch {
	case h.info < infoDirect:
		h.arg = uint64(h.info)
		return h, nil
	case h.indefinite() && h.major >= majorBytes && h.major <= majorMap:
		return h, nil
	case h.info > infoEight:
		return cborHead{}, errCBOR
	}
	size := 1 << (h.info - infoDirect)
	if r.left() < size {
		return cborHead{}, errCBOR
	}
	b := r.data[r.at:]
	r.at += size
	switch size {
	case 1:
		h.arg = uint64(b[0])
	case 2:
		h.arg = uint64(binary.BigEndian.Uint16(b))
	case 4:
		h.arg = uint64(binary.BigEndian.Uint32(b))
	default:
		h.arg = binary.BigEndian.Uint64(b)
	}
	return h, nil
}

func (r *cborReader) read(it *Item) error {
	if r.atBreak() {
		it.Kind = KindEnd
		return nil
	}
	h, err := r.head()
	if err != nil {
		return err
	}
	switch h.major {
	case majorUnsigned:
		it.setUnsigned(h.arg)
	case majorNegative:
		if h.arg <= math.MaxInt64 {
			it.setInteger(^int64(h.arg))
			return nil
		}
		n := new(big.Int).SetUint64(h.arg)
		return it.setBig(n.Not(n))
	case majorBytes, majorText:
		return r.chars(it, h)
	case majorList:
		return r.container(it, h, KindList, 1)
	case majorMap:
		return r.container(it, h, KindMap, 2)
	case majorTag:
		return r.tag(it, h)
	default:
		return it.setSimple(h)
	}
	return nil
}

// container is the head of a list or map, whose elements or entries have at least
// size bytes.
func (r *cborReader) container(it *Item, h cborHead, kind Kind, size uint64) error {
	if h.indefinite() {
		it.setContainer(kind, undeclared)
		return nil
	}
	if h.arg > uint64(r.left())/size {
		return errCBORLength
	}
	it.setContainer(kind, int64(h.arg))
	return nil
}

// chars reads a byte or text string.
func (r *cborReader) chars(it *Item, h cborHead) error {
	if h.indefinite() {
		return r.chunks(it, h)
	}
	b, err := r.take(h.arg)
	if err != nil {
		return err
	}
	if h.major == majorText && !utf8.Valid(b) {
		return errCBOR
	}
	it.setChars(h.kindOfChars(), b)
	return nil
}

// chunks reads a string of indefinite length. Each chunk of a text is text by itself.
func (r *cborReader) chunks(it *Item, h cborHead) error {
	r.joined = r.joined[:0]
	for !r.atBreak() {
		next, err := r.head()
		if err != nil {
			return err
		}
		if next.major != h.major || next.indefinite() {
			return errCBOR
		}
		if err := r.chars(it, next); err != nil {
			return err
		}
		r.joined = append(r.joined, it.B...)
	}
	it.setChars(h.kindOfChars(), r.joined)
	return nil
}

// tag takes bignums and byte arrays.
func (r *cborReader) tag(it *Item, h cborHead) error {
	if h.arg != tagBignum && h.arg != tagNegativeBignum && h.arg != tagUint8Array {
		return errCBORTag
	}
	head, err := r.head()
	if err != nil {
		return err
	}
	if head.major != majorBytes {
		return errCBORTag
	}
	if err := r.chars(it, head); err != nil || h.arg == tagUint8Array {
		return err
	}
	digits := bytes.TrimLeft(it.B, "\x00")
	if len(digits) > MaxBigBits/8+1 {
		return malformed("an integer beyond MaxBigBits")
	}
	n := new(big.Int).SetBytes(digits)
	if h.arg == tagNegativeBignum {
		n.Not(n)
	}
	return it.setBig(n)
}

// setSimple takes false, true, null, undefined and floats.
func (it *Item) setSimple(h cborHead) error {
	switch h.info {
	case infoFalse:
		it.Kind = KindFalse
	case infoTrue:
		it.Kind = KindTrue
	case infoNull, infoUndefined:
		it.Kind = KindNull
	case infoHalf:
		it.setFloat(halfFloat(uint16(h.arg)))
	case infoSingle:
		it.setFloat(float64(math.Float32frombits(uint32(h.arg))))
	case infoDouble:
		it.setFloat(math.Float64frombits(h.arg))
	default:
		return errCBORTag
	}
	return nil
}

// halfFloat is the value of an IEEE 754 half-precision float (RFC 8949, appendix D).
func halfFloat(bits uint16) float64 {
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	var f float64
	switch {
	case exponent == 0:
		f = math.Ldexp(fraction, -24)
	case exponent < 31:
		f = math.Ldexp(fraction+1024, exponent-25)
	case fraction == 0:
		f = math.Inf(1)
	default:
		f = math.NaN()
	}
	if bits&0x8000 != 0 {
		f = math.Copysign(f, -1)
	}
	return f
}

func (r *cborReader) take(n uint64) ([]byte, error) {
	if n > uint64(r.left()) {
		return nil, errCBORLength
	}
	b := r.data[r.at:][:n]
	r.at += int(n)
	return b, nil
}

// atBreak steps over the end of something indefinite if it comes next.
func (r *cborReader) atBreak() bool {
	if r.left() == 0 || r.data[r.at] != breakByte {
		return false
	}
	r.at++
	return true
}
