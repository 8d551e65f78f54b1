package keyring

import (
	"fmt"
	"slices"
	"time"
)

// MaxVersions bounds the versions of one pattern's key, revoked ones included.
const MaxVersions = 64

// Add gives a pattern a further version of its key, [StatePending]: it opens
// what peers seal who went over to it before, and seals nothing until
// [Ring.Activate]. A pattern that is new to the ring is keyed from then on, and
// seals nothing either ([ErrNoActive]).
//
// Versions may be of different kinds: a shared key can be followed by a pair.
// The error is an [*Error] that wraps [ErrPattern], [ErrKey] or [ErrConflict]
// as in [Ring.Set]; [ErrKey] if the pattern's other versions differ from the
// key in [Key.AllowUnbound]; [ErrVersionExists] if one has its id, in whatever
// state; or [ErrState] if there are [MaxVersions]. The ring is then unchanged.
func (r *Ring) Add(pattern string, match Match, key Key) error {
	const op = "add"
	p := Pattern{URI: pattern, Match: match}
	if err := checkBoth(op, p, key); err != nil {
		return err
	}
	v := &Version{key: key, state: StatePending}

	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.snapshot().get(p)
	if e == nil {
		return r.enter(op, newEntry(p, v))
	}
	if known := e.version(v.ID()); known != nil {
		why := "remove it first, or give the key another id"
		if known.state == StateRevoked {
			why = "it was revoked: make a new key"
		}
		return &Error{Op: op, Pattern: p, ID: v.ID(), Err: fmt.Errorf("%w, %v: %s", ErrVersionExists, known.state, why)}
	}
	if err := sameUnbound(key.unbound, e.unbound); err != nil {
		return &Error{Op: op, Pattern: p, ID: v.ID(), Err: err}
	}
	if len(e.versions) >= MaxVersions {
		return &Error{Op: op, Pattern: p, ID: v.ID(), Err: refuse(fmt.Sprintf(
			"the pattern has %d versions: remove some that expired or were revoked long ago", MaxVersions))}
	}
	r.put(newEntry(p, prepend(e.versions, v)...))
	return nil
}

// Activate makes a version the one that seals: a pending one, or one that is
// retired and not expired, to go back to it. The one that was active before is
// retired in the same step, without a date: it opens until [Ring.Retire] gives
// it one.
//
// Only whoever runs the peers knows that all of them have the version; those
// that have not refuse what is sealed with it. So Add never activates.
//
// To activate the active version changes nothing. The error is an [*Error]
// that wraps [ErrNoVersion], or [ErrState] if the version expired or was
// revoked. The ring is then unchanged.
func (r *Ring) Activate(pattern string, match Match, id string) error {
	return r.change("activate", Pattern{pattern, match}, id, func(e *Entry, v *Version) ([]*Version, error) {
		switch {
		case v.state == StateActive:
			return e.versions, nil
		case v.state == StateRevoked:
			return nil, refuse("it was revoked: add a new key")
		case v.expired(time.Now()):
			return nil, refuse("it expired, so peers may refuse what it seals: give it a later date at all of them first, or activate another")
		}
		versions := without(e.versions, v)
		if before := e.active(); before != nil {
			versions = prepend(without(versions, before), before.in(StateRetired, time.Time{}))
		}
		return prepend(versions, v.in(StateActive, time.Time{})), nil
	})
}

// Retire gives a version that seals no more the date until which it still
// opens, that moment included; a pending version goes out of use unused. The
// date should be later than the last message that a peer seals with the
// version, by as much as messages may be old when they arrive. A date that has
// passed ends it at once, and a later one begins it again.
//
// The error is an [*Error] that wraps [ErrNoVersion], or [ErrState] if the
// version is active (activate another one first) or revoked, or the date is
// zero. The ring is then unchanged.
func (r *Ring) Retire(pattern string, match Match, id string, notAfter time.Time) error {
	return r.change("retire", Pattern{pattern, match}, id, func(e *Entry, v *Version) ([]*Version, error) {
		switch {
		case v.state == StateActive:
			return nil, refuse("it is active, so nothing would seal: activate another version first")
		case v.state == StateRevoked:
			return nil, refuse("it was revoked, and stays so")
		case notAfter.IsZero():
			return nil, refuse("the date is zero: give the moment until which the version opens")
		}
		return prepend(without(e.versions, v), v.in(StateRetired, notAfter)), nil
	})
}

