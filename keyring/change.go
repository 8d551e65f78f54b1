package keyring

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// MaxVersions bounds the versions of one pattern's key, revoked ones included.
const MaxVersions = 64

// Add gives a pattern a further version of its key. The version opens at once what peers
// seal with it, and seals from its ActiveFrom on. Hand it to all peers before that date.
// Then each goes over to it by its own clock. A pattern that is new to the ring is keyed
// from now on.
//
// Versions may be of different kinds: a shared key can be followed by a pair.
// The error is an [*Error] that wraps [ErrPattern], [ErrKey], [ErrSource] or
// [ErrConflict] as in [Ring.Set]; [ErrKey] if one of the pattern's other versions has its
// secret; [ErrVersionExists] if one has its id, in whatever state; or [ErrState] if it was
// revoked, another one has its ActiveFrom, it would expire before that, or there are
// [MaxVersions]. The ring is then unchanged.
func (r *Ring) Add(p Pattern, key Key, dates Dates) error {
	const op = "add"
	err := key.checkUsable()
	if err == nil {
		err = dates.check()
	}
	if err != nil {
		return &Error{Op: op, Pattern: p, Err: err}
	}
	v := newVersion(key, dates)
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.snapshot().get(p); e == nil || e.standing == closed {
		return r.enter(op, newEntry(p, v))
	}
	e, err := r.ownEntry(op, p)
	if err != nil {
		return err
	}
	return r.changeEntry(op, e, func(e *Entry) (*Entry, error) {
		if err := e.admits(v); err != nil {
			return nil, &Error{Op: op, Pattern: p, ID: v.ID(), Err: err}
		}
		return e.with(append([]*Version{v}, e.versions...)...), nil
	})
}

// admits checks a further version against those that there are.
func (e *Entry) admits(v *Version) error {
	if len(e.versions) >= MaxVersions {
		return refuse(fmt.Sprintf("the pattern has %d versions: remove some that expired or were revoked long ago", MaxVersions))
	}
	switch other := e.version(v.ID()); {
	case other == nil:
	case other.Revoked():
		return fmt.Errorf("%w, revoked: make a new key", ErrVersionExists)
	default:
		return fmt.Errorf("%w: remove it first, or give the key another id", ErrVersionExists)
	}
	if err := e.revocations.refuses(append(e.versions[:len(e.versions):len(e.versions)], v)...); err != nil {
		return err
	}
	for _, other := range e.versions {
		if err := v.differs(other); err != nil {
			return err
		}
	}
	return nil
}

// differs refuses two versions of one pattern, under two ids, that don't go together.
func (v *Version) differs(other *Version) error {
	switch {
	case v.key.kind == kindRevoked || other.key.kind == kindRevoked:
		return nil
	case v.Secret() == other.Secret() && !(v.Revoked() && other.Revoked()):
		return fmt.Errorf("%w: the version %.64q has the same secret: give each secret once, under one id", ErrKey, other.ID())
	case v.dates.ActiveFrom.Equal(other.dates.ActiveFrom):
		return refuse(fmt.Sprintf("the version %.64q is active from the same moment: give another date", other.ID()))
	}
	return nil
}

// SetDates gives a version other dates: an earlier or later ActiveFrom, or a NotAfter.
// To retire a version give it a NotAfter behind the last message that a peer seals with
// it, by as much as messages may be old when they arrive.
//
// The error is an [*Error] that wraps [ErrNoVersion], [ErrSource], or [ErrState] if the
// version was revoked, another one has its ActiveFrom, or it would expire before that.
// The ring is then unchanged.
func (r *Ring) SetDates(p Pattern, id string, dates Dates) error {
	const op = "set dates"
	return r.change(op, p, id, func(e *Entry, v *Version) ([]*Version, error) {
		if v.Revoked() {
			return nil, refuse("it was revoked, and stays so")
		}
		if err := dates.check(); err != nil {
			return nil, err
		}
		others, next := without(e.versions, v), v.dated(dates)
		for _, other := range others {
			if err := next.differs(other); err != nil {
				return nil, err
			}
		}
		return append(others, next), nil
	})
}

// Revoke ends a version at once, whatever its dates: it opens and seals nothing more, in
// exchanges that are under way too, and its secrets are dropped. It stays so for the ring's
// life: messages under its id are told from others ([ErrRevoked]), and neither the id nor
// the secret is used again for the pattern. If it was the one that seals, the pattern
// seals nothing ([ErrNoActive]) until another one's ActiveFrom comes; nothing is sent in
// plain.
//
// The pattern may come from another source. Whatever that source gives later, the version
// stays revoked: listed as good, or left out and given back.
//
// What was sent and read before stays readable to whoever holds the key.
//
// To revoke a version again changes nothing. The error is an [*Error] that wraps
// [ErrNoVersion].
func (r *Ring) Revoke(p Pattern, id string) error {
	const op = "revoke"
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.entry(op, p)
	if err != nil {
		return err
	}
	return r.changeEntry(op, e, onVersion(op, id, func(e *Entry, v *Version) ([]*Version, error) {
		e.revocations.revoke(v, "")
		return append(without(e.versions, v), newRevoked(v.key, v.dates)), nil
	}))
}

// RemoveVersion takes a version off. From then on messages under it are [ErrUnknownID]. For
// a version that may be in an attacker's hands use [Ring.Revoke].
//
// The error is an [*Error] that wraps [ErrNoVersion] or [ErrSource], or [ErrState] for
// the version that seals, in whose place an older one would (revoke it, or add another),
// and for the only one, which is for [Ring.Remove].
func (r *Ring) RemoveVersion(p Pattern, id string) error {
	return r.change("remove", p, id, func(e *Entry, v *Version) ([]*Version, error) {
		switch {
		case len(e.versions) == 1:
			return nil, refuse("it is the only version: add another first, or remove the pattern")
		case v == e.current(time.Now()):
			return nil, refuse("it is the one that seals, and an older one would in its place: add another first, or revoke it")
		}
		return without(e.versions, v), nil
	})
}

// change swaps the versions of a pattern of the program's own for those that a function
// makes of them.
func (r *Ring) change(op string, p Pattern, id string, to func(*Entry, *Version) ([]*Version, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.ownEntry(op, p)
	if err != nil {
		return err
	}
	return r.changeEntry(op, e, onVersion(op, id, to))
}

// onVersion makes of a change of a version one of its entry.
func onVersion(op, id string, to func(*Entry, *Version) ([]*Version, error)) func(*Entry) (*Entry, error) {
	return func(e *Entry) (*Entry, error) {
		v := e.version(id)
		if v == nil {
			return nil, &Error{Op: op, Pattern: e.pattern, ID: id, Err: fmt.Errorf("%w: the pattern has %s", ErrNoVersion, e.ids())}
		}
		versions, err := to(e, v)
		if err != nil {
			return nil, &Error{Op: op, Pattern: e.pattern, ID: id, Err: err}
		}
		return e.with(versions...), nil
	}
}

// ids names those of the newest versions.
func (e *Entry) ids() string {
	const most = 5
	names := make([]string, 0, most+1)
	for i, v := range e.versions {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(e.versions)-most))
			break
		}
		names = append(names, fmt.Sprintf("%.64q", v.ID()))
	}
	return strings.Join(names, ", ")
}

// refuse says why an order is unsafe.
func refuse(why string) error { return fmt.Errorf("%w: %s", ErrState, why) }

// without leaves the given slice as it is: snapshots share it.
func without(versions []*Version, v *Version) []*Version {
	return slices.DeleteFunc(slices.Clone(versions), func(other *Version) bool { return other == v })
}
