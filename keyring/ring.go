package keyring

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Ring maps patterns of URIs to keys. The zero Ring is empty and ready to use: every
// URI is closed. All methods may be called from many goroutines at once, and one Ring
// may serve many sessions; it must not be copied.
type Ring struct {
	state atomic.Pointer[snapshot] // nil is empty
	near  misses

	mu      sync.Mutex               // held by those who change the ring
	ties    ties                     // of the wildcards that aren't closed
	sources map[Pattern]string       // of patterns that aren't the program's own
	left    map[Pattern]*revocations // of patterns that had a key, and aren't on the ring
	forms   realms
	changed chan struct{} // closed with the next change, if somebody waits for it
}

// New returns an empty Ring.
func New() *Ring { return new(Ring) }

// Set gives a pattern its key: one version, which always seals. What the pattern had
// before is replaced in one step: a concurrent [Ring.Lookup] finds the old key
// or the new one. Peers that still use an old version are cut off; [Ring.Add] is the way
// to change a key that is in use. Set(Prefix(""), key) sets the default key.
//
// The error is an [*Error] that wraps [ErrPattern] for an invalid pattern (see
// [Pattern.Validate]), [ErrKey] for a key that couldn't be made, [ErrState] for
// one that was revoked for the pattern, [ErrSource] for a pattern of a file or another
// source, or [ErrConflict] for a wildcard pattern that ties with another one: both
// fix the same number of components, and some URI matches both. The ring is then
// unchanged. One that was removed ties with nothing.
//
// Set costs in proportion to the length of the pattern, not to the size of
// the ring.
func (r *Ring) Set(p Pattern, key Key) error {
	const op = "set"
	if err := key.checkUsable(); err != nil {
		return &Error{Op: op, Pattern: p, Err: err}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.enter(op, newEntry(p, newVersion(key, Dates{})))
}

// SetPlain declares that a pattern's URIs are plain: what is sent for them and received
// from them isn't sealed. It replaces what the pattern had before, a key too. The error
// is as for [Ring.Set].
func (r *Ring) SetPlain(p Pattern) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.enter("set", &Entry{pattern: p, standing: plain})
}

// PlainUnlessKeyed declares that every URI that no pattern matches is plain, for
// programs in which few are sealed. A URI that a pattern nearly matches stays closed, as
// [Ring.Lookup] has it, and so does one with a "*". A typo that is further off goes out
// in plain: declare what is plain by [Ring.SetPlain] where you can.
func (r *Ring) PlainUnlessKeyed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.swap(r.snapshot().unlessKeyed("", true))
}

// Remove takes a pattern off the ring. If the pattern had a key, its URIs stay closed until
// it is set again, whatever less specific pattern matches them. A wildcard that is set in
// its place and ties with it seals what matches both, but lets nothing through there in
// plain. If the pattern was plain, the next pattern that matches counts. Entries that were
// looked up before stay usable. The error is an [*Error] that wraps [ErrPattern],
// [ErrNoVersion] where it wasn't there, or [ErrSource].
func (r *Ring) Remove(p Pattern) error {
	const op = "remove"
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.ownEntry(op, p)
	if err != nil {
		return err
	}
	r.drop(e)
	return nil
}

// drop takes a pattern off. mu is held.
func (r *Ring) drop(e *Entry) {
	if e.pattern.Match == MatchWildcard {
		r.ties.remove(e.pattern.URI)
	}
	if e.standing != plain {
		r.put(e.closing())
		return
	}
	r.leave(e)
	next, _ := r.snapshot().without(e.pattern)
	r.swap(next, e.pattern)
}

// leave keeps what of a pattern is revoked when it is taken off without a trace. mu is held.
func (r *Ring) leave(e *Entry) {
	if e.revocations == nil {
		return
	}
	if r.left == nil {
		r.left = map[Pattern]*revocations{}
	}
	r.left[e.pattern] = e.revocations
}

// revocations gives those for an entry that is to be on the ring. mu is held.
func (r *Ring) revocations(e *Entry) *revocations {
	if before := r.snapshot().get(e.pattern); before != nil && before.revocations != nil {
		return before.revocations
	}
	if left := r.left[e.pattern]; left != nil || e.standing != keyed {
		return left
	}
	return new(revocations)
}