// Revoke ends a version at once, whatever its state: it opens and seals
// nothing more, and its secrets are dropped. Its id stays known, so that
// messages under it are told from others ([ErrRevoked]) and the id isn't used
// again. If it was the active one, the pattern seals nothing ([ErrNoActive])
// until another is activated; nothing is sent in plain.
//
// What was begun before, such as a call that waits for its result, goes on
// with the version. What was sent and read before stays readable to whoever
// holds the key.
//
// To revoke a revoked version changes nothing. The error is an [*Error] that
// wraps [ErrNoVersion].
func (r *Ring) Revoke(pattern string, match Match, id string) error {
	return r.change("revoke", Pattern{pattern, match}, id, func(e *Entry, v *Version) ([]*Version, error) {
		if v.state == StateRevoked {
			return e.versions, nil
		}
		return prepend(without(e.versions, v), v.in(StateRevoked, time.Time{})), nil
	})
}

// RemoveVersion forgets a version and its id: messages under it are
// [ErrUnknownID] from then on. For a version that may be in an attacker's
// hands use [Ring.Revoke].
//
// The error is an [*Error] that wraps [ErrNoVersion], or [ErrState] for the
// active version (activate another one first, or revoke it) and for the only
// one: without any the pattern would have to go, and its URIs would be sent in
// plain, which is for [Ring.Remove] to do.
func (r *Ring) RemoveVersion(pattern string, match Match, id string) error {
	return r.change("remove", Pattern{pattern, match}, id, func(e *Entry, v *Version) ([]*Version, error) {
		switch {
		case v.state == StateActive:
			return nil, refuse("it is active, so nothing would seal: activate another version first, or revoke it")
		case len(e.versions) == 1:
			return nil, refuse("it is the only version: add another first, or Remove the pattern, whose URIs are then sent in plain")
		}
		return without(e.versions, v), nil
	})
}

// Versions tells which versions a pattern's key has: the active one first,
// then pending, retired and revoked ones. It gives nil for a pattern that the
// ring doesn't have.
func (r *Ring) Versions(pattern string, match Match) []VersionInfo {
	e := r.snapshot().get(Pattern{URI: pattern, Match: match})
	if e == nil {
		return nil
	}
	infos := make([]VersionInfo, len(e.versions))
	for i, v := range e.versions {
		infos[i] = v.info()
	}
	return infos
}

// change swaps one entry for one with the versions that a function gives.
func (r *Ring) change(op string, p Pattern, id string, to func(*Entry, *Version) ([]*Version, error)) error {
	if err := p.check(); err != nil {
		return &Error{Op: op, Pattern: p, Err: err}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.snapshot().get(p)
	if e == nil {
		return &Error{Op: op, Pattern: p, ID: id, Err: fmt.Errorf("%w: the ring doesn't have the pattern: Add or Set it first", ErrNoVersion)}
	}
	v := e.version(id)
	if v == nil {
		return &Error{Op: op, Pattern: p, ID: id, Err: fmt.Errorf("%w: see Ring.Versions for the ids that the pattern has", ErrNoVersion)}
	}
	versions, err := to(e, v)
	if err != nil {
		return &Error{Op: op, Pattern: p, ID: id, Err: err}
	}
	r.put(newEntry(p, slices.Clone(versions)...))
	return nil
}

// refuse says why an order is unsafe.
func refuse(why string) error { return fmt.Errorf("%w: %s", ErrState, why) }

// prepend and without leave the given slice as it is: snapshots share it. What
// was changed last comes first among its like.
func prepend(versions []*Version, v *Version) []*Version {
	return append([]*Version{v}, versions...)
}

func without(versions []*Version, v *Version) []*Version {
	return slices.DeleteFunc(slices.Clone(versions), func(other *Version) bool { return other == v })
}
