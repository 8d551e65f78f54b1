package proctest

import (
	"context"
	"strings"
	"sync"
)

// lines collects what a program writes.
type lines struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed and replaced at each write
}

func newLines() *lines { return &lines{changed: make(chan struct{})} }

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return l.text.Write(p)
}

// String returns all that was written.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await waits until the line was written n times. It returns false when ctx
// ends, or ended is closed, before that.
func (l *lines) await(ctx context.Context, ended <-chan struct{}, line string, n int) bool {
	for {
		over := false
		select {
		case <-ended:
			over = true
		default:
		}
		l.mu.Lock()
		count, changed := l.count(line), l.changed
		l.mu.Unlock()
		if count >= n {
			return true
		}
		if over {
			return false
		}
		select {
		case <-changed:
		case <-ended:
		case <-ctx.Done():
			return false
		}
	}
}

func (l *lines) count(line string) int {
	n := 0
	for got := range strings.SplitSeq(l.text.String(), "\n") {
		if got == line {
			n++
		}
	}
	return n
}
