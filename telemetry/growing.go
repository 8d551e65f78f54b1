package telemetry

import (
	"maps"
	"sync"
	"sync/atomic"
)

// growing is a map that is read without a lock, and to which something is added now and then.
type growing[K comparable, V any] struct {
	now atomic.Pointer[map[K]V]
	mu  sync.Mutex // held by who adds
}

func (g *growing[K, V]) get(key K) (v V, found bool) {
	if now := g.now.Load(); now != nil {
		v, found = (*now)[key]
	}
	return v, found
}

// of gives what the map has of a key. What isn't there is made, unless the map is full.
func (g *growing[K, V]) of(key K, most int, made func() V) (v V, found bool) {
	if v, found = g.get(key); found || g.len() >= most {
		return v, found
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if v, found = g.get(key); found || g.len() >= most {
		return v, found
	}
	next := map[K]V{}
	if now := g.now.Load(); now != nil {
		next = maps.Clone(*now)
	}
	v = made()
	next[key] = v
	g.now.Store(&next)
	return v, true
}

func (g *growing[K, V]) len() int {
	if now := g.now.Load(); now != nil {
		return len(*now)
	}
	return 0
}
