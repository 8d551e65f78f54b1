package link

import "sync"

// frame is room for a message that is written.
type frame struct{ bytes []byte }

var frames = sync.Pool{New: func() any { return &frame{bytes: make([]byte, 0, 1024)} }}

func newFrame() *frame {
	f, _ := frames.Get().(*frame)
	return f
}

func (f *frame) release() {
	if cap(f.bytes) > maxKept {
		return
	}
	f.bytes = f.bytes[:0]
	frames.Put(f)
}
