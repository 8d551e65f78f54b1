package evilrouter

import (
	"context"
	"fmt"
	"sync"
)

// maxRecord is how many messages are kept: the last ones.
const maxRecord = 1 << 14

// record holds what arrived.
type record struct {
	lock     sync.Mutex
	messages []*Message
	more     chan struct{} // closed, and made anew, when something arrives
}

func newRecord() record { return record{more: make(chan struct{})} }

// note notes a message, before any hook sees it.
func (r *record) note(m *Message, data []byte) {
	kept := m.Clone()
	kept.Data = data
	r.lock.Lock()
	defer r.lock.Unlock()
	if len(r.messages) == maxRecord {
		r.messages = append(r.messages[:0], r.messages[maxRecord/2:]...)
	}
	r.messages = append(r.messages, kept)
	close(r.more)
	r.more = make(chan struct{})
}

// Messages returns copies of the recorded messages that match, in the order in which
// they arrived; all for a nil match. The last 8,192 at least are in the record.
func (r *record) Messages(match func(*Message) bool) []*Message {
	found, _ := r.find(match)
	return found
}

func (r *record) find(match func(*Message) bool) ([]*Message, <-chan struct{}) {
	r.lock.Lock()
	defer r.lock.Unlock()
	var found []*Message
	for _, m := range r.messages {
		if match == nil || match(m) {
			found = append(found, m.Clone())
		}
	}
	return found, r.more
}

// Await returns a copy of the first message in the record that matches, and waits for
// one where there is none. The error is the context's.
func (r *record) Await(ctx context.Context, match func(*Message) bool) (*Message, error) {
	for {
		found, more := r.find(match)
		if len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, fmt.Errorf("evilrouter: no such message: %w", ctx.Err())
		}
	}
}

// Forget empties the record.
func (r *record) Forget() {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.messages = nil
}
