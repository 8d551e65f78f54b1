package proctest

import (
	"context"
	"strings"
	"sync"
)

// output collects what a program writes.
type output struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed and replaced at each write
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.text.Write(p)
}

// String returns all that was written.
func (o *output) String() string {
	text, _ := o.read()
	return text
}

// read returns all that was written, and what is closed when there is more.
func (o *output) read() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.changed
}

// await waits until what was written is enough. It returns false when ctx ends
// before that, or ended is closed, after which nothing is written.
func (o *output) await(ctx context.Context, ended <-chan struct{}, enough func(string) bool) bool {
	for {
		text, changed := o.read()
		if enough(text) {
			return true
		}
		select {
		case <-changed:
		case <-ended:
			return enough(o.String())
		case <-ctx.Done():
			return false
		}
	}
}
