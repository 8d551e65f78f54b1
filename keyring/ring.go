package keyring

import (
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
)

// Ring maps patterns of URIs to keys. The zero Ring is empty and ready to use.
// All methods may be called from many goroutines at once, and one Ring may
// serve many sessions; it must not be copied.
type Ring struct {
	state atomic.Pointer[snapshot] // nil is empty
	mu    sync.Mutex               // held by those who change the ring
	ties  ties
}

// New returns an empty Ring.
func New() *Ring { return new(Ring) }

// Set gives a pattern its key. The key of the same pattern is replaced in one
// step: a concurrent [Ring.Lookup] finds the old key or the new one.
// Set("", Prefix, key) sets the default key.
//
// The error is an [*Error] that wraps [ErrPattern] for an invalid pattern (see
// [Pattern.Validate]), [ErrKey] for a key that couldn't be made, or
// [ErrConflict] for a wildcard pattern that ties with another one: both fix
// the same number of components, and some URI matches both. The ring is then
// unchanged.
//
// Set costs in proportion to the length of the pattern, not to the size of
// the ring.
func (r *Ring) Set(pattern string, match Match, key Key) error {
	p := Pattern{URI: pattern, Match: match}
	if err := p.check(); err != nil {
		return &Error{Op: "set", Pattern: p, Err: err}
	}
	if err := key.check(); err != nil {
		return &Error{Op: "set", Pattern: p, Err: err}
	}
	e := newEntry(p, key)

	r.mu.Lock()
	defer r.mu.Unlock()
	if match == Wildcard {
		if other, found := r.ties.find(pattern); found {
			return &Error{Op: "set", Pattern: p, Err: fmt.Errorf(
				"%w: %v matches some of the same URIs and is as specific: fix one more component, or remove that one",
				ErrConflict, Pattern{URI: other, Match: Wildcard})}
		}
		if r.ties == nil {
			r.ties = ties{}
		}
		r.ties.add(pattern)
	}
	r.state.Store(r.snapshot().with(e))
	return nil
}

// Remove takes a pattern and its key off the ring, and tells whether it was
// there. Entries that were looked up before stay usable.
func (r *Ring) Remove(pattern string, match Match) bool {
	p := Pattern{URI: pattern, Match: match}
	if p.problem() != "" {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next, ok := r.snapshot().without(p)
	if !ok {
		return false
	}
	if match == Wildcard {
		r.ties.remove(pattern)
	}
	r.state.Store(next)
	return true
}

// Len gives the number of patterns, the default included.
func (r *Ring) Len() int { return r.snapshot().size }

// Patterns walks through the patterns that the ring held when the walk began:
// exact ones, prefixes, wildcards and the default. Their order within a kind is
// unspecified.
func (r *Ring) Patterns() iter.Seq[Pattern] {
	return func(yield func(Pattern) bool) {
		for e := range r.snapshot().entries() {
			if !yield(e.pattern) {
				return
			}
		}
	}
}

// snapshot gives the present content, never nil.
func (r *Ring) snapshot() *snapshot {
	if s := r.state.Load(); s != nil {
		return s
	}
	return new(snapshot)
}
