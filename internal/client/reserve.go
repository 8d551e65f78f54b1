package client

import (
	"context"
	"slices"
	"sync"
)

// Reserve says how many bytes of memory the sealed payload of the chunk takes that is being
// handled, opened: a few bytes can stand for many. It waits until there is room, of which
// all invocations of a session have maxServedBytes. What takes more than half of that counts
// as half, or it might wait forever. An error says that inv has ended. It is for the
// goroutine that runs the handler.
func (inv *Invocation) Reserve(bytes int) error {
	opened := &inv.client.opened
	opened.give(inv.opened) // who waits holds nothing that others wait for
	inv.opened = 0
	if err := inv.ctx.Err(); err != nil {
		return err
	}
	bytes = min(bytes, maxServedBytes/2)
	if err := opened.take(&inv.ctx, bytes); err != nil {
		return err
	}
	inv.opened = bytes
	return nil
}

// memory is of maxServedBytes, and given in the order in which it is asked for.
type memory struct {
	mu     sync.Mutex
	taken  int
	claims []*claim
}

// claim is of who waits.
type claim struct {
	bytes   int
	granted chan struct{} // closed when the bytes are taken
}

// take waits for so many bytes, until ctx ends.
func (m *memory) take(ctx context.Context, bytes int) error {
	m.mu.Lock()
	if len(m.claims) == 0 && m.taken+bytes <= maxServedBytes {
		m.taken += bytes
		m.mu.Unlock()
		return nil
	}
	c := &claim{bytes, make(chan struct{})}
	m.claims = append(m.claims, c)
	m.mu.Unlock()
	select {
	case <-c.granted:
		if ctx.Err() == nil {
			return nil
		}
	case <-ctx.Done():
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.claims, c); i >= 0 {
		m.claims = slices.Delete(m.claims, i, i+1)
	} else {
		m.taken -= bytes
	}
	m.grant() // it may have been the first
	return ctx.Err()
}

// give is the end of take.
func (m *memory) give(bytes int) {
	if bytes == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken -= bytes
	m.grant()
}

// grant gives those who wait longest what there is. mu is held.
func (m *memory) grant() {
	for len(m.claims) > 0 && m.taken+m.claims[0].bytes <= maxServedBytes {
		m.taken += m.claims[0].bytes
		close(m.claims[0].granted)
		m.claims = slices.Delete(m.claims, 0, 1)
	}
}
