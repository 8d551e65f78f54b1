package link

import (
	"math/bits"
	"sync"
)

// buffer is room for a message that is written or read.
type buffer struct{ bytes []byte }

// Room is a power of two bytes, and at least so much. That of up to 1 << maxClass bytes is
// used again.
const (
	minClass = 10
	maxClass = 24
)

// buffers are those that nobody uses: in buffers[i] are such of at least 1 << (minClass+i)
// bytes, and of less than twice as many.
var buffers [maxClass - minClass + 1]sync.Pool

// newBuffer returns an empty buffer for so many bytes and more.
func newBuffer(size int) *buffer {
	class := max(minClass, bits.Len(uint(max(size, 1)-1)))
	if class <= maxClass {
		if b, ok := buffers[class-minClass].Get().(*buffer); ok {
			return b
		}
	}
	return &buffer{make([]byte, 0, 1<<class)}
}

// release gives b to others. Nothing that points into it may be in use.
func (b *buffer) release() {
	class := bits.Len(uint(cap(b.bytes))) - 1
	if class >= minClass && class <= maxClass {
		b.bytes = b.bytes[:0]
		buffers[class-minClass].Put(b)
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
