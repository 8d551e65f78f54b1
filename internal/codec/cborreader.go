package codec

import (
	"bytes"
	"math"
	"math/big"
	"unicode/utf8"
)

var (
	errCBOR       = malformed("not valid CBOR")
	errCBORTag    = malformed("a CBOR tag or simple value with no meaning here")
	errCBORLength = malformed("a CBOR length beyond the data")
)

// cborReader reads CBOR (RFC 8949). Tags other than those of bignums and byte arrays
// have no meaning in a record.
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

func (r *cborReader) head() (Head, error) {
	h := CBORHead(r.data, r.at)
	if h.Kind == KindBad {
		return h, errCBOR
	}
	r.at = h.End
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
	switch h.Kind {
	case KindBig: // a negative one
		n := new(big.Int).SetUint64(^h.N)
		return it.setBig(n.Not(n))
	case KindText, KindBytes:
		return r.chars(it, h)
	case KindList, KindMap:
		return r.container(it, h)
	case KindTag:
		return r.tag(it, h)
	case KindJunk:
		return errCBORTag
	}
	it.setScalar(h)
	if f := math.Float64frombits(h.N); r.data[h.Start] == cborFloat16 && math.IsNaN(f) {
		it.setFloat(math.Copysign(math.NaN(), f)) // the bits behind it aren't kept
	}
	return nil
}

// container is the head of a list or map.
func (r *cborReader) container(it *Item, h Head) error {
	if h.Open {
		it.setContainer(h.Kind, undeclared)
		return nil
	}
	if !h.Sized(r.data) {
		return errCBORLength
	}
	it.setContainer(h.Kind, int64(h.N))
	return nil
}

// chars reads a byte or text string.
func (r *cborReader) chars(it *Item, h Head) error {
	if h.Open {
		return r.chunks(it, h)
	}
	if !h.Sized(r.data) {
		return errCBORLength
	}
	r.at = h.End
	b := r.data[h.From:h.End]
	if h.Kind == KindText && !utf8.Valid(b) {
		return errCBOR
	}
	it.setChars(h.Kind, b)
	return nil
}

// chunks reads a string of indefinite length. Each chunk of a text is text by itself.
func (r *cborReader) chunks(it *Item, h Head) error {
	r.joined = r.joined[:0]
	for !r.atBreak() {
		next, err := r.head()
		if err != nil {
			return err
		}
		if next.Kind != h.Kind || next.Open {
			return errCBOR
		}
		if err := r.chars(it, next); err != nil {
			return err
		}
		r.joined = append(r.joined, it.B...)
	}
	it.setChars(h.Kind, r.joined)
	return nil
}

// tag takes bignums and byte arrays.
func (r *cborReader) tag(it *Item, h Head) error {
	if h.N != tagBignum && h.N != tagNegativeBignum && h.N != TagUint8Array {
		return errCBORTag
	}
	head, err := r.head()
	if err != nil {
		return err
	}
	if head.Kind != KindBytes {
		return errCBORTag
	}
	if err := r.chars(it, head); err != nil || h.N == TagUint8Array {
		return err
	}
	digits := bytes.TrimLeft(it.B, "\x00")
	if len(digits) > MaxBigBits/8+1 {
		return malformed("an integer beyond MaxBigBits")
	}
	n := new(big.Int).SetBytes(digits)
	if h.N == tagNegativeBignum {
		n.Not(n)
	}
	return it.setBig(n)
}

// atBreak steps over the end of something indefinite if it comes next.
func (r *cborReader) atBreak() bool {
	if r.left() == 0 || r.data[r.at] != CBORBreak {
		return false
	}
	r.at++
	return true
}
