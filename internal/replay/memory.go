package replay

import (
	"math"
	"sync"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Bounds of a Memory.
const (
	// MaxSenders are known at a time, in all scopes.
	MaxSenders = 100_000
	// MaxBytes is about what is kept of them.
	MaxBytes = 20_000_000
	// MaxTokens are remembered of messages without a binding, in each scope.
	MaxTokens = 1 << 15
)

// senderBytes is about what a known sender takes beside the words of its window.
const senderBytes = 150

// Message is what a Memory needs to know of one that passed every other check.
// Times are milliseconds since 1970 UTC.
type Message struct {
	Scope   string // what it is new in: windows of different scopes are apart
	Key     string // id of the key that opened it
	From    cryptobox.SenderID
	N       uint64
	Sent    int64 // by the sender's clock
	Expires int64 // from when it would be refused as too old
}

// Verdict is what a Memory says of a message.
type Verdict uint8

// The verdicts. The zero Verdict is none.
const (
	New   Verdict = iota + 1 // it is noted, and will not be new again
	Seen                     // or too far behind the sender's newest to know
	Stale                    // not newer than what was forgotten
)

// Memory remembers messages. Its methods may be called by several goroutines.
type Memory struct {
	mu     sync.Mutex
	born   time.Time
	known  map[scopedKey]*known
	recent senderList
	bytes  int
	tokens map[string]*tokens // by scope
}

type scopedKey struct{ scope, id string }

// known is what is remembered under a key in a scope.
type known struct {
	senders map[cryptobox.SenderID]*sender
	floor   int64 // what isn't newer may have been forgotten
}

// sender is one Session that sends.
type sender struct {
	under   *known
	from    cryptobox.SenderID
	window  window
	newest  int64 // by its own clock
	expires int64

	prev, next *sender // in the order in which they were heard of
}

// NewMemory returns an empty memory that is born now.
func NewMemory() *Memory {
	return &Memory{
		born:   time.Now(),
		known:  map[scopedKey]*known{},
		tokens: map[string]*tokens{},
	}
}

// Born is when the memory began: it can't know what was before.
func (m *Memory) Born() time.Time { return m.born }

// Add notes a message, and tells whether it is new at the time now.
func (m *Memory) Add(msg *Message, now int64) Verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := scopedKey{msg.Scope, msg.Key}
	k, ok := m.known[id]
	if !ok {
		k = &known{senders: map[cryptobox.SenderID]*sender{}, floor: math.MinInt64}
		m.known[id] = k
	}
	s, heard := k.senders[msg.From]
	if !heard {
		if msg.Sent <= k.floor {
			return Stale
		}
		s = &sender{under: k, from: msg.From}
		k.senders[msg.From] = s
		m.recent.push(s)
		m.bytes += senderBytes
	}
	before := s.window.size()
	if !s.window.add(msg.N) {
		return Seen
	}
	m.bytes += s.window.size() - before
	s.newest = max(s.newest, msg.Sent)
	s.expires = max(s.expires, msg.Expires)
	m.recent.touch(s)
	m.shrink(now)
	return New
}

// shrink forgets who can be forgotten, and who has to be: that raises the floor.
func (m *Memory) shrink(now int64) {
	for s := m.recent.oldest(); s != nil; s = m.recent.oldest() {
		expired := s.expires < now
		switch {
		case expired:
		case m.recent.len > MaxSenders || m.bytes > MaxBytes:
			s.under.floor = max(s.under.floor, s.newest)
		default:
			return
		}
		m.recent.remove(s)
		delete(s.under.senders, s.from)
		m.bytes -= senderBytes + s.window.size()
	}
}

// AddToken notes a message without a binding in a scope, and tells whether it is
// new.
func (m *Memory) AddToken(scope string, token cryptobox.Token) Verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.tokens[scope]
	if !ok {
		t = new(tokens)
		m.tokens[scope] = t
	}
	if t.add(token) {
		return New
	}
	return Seen
}

// Size tells how many senders are known, and about how many bytes they take.
func (m *Memory) Size() (senders, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent.len, m.bytes
}
