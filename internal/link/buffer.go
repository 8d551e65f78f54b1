package link

import (
	"math/bits"
	"sync"
)

// buffer is room for a message that is written or read.
type buffer struct{ bytes []byte }

// Buffers have unit << class bytes of room: 1 KiB to 16 MiB in powers of two, and a bit
// more, as a message is a bit more than what it carries. Beyond maxClass they have just what
// is asked for, and aren't used again.
const (
	unit     = 33
	minClass = 5
	maxClass = 19
)

// buffers are those that nobody uses, by class.
var buffers [maxClass + 1]sync.Pool

// newBuffer returns an empty buffer with room for so many bytes.
func newBuffer(size int) *buffer {
	class := minClass
	if units := (size + unit - 1) / unit; units > 1<<minClass {
		class = bits.Len(uint(units - 1))
	}
	if class > maxClass {
		return &buffer{make([]byte, 0, size)}
	}
	if b, ok := buffers[class].Get().(*buffer); ok {
		return b
	}
	return &buffer{make([]byte, 0, unit<<class)}
}

// release gives b to others. Nothing that points into it may be in use.
func (b *buffer) release() {
	class := bits.Len(uint(cap(b.bytes)/unit)) - 1
	if class >= minClass && class <= maxClass && cap(b.bytes) == unit<<class {
		b.bytes = b.bytes[:0]
		buffers[class].Put(b)
	}
}

// grow makes room for another byte. Where there is none b moves, to twice the room: what is
// taken is never more than twice what has come.
func (b *buffer) grow() {
	if len(b.bytes) < cap(b.bytes) {
		return
	}
	larger := newBuffer(2 * cap(b.bytes))
	larger.bytes = append(larger.bytes, b.bytes...)
	b.bytes, larger.bytes = larger.bytes, b.bytes
	larger.release()
}
