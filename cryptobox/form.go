package cryptobox

import (
	"crypto/ed25519"
	"encoding/binary"
)

// form says what stands before the record in what suites 4 and 5 seal. It is the first byte.
type form byte

const (
	formUnsigned form = 0 // nothing more: an answer that anybody may have made who reads
	formSigned   form = 1 // signer, and a signature of this message
	formOnce     form = 2 // signer, two dates, and a signature of what is sealed between them
)

const (
	signerSize = len(Signer{})
	dateSize   = 8

	signerAt = 1
	datesAt  = signerAt + signerSize
)

// front is how many bytes that is, form included.
func (f form) front() int {
	switch f {
	case formSigned:
		return signerAt + signerSize + ed25519.SignatureSize
	case formOnce:
		return datesAt + 2*dateSize + ed25519.SignatureSize
	}
	return 1
}

// once tells whether records of a kind may be in form 2.
func (k Kind) once() bool { return k != KindPublish && k != KindRefusal }

// mostFront is the longest.
const mostFront = datesAt + 2*dateSize + ed25519.SignatureSize

// maxSpan is how far apart in milliseconds the dates may be of what is signed once.
const maxSpan = 60 * 60 * 1000

// span is a time from one date to another, both included, in Unix milliseconds.
type span struct{ notBefore, notAfter uint64 }

// earlier is how long before it is first used the span of a context begins, in
// milliseconds: a clock may be set back a little.
const earlier = 60 * 1000

// spanFrom is the one of a context that is first used at ts.
func spanFrom(ts int64) span {
	begin := max(ts, earlier) - earlier
	return span{uint64(begin), uint64(begin) + maxSpan}
}

// readSpan reads the dates of form 2.
func readSpan(front []byte) span {
	return span{binary.BigEndian.Uint64(front[datesAt:]), binary.BigEndian.Uint64(front[datesAt+dateSize:])}
}

func (s span) append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, s.notBefore)
	return binary.BigEndian.AppendUint64(dst, s.notAfter)
}

// holds tells whether the span is a sound one, and ts is in it.
func (s span) holds(ts int64) bool {
	return s.notAfter >= s.notBefore && s.notAfter-s.notBefore <= maxSpan &&
		s.notBefore <= uint64(ts) && uint64(ts) <= s.notAfter
}
