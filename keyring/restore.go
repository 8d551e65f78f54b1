package keyring

import (
	"fmt"
	"time"
)

// KeyVersion is a version as a program keeps it, for [Ring.SetVersions].
type KeyVersion struct {
	Key      Key
	State    State
	NotAfter time.Time // for StateRetired only; zero for without end
}

// SetVersions gives a pattern all versions of its key in one step, in place of
// what it had: what a file or a service says of the pattern. None need be
// active; there is at least one. Of a revoked version only the id is kept, and
// [Revoked] gives no more.
//
// The error is an [*Error] that wraps [ErrPattern], [ErrKey] or [ErrConflict]
// as in [Ring.Add]; [ErrVersionExists] for an id that comes twice; [ErrState]
// if a state is none, two are active, a date is given for another state than
// retired, there are no versions or more than [MaxVersions], or an id that the
// pattern knows as revoked isn't anymore. The ring is then unchanged.
func (r *Ring) SetVersions(pattern string, match Match, versions ...KeyVersion) error {
	const op = "set"
	p := Pattern{URI: pattern, Match: match}
	if err := p.check(); err != nil {
		return &Error{Op: op, Pattern: p, Err: err}
	}
	if n := len(versions); n == 0 || n > MaxVersions {
		return &Error{Op: op, Pattern: p, Err: refuse(fmt.Sprintf("%d versions: give 1 to %d", n, MaxVersions))}
	}
	known := make(map[string]State, len(versions))
	list := make([]*Version, 0, len(versions))
	for _, kv := range versions {
		if err := kv.check(unboundOf(versions), known); err != nil {
			return &Error{Op: op, Pattern: p, ID: kv.Key.ID(), Err: err}
		}
		known[kv.Key.id()] = kv.State
		v := &Version{key: kv.Key}
		list = append(list, v.in(kv.State, kv.NotAfter))
	}
	e := newEntry(p, list...)
	if len(list) > 1 && list[0].state == StateActive && list[1].state == StateActive {
		return &Error{Op: op, Pattern: p, ID: list[1].ID(), Err: refuse("two versions are active: retire one")}
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.resurrected(op, e); err != nil {
		return err
	}
	return r.enter(op, e)
}

// check checks one of several versions, which agree on AllowUnbound; known are
// those before.
func (kv KeyVersion) check(unbound bool, known map[string]State) error {
	checkKey := kv.Key.checkUsable
	if kv.State == StateRevoked {
		checkKey = kv.Key.check
	}
	if err := checkKey(); err != nil {
		return err
	}
	if kv.State < StatePending || kv.State > StateRevoked {
		return refuse("no state: use StatePending, StateActive, StateRetired or StateRevoked")
	}
	if kv.State != StateRetired && !kv.NotAfter.IsZero() {
		return refuse(fmt.Sprintf("a date is for retired versions, this one is %v: leave it out, or retire the version", kv.State))
	}
	if state, found := known[kv.Key.id()]; found {
		return fmt.Errorf("%w, %v: give each key once, under an id of its own", ErrVersionExists, state)
	}
	if kv.Key.kind == kindRevoked {
		return nil
	}
	return sameUnbound(kv.Key.unbound, unbound)
}

// sameUnbound refuses versions that differ in AllowUnbound.
func sameUnbound(key, others bool) error {
	if key == others {
		return nil
	}
	return fmt.Errorf("%w: AllowUnbound is %t with it and %t with the pattern's other versions: "+
		"make them the same, or Set the pattern anew at all peers at once", ErrKey, key, others)
}

// resurrected refuses an entry in which something lives that the ring knows as
// revoked.
func (r *Ring) resurrected(op string, e *Entry) error {
	before := r.snapshot().get(e.pattern)
	if before == nil {
		return nil
	}
	// Revoked ones are the last in order. Without any, no id need be computed.
	for i := len(before.versions) - 1; i >= 0 && before.versions[i].state == StateRevoked; i-- {
		id := before.versions[i].ID()
		if v := e.version(id); v != nil && v.state != StateRevoked {
			return &Error{Op: op, Pattern: e.pattern, ID: id, Err: refuse(
				"its id was revoked: make a new key, or Remove the pattern first to forget that")}
		}
	}
	return nil
}
