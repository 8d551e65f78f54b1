package wiretap

import (
	"bytes"
	"sync"
	"time"
)

// DefaultLimit is how many bytes a tap records: 64 MiB.
const DefaultLimit = 64 << 20

// overhead is what a recorded message counts for besides its bytes, so that
// empty ones are bounded too.
const overhead = 96

// Message is one message that crossed the tap.
type Message struct {
	ToRouter bool      // from the client to the router, or the other way
	Session  int       // which of the tap's connections, from 1
	Data     []byte    // the serialized WAMP message; other bytes if Control
	Time     time.Time // when the tap had received it
	Control  bool      // no WAMP message: headers, handshake, ping, pong, close, or a message that broke off
}

// record holds what crossed the tap, up to a limit. What doesn't fit, and all
// after it, is left out.
type record struct {
	limit int

	mu        sync.Mutex
	messages  []Message
	size      int
	truncated bool
}

// add records a message. It keeps data, which nobody may change afterwards.
func (r *record) add(m Message) {
	m.Time = time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.truncated || len(m.Data)+overhead > r.limit-r.size {
		r.truncated = true
		return
	}
	r.size += len(m.Data) + overhead
	r.messages = append(r.messages, m)
}

// lose notes that bytes crossed the wire which are not in the record.
func (r *record) lose() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.truncated = true
}

// Messages returns a copy of the WAMP messages recorded so far, in the order of
// their arrival.
func (r *record) Messages() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Message
	for _, m := range r.messages {
		if !m.Control {
			m.Data = bytes.Clone(m.Data)
			out = append(out, m)
		}
	}
	return out
}

// Truncated says that something crossed the tap which isn't in the record, for
// want of room. Such a tap never reports that something was absent.
func (r *record) Truncated() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.truncated
}
