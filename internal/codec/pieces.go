package codec

import "strings"

// pieceSize is how much is copied at once, in bytes. A copy of 1 MiB or more goes around the
// cache (Go's memmove on amd64), where what is sealed or compared next should be.
const pieceSize = 256 << 10

// appendPieces appends b.
func appendPieces[T string | []byte](dst []byte, b T) []byte {
	for len(b) > pieceSize && cap(dst)-len(dst) >= len(b) {
		dst, b = append(dst, b[:pieceSize]...), b[pieceSize:]
	}
	return append(dst, b...)
}

// textOf is b as a string.
func textOf(b []byte) string {
	if len(b) <= pieceSize {
		return string(b)
	}
	var s strings.Builder
	s.Grow(len(b))
	for ; len(b) > pieceSize; b = b[pieceSize:] {
		s.Write(b[:pieceSize]) // which never fails
	}
	s.Write(b)
	return s.String()
}
