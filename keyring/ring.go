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

// Set gives a pattern its key: one version, [StateActive]. What the pattern had
// before is replaced in one step: a concurrent [Ring.Lookup] finds the old key
// or the new one. Peers that still use an old version are cut off; [Ring.Add]
// and [Ring.Activate] are the way to change a key that is in use.
// Set("", Prefix, key) sets the default key.
//
// The error is an [*Error] that wraps [ErrPattern] for an invalid pattern (see
// [Pattern.Validate]), [ErrKey] for a key that couldn't be made, [ErrState] for
// one whose id the pattern knows as revoked, or [ErrConflict] for a wildcard
// pattern that ties with another one: both fix the same number of components,
// and some URI matches both. The ring is then unchanged.
//
// Set costs in proportion to the length of the pattern, not to the size of
// the ring.
func (r *Ring) Set(pattern string, match Match, key Key) error {
	const op = "set"
	p := Pattern{URI: pattern, Match: match}
	if err := checkBoth(op, p, key); err != nil {
		return err
	}
	e := newEntry(p, &Version{key: key, state: StateActive})

	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.resurrected(op, e); err != nil {
		return err
	}
	return r.enter(op, e)
}

// checkBoth checks what is to be set or added.
func checkBoth(op string, p Pattern, key Key) error {
	err := p.check()
	if err == nil {
		err = key.checkUsable()
	}
	if err != nil {
		return &Error{Op: op, Pattern: p, Err: err}
	}
	return nil
}

// enter puts an entry on the ring that may be new to it.
func (r *Ring) enter(op string, e *Entry) error {
	if e.pattern.Match == Wildcard {
		if other, found := r.ties.find(e.pattern.URI); found {
			return &Error{Op: op, Pattern: e.pattern, Err: fmt.Errorf(
				"%w: %v matches some of the same URIs and is as specific: fix one more component, or remove that one",
				ErrConflict, Pattern{URI: other, Match: Wildcard})}
		}
		if r.ties == nil {
			r.ties = ties{}
		}
		r.ties.add(e.pattern.URI)
	}
	r.put(e)
	return nil
}

// put swaps the snapshot for one with the entry.
func (r *Ring) put(e *Entry) { r.state.Store(r.snapshot().with(e)) }

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

// Replace gives the ring the content of another one, in one step: a concurrent
// [Ring.Lookup] finds the old content or the new one. It is how a ring that
// sessions use takes over a configuration that was read anew. The other ring
// stays as it is, and may be used on.
//
// Where both have the same secrets under the same pattern, the key exchange and
// the count of an [AES256GCM] key's seals are kept; a key in a device is asked
// anew. What was revoked here counts as the other ring has it.
func (r *Ring) Replace(with *Ring) {
	next, ties := with.snapshot(), ties{}
	for e := range next.entries() {
		if e.pattern.Match == Wildcard {
			ties.add(e.pattern.URI)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.snapshot()
	for e := range next.entries() {
		e.adopt(before.get(e.pattern))
	}
	r.ties = ties
	r.state.Store(next)
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
