package cryptobox

import "encoding/binary"

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

var (
	errCBOR    = malformed("not valid CBOR")
	errCBORTag = malformed("a CBOR tag or simple value with no meaning here")
)

// scanCBOR walks data before it is decoded, without allocating: one value,
// nothing behind it, within the limits, text as map keys and no tags but
// those above, on byte strings. The decoder would pass over tag 55799 and
// make times of tags 0 and 1.
func scanCBOR(data []byte, depth int, left *budget) error {
	s := cborScan{rest: data, left: left}
	if err := s.value(depth); err != nil {
		return err
	}
	if len(s.rest) > 0 {
		return malformed("bytes after the CBOR value")
	}
	return nil
}

type cborScan struct {
	rest []byte
	left *budget
}

// cborHead is the first part of a value: its type and its argument. An
// argument of indefinite length is 0.
type cborHead struct {
	major, info byte
	arg         uint64
}

const (
	infoIndefinite = 31
	breakByte      = 0xff
)

func (h cborHead) indefinite() bool { return h.info == infoIndefinite }

func (s *cborScan) head() (cborHead, error) {
	if len(s.rest) == 0 {
		return cborHead{}, errCBOR
	}
	h := cborHead{major: s.rest[0] >> 5, info: s.rest[0] & 0x1f}
	s.rest = s.rest[1:]
	switch {
	case h.info < 24:
		h.arg = uint64(h.info)
		return h, nil
	case h.indefinite() && h.major >= majorBytes && h.major <= majorMap:
		return h, nil
	case h.info > 27:
		return cborHead{}, errCBOR
	}
	size := 1 << (h.info - 24)
	if len(s.rest) < size {
		return cborHead{}, errCBOR
	}
	var b [8]byte
	copy(b[8-size:], s.rest)
	h.arg = binary.BigEndian.Uint64(b[:])
	s.rest = s.rest[size:]
	return h, nil
}

func (s *cborScan) value(depth int) error {
	if err := s.left.takeValues(1); err != nil {
		return err
	}
	h, err := s.head()
	if err != nil {
		return err
	}
	switch h.major {
	case majorUnsigned, majorNegative:
		return nil
	case majorBytes, majorText:
		return s.chars(h)
	case majorList, majorMap:
		return s.entries(h, depth)
	case majorTag:
		return s.tag(h)
	}
	return checkSimple(h)
}

// chars skips a byte or text string.
func (s *cborScan) chars(h cborHead) error {
	if !h.indefinite() {
		return s.skip(h.arg)
	}
	for {
		if s.atBreak() {
			return nil
		}
		chunk, err := s.head()
		if err != nil {
			return err
		}
		if chunk.major != h.major || chunk.indefinite() {
			return errCBOR
		}
		if err := s.skip(chunk.arg); err != nil {
			return err
		}
	}
}

// entries walks a list or a map. A length beyond the data ends where the data
// does.
func (s *cborScan) entries(h cborHead, depth int) error {
	if depth >= maxNesting {
		return errTooDeep
	}
	for n := uint64(0); h.indefinite() || n < h.arg; n++ {
		if h.indefinite() && s.atBreak() {
			return nil
		}
		if h.major == majorMap {
			if err := s.key(); err != nil {
				return err
			}
		}
		if err := s.value(depth + 1); err != nil {
			return err
		}
	}
	return nil
}

func (s *cborScan) key() error {
	h, err := s.head()
	if err != nil {
		return err
	}
	if h.major != majorText {
		return malformed("a CBOR map key is not text")
	}
	return s.chars(h)
}

// tag takes bignums and byte arrays.
func (s *cborScan) tag(h cborHead) error {
	if h.arg != tagBignum && h.arg != tagNegativeBignum && h.arg != tagUint8Array {
		return errCBORTag
	}
	content, err := s.head()
	if err != nil {
		return err
	}
	if content.major != majorBytes {
		return errCBORTag
	}
	return s.chars(content)
}

// checkSimple takes false, true, null, undefined and floats.
func checkSimple(h cborHead) error {
	if (h.info >= 20 && h.info <= 23) || (h.info >= 25 && h.info <= 27) {
		return nil
	}
	return errCBORTag
}

func (s *cborScan) skip(n uint64) error {
	if n > uint64(len(s.rest)) {
		return malformed("a CBOR length beyond the data")
	}
	s.rest = s.rest[n:]
	return nil
}

// atBreak steps over the end of an indefinite value if it comes next.
func (s *cborScan) atBreak() bool {
	if len(s.rest) == 0 || s.rest[0] != breakByte {
		return false
	}
	s.rest = s.rest[1:]
	return true
}
