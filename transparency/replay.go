package transparency

import (
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// maxSeen is how many payloads of peers that bind nothing are remembered in one
// scope.
const maxSeen = 1 << 15

// seen remembers the last payloads without a binding, by their tokens: nothing
// else in them tells one from its replay. The zero value is ready to use.
type seen struct {
	mu     sync.Mutex
	tokens map[cryptobox.Token]struct{}
	order  []cryptobox.Token // a ring, once it is full
	next   int
}

// add remembers a token, and returns false if it was there.
func (m *seen) add(token cryptobox.Token) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, again := m.tokens[token]; again {
		return false
	}
	if m.tokens == nil {
		m.tokens = map[cryptobox.Token]struct{}{}
	}
	if len(m.order) < maxSeen {
		m.order = append(m.order, token)
	} else {
		delete(m.tokens, m.order[m.next])
		m.order[m.next] = token
		m.next = (m.next + 1) % maxSeen
	}
	m.tokens[token] = struct{}{}
	return true
}

// unboundSeen is what a Session has seen of peers that bind nothing. Brokers
// deliver an event once for each subscription that matches it, so each has a
// memory of its own.
type unboundSeen struct {
	calls, answers seen

	mu     sync.Mutex
	events map[keyring.Pattern]*seen
}

// ofEvents returns the memory of a subscription, which outlives it.
func (u *unboundSeen) ofEvents(subscribed keyring.Pattern) *seen {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.events == nil {
		u.events = map[keyring.Pattern]*seen{}
	}
	m, ok := u.events[subscribed]
	if !ok {
		m = new(seen)
		u.events[subscribed] = m
	}
	return m
}
