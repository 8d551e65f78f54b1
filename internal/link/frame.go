package link

import "sync"

// maxKept is the largest room, in bytes, in which a message of any size is written.
const maxKept = 64 << 10

// frames are buffers for messages that are written, of whatever room they have come to need:
// how large a message is isn't known before.
var frames = sync.Pool{New: func() any { return &buffer{make([]byte, 0, 1024)} }}

// newFrame returns an empty buffer for a message of about so many bytes.
func newFrame(size int) *buffer {
	if size > maxKept {
		return newBuffer(size)
	}
	f, _ := frames.Get().(*buffer)
	return f
}

// releaseFrame gives b to others.
func (b *buffer) releaseFrame() {
	if cap(b.bytes) > maxKept {
		b.release()
		return
	}
	b.bytes = b.bytes[:0]
	frames.Put(b)
}
