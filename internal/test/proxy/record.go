package proxy

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// DefaultLimit is how many bytes a proxy records: 64 MiB.
const DefaultLimit = 64 << 20

// overhead is what a recorded message counts for besides its bytes, so that
// empty ones are bounded too.
const overhead = 96

// record holds what arrived, up to a limit. What doesn't fit, and all after it, is left
// out.
type record struct {
	limit int

	lock      sync.Mutex
	messages  []*Message
	size      int
	truncated bool
}

// note notes a message, before any hook sees it. It keeps m, which nobody may change
// afterwards.
func (r *record) note(m *Message) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.truncated || len(m.Data)+overhead > r.limit-r.size {
		r.truncated = true
		return
	}
	r.size += len(m.Data) + overhead
	r.messages = append(r.messages, m)
}

// lose notes that bytes crossed the wire which are not in the record.
func (r *record) lose() {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.truncated = true
}

// Truncated says that something crossed the proxy which isn't in the record, for
// want of room. Such a one never reports that something was absent.
func (r *record) Truncated() bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.truncated
}

// Messages returns copies of the recorded WAMP messages that match, in the order in
// which they arrived; all for a nil match.
func (r *record) Messages(match func(*Message) bool) (found []*Message) {
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, m := range r.messages {
		if !m.Control && (match == nil || match(m)) {
			found = append(found, m.Clone())
		}
	}
	return found
}

// Await returns a copy of the first message in the record that matches, and waits for
// one where there is none. The error is the context's.
func (r *record) Await(ctx context.Context, match func(*Message) bool) (*Message, error) {
	for {
		if found := r.Messages(match); len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("proxy: no such message: %w", ctx.Err())
		}
	}
}

// Forget empties the record.
func (r *record) Forget() {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.messages, r.size = nil, 0
}