// swap puts the next snapshot, which nobody else has, in the place of the present one. It
// is told which patterns have changed. mu is held.
func (r *Ring) swap(next *snapshot, changed ...Pattern) {
	before := r.snapshot()
	next.generation = before.generation + 1
	for fs := range r.forms.each {
		fs.note(next, changed) // before others see next: what seals has to open
	}
	r.near.mu.Lock()
	r.state.Store(next)
	for _, p := range changed {
		r.near.note(next, p)
		next.get(p).noted()
	}
	r.near.mu.Unlock()
	for fs := range r.forms.each {
		fs.forget(next)
		if !slices.Equal(before.scrambled, next.scrambled) {
			fs.tell()
		}
	}
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// enter puts an entry of the program's own on the ring. mu is held.
func (r *Ring) enter(op string, e *Entry) error {
	if err := e.pattern.check(); err != nil {
		return &Error{Op: op, Pattern: e.pattern, Err: err}
	}
	if err := r.snapshot().takes(e.pattern); err != nil {
		return &Error{Op: op, Pattern: e.pattern, Err: err}
	}
	if err := r.foreign(e.pattern); err != nil {
		return &Error{Op: op, Pattern: e.pattern, Err: err}
	}
	if err := r.snapshot().scrambled.takes(e); err != nil {
		return &Error{Op: op, Pattern: e.pattern, Err: err}
	}
	before, revoked := r.snapshot().get(e.pattern), r.revocations(e)
	if err := revoked.refuses(e.versions...); err != nil {
		return &Error{Op: op, Pattern: e.pattern, Err: err}
	}
	if err := r.tie(e.pattern); err != nil {
		return &Error{Op: op, Pattern: e.pattern, Err: err}
	}
	if versions := revoked.recall(e.versions, before); !slices.Equal(versions, e.versions) {
		e = e.with(versions...)
	}
	e.follows(before, revoked, "")
	delete(r.sources, e.pattern)
	r.put(e)
	return nil
}

// tie refuses a wildcard that ties with another, and takes note of one that doesn't. mu
// is held.
func (r *Ring) tie(p Pattern) error {
	if p.Match != MatchWildcard {
		return nil
	}
	if other, found := r.ties.find(p.URI); found {
		return conflict(other)
	}
	if r.ties == nil {
		r.ties = ties{}
	}
	r.ties.add(p.URI)
	return nil
}

func conflict(other string) error {
	return fmt.Errorf("%w: %v matches some of the same URIs and is as specific: fix one more component, or remove that one",
		ErrConflict, Wildcard(other))
}

// put swaps the snapshot for one with the entry. mu is held.
func (r *Ring) put(e *Entry) { r.swap(r.snapshot().with(e), e.pattern) }

// foreign refuses to change a pattern that another source gave. mu is held.
func (r *Ring) foreign(p Pattern) error {
	if source, found := r.sources[p]; found && r.snapshot().get(p).standing != closed {
		return fmt.Errorf("%w: %.256q: change it there", ErrSource, source)
	}
	return nil
}

// entry gives that of a pattern which is on the ring. mu is held.
func (r *Ring) entry(op string, p Pattern) (*Entry, error) {
	if err := p.check(); err != nil {
		return nil, &Error{Op: op, Pattern: p, Err: err}
	}
	e := r.snapshot().get(p)
	if e == nil || e.standing == closed {
		return nil, &Error{Op: op, Pattern: p, Err: fmt.Errorf("%w: the keyring doesn't have the pattern: give it a key first", ErrNoVersion)}
	}
	return e, nil
}

// ownEntry gives the entry of a pattern that is the program's own. mu is held.
func (r *Ring) ownEntry(op string, p Pattern) (*Entry, error) {
	e, err := r.entry(op, p)
	if err != nil {
		return nil, err
	}
	if err := r.foreign(p); err != nil {
		return nil, &Error{Op: op, Pattern: p, Err: err}
	}
	return e, nil
}

// changeEntry swaps the entry of a pattern that has a key for what a function makes of
// it. mu is held.
func (r *Ring) changeEntry(op string, e *Entry, to func(*Entry) (*Entry, error)) error {
	if e.standing == plain {
		return &Error{Op: op, Pattern: e.pattern, Err: fmt.Errorf("%w: the pattern is plain: give it a key first", ErrNoVersion)}
	}
	next, err := to(e)
	if err != nil {
		return err
	}
	if err := r.snapshot().scrambled.takes(next); err != nil {
		return &Error{Op: op, Pattern: e.pattern, Err: err}
	}
	r.put(next)
	return nil
}

// Len gives the number of patterns, the default included.
func (r *Ring) Len() int {
	n := 0
	for range r.Patterns() {
		n++
	}
	return n
}

// Patterns walks through the patterns that the ring held when the walk began, with a key
// or plain: exact ones, prefixes, wildcards and the default. Their order within a kind is
// unspecified.
func (r *Ring) Patterns() iter.Seq[Pattern] {
	return func(yield func(Pattern) bool) {
		for e := range r.snapshot().entries() {
			if e.standing != closed && !yield(e.pattern) {
				return
			}
		}
	}
}

// Versions tells which versions a pattern's key has: the one with the latest ActiveFrom
// first. It gives nil for a pattern without a key.
func (r *Ring) Versions(p Pattern) []VersionInfo {
	e := r.snapshot().get(p)
	if e == nil || e.standing != keyed {
		return nil
	}
	return e.infos()
}

// snapshot gives the present content, never nil.
func (r *Ring) snapshot() *snapshot {
	if s := r.state.Load(); s != nil {
		return s
	}
	return new(snapshot)
}

// reserved begins the URIs that are WAMP's own.
const reserved = "wamp."

// Dialects gives the dialects of the keys on the ring, ours first.
func (r *Ring) Dialects() []cryptobox.Dialect {
	found := map[cryptobox.Dialect]bool{}
	for e := range r.snapshot().entries() {
		for _, v := range e.versions {
			if v.key.kind != kindRevoked {
				found[v.key.dialect] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
