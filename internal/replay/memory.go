package replay

import (
	"math"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
)

// Bounds of a Memory.
const (
	// MaxSenders are known at a time, in all scopes: so many that sign, and so many that don't.
	MaxSenders = 100_000
	// MaxBytes is about what is kept of those that don't sign.
	MaxBytes = 20_000_000
	// MaxTokens are remembered of messages without a binding, in all scopes.
	MaxTokens = 1 << 15
)

// senderBytes is about what a known sender takes beside the words behind in its
// window: measured where senders come and go, and the map is at its largest.
const senderBytes = 190

// Message is what is known of one that passed every other check. A [Memory] asks nothing of
// its Token, a [Retained] neither Scope nor Key.
// Times are milliseconds since 1970 UTC.
type Message struct {
	Scope   string // what it is new in: windows of different scopes are apart
	Key     string // id of the key that opened it
	Signer  string // who was proved to have signed it; "" where nothing is signed
	From    cryptobox.SenderID
	N       uint64
	Sent    int64 // by the sender's clock
	Token   cryptobox.Token
	Expires int64 // from when it would be refused as too old
	Floor   int64 // set where the message is Stale: it isn't newer than this
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
	maxSenders int
	maxBytes   int

	mu      sync.Mutex
	groups  groups
	senders map[senderID]*sender
	recent  list[sender, *sender]
	bytes   int
	signers signers
	tokens  recent.Map[scopedToken, struct{}]
}

// scopedToken is a message without a binding: it is new once in each scope.
type scopedToken struct {
	scope string
	token cryptobox.Token
}

// senderID tells a sender apart: its windows under different keys, or in different
// scopes, are not one.
type senderID struct {
	group *group
	from  cryptobox.SenderID
}

// sender is one Session that sends.
type sender struct {
	id     senderID
	window window
	floor  int64 // the group's when this was heard of: what is older isn't in the window
	newest int64 // by its own clock

	links[sender] // in the order in which they were heard of
}

// NewMemory returns an empty memory.
func NewMemory() *Memory { return newMemory(MaxSenders, MaxBytes, MaxSignedBytes) }

func newMemory(maxSenders, maxBytes, maxSignedBytes int) *Memory {
	m := &Memory{
		maxSenders: maxSenders,
		maxBytes:   maxBytes,
		groups:     groups{named: map[groupName]*group{}, floor: math.MinInt64},
		senders:    map[senderID]*sender{},
		signers:    newSigners(maxSenders, maxSignedBytes),
	}
	return m
}

// Add notes a message, and tells whether it is new at the time now.
func (m *Memory) Add(msg *Message, now int64) Verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	if msg.Signer != "" {
		return m.signers.add(msg, now)
	}
	g := m.groups.get(groupName{msg.Scope, msg.Key})
	id := senderID{g, msg.From}
	s, heard := m.senders[id]
	if !heard {
		s = &sender{id: id, floor: g.floor, newest: msg.Sent}
	}
	if msg.Sent <= s.floor {
		msg.Floor = s.floor
		return Stale
	}
	if !heard {
		m.senders[id] = s
		m.recent.push(s)
		m.bytes += senderBytes
		m.groups.join(g)
	}
	before := s.window.size()
	if !s.window.add(msg.N) {
		return Seen
	}
	m.bytes += s.window.size() - before
	s.newest = max(s.newest, msg.Sent)
	g.age = max(g.age, msg.Expires-msg.Sent)
	m.recent.touch(s)
	m.shrink(now)
	return New
}

// shrink forgets who can be forgotten, and who has to be.
func (m *Memory) shrink(now int64) {
	for s := m.recent.oldest(); s != nil; s = m.recent.oldest() {
		full := m.recent.len > m.maxSenders || m.bytes+m.groups.bytes > m.maxBytes
		if s.newest+s.id.group.age >= now && !full {
			return
		}
		m.recent.remove(s)
		delete(m.senders, s.id)
		m.bytes -= senderBytes + s.window.size()
		m.groups.leave(s, now)
	}
}

// AddToken notes a message without a binding in a scope, and tells whether it is
// new.
func (m *Memory) AddToken(scope string, token cryptobox.Token) Verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	in := scopedToken{scope, token}
	if _, known := m.tokens.Get(in); known {
		return Seen
	}
	m.tokens.Add(in, struct{}{}, MaxTokens)
	return New
}
