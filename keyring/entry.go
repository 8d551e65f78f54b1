package keyring

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// MaxOpeners bounds how many versions [Entry.ForeignOpeners] gives for a payload that
// names no key, and so how many attempts one message can cost.
const MaxOpeners = 8

// Entry is what a ring holds for one pattern: the versions of a key, or that its URIs
// are plain. It is immutable, and safe for concurrent use. An entry that was looked up
// before a change of the ring doesn't show the change, unless a version was revoked.
type Entry struct {
	pattern    Pattern
	standing   standing
	dated      bool       // a version has dates, or there is a lease
	foreign    bool       // a version is of another dialect than ours: plain errors are taken
	signed     bool       // a version is signed
	versions   []*Version // in the order of compare; none but for a key
	transition transition
	unsigned   time.Time // until when versions that aren't signed open beside one that is
	lease      *lease    // nil for none
	// real is what an entry under a scrambled pattern stands for.
	real *Entry
	// revocations are the pattern's, nil if it never had a key.
	revocations *revocations
}

// standing is what holds for an entry's URIs.
type standing uint8

const (
	keyed  standing = iota // they are sealed
	plain                  // they are declared plain
	closed                 // neither: a change removed the key
)

// sealed counts an entry that there is and that isn't plain.
func (e *Entry) sealed() int {
	if e == nil || e.standing == plain {
		return 0
	}
	return 1
}

// sealsAll tells whether nothing goes in plain for the entry's URIs, now or later.
func (e *Entry) sealsAll() bool { return e.standing == keyed && e.transition.plaintext == 0 }

// newEntry makes the entry of a pattern with a key. It takes over the versions, and
// puts them in order.
func newEntry(p Pattern, versions ...*Version) *Entry {
	slices.SortStableFunc(versions, compare)
	e := &Entry{pattern: p, versions: versions}
	for _, v := range versions {
		if v.pattern != p { // not while others read it
			v.pattern = p
		}
		e.signed = e.signed || v.Signed()
		e.dated = e.dated || v.dates != Dates{}
		e.foreign = e.foreign || v.key.dialect.Foreign()
	}
	return e
}

// with gives the entry with other versions. What holds for the pattern stays.
func (e *Entry) with(versions ...*Version) *Entry {
	next := newEntry(e.pattern, versions...)
	next.transition, next.unsigned = e.transition, e.unsigned
	next.lend(e.lease)
	next.joins(e.revocations)
	return next
}

// closing gives what stays of an entry whose key is taken off.
func (e *Entry) closing() *Entry {
	return &Entry{pattern: e.pattern, standing: closed, foreign: e.foreign, revocations: e.revocations}
}

// Pattern gives the pattern that the entry was set for.
func (e *Entry) Pattern() Pattern { return e.pattern }

// Plain tells whether the URIs are declared plain: nothing is sealed for them.
func (e *Entry) Plain() bool { return e.standing == plain }

// now gives the time where it is needed: reading the clock costs more than all else.
func (e *Entry) now() time.Time {
	if !e.dated {
		return time.Time{}
	}
	return time.Now()
}

// current gives the version with the latest ActiveFrom that has come, whatever became
// of it, or nil.
func (e *Entry) current(now time.Time) *Version {
	for _, v := range e.versions {
		if v.dates.begun(now) {
			return v
		}
	}
	return nil
}

// Sealer gives the version that seals for a party of this role: the one with the latest
// ActiveFrom that has come. If that version is revoked or has expired, or none has come,
// nothing seals, and never an older version. The error is an [*Error] that wraps
// [ErrWrongRole] or [ErrNoActive].
func (e *Entry) Sealer(role Role) (*Version, error) {
	now := e.now()
	v := e.current(now)
	if v != nil && v.good(role, now) && e.lease.seals(now) {
		return v, nil
	}
	return nil, e.noSealer(role, v, now)
}

// Opener gives the version of our dialect that opens what a party of this role received
// under a key id. The error is an [*Error] that wraps [ErrWrongRole], [ErrUnknownID],
// [ErrExpired], [ErrRevoked] or [ErrUnsigned].
func (e *Entry) Opener(role Role, id cryptobox.KeyID) (*Version, error) {
	return e.opener(role, func(v *Version) bool { return v.is(id) })
}

// ForeignOpeners gives the versions of a dialect that isn't ours that may open what a party
// of this role received: the one with the id that the payload names, or where it names
// none ("") all that may open now, at most [MaxOpeners]: the one that seals, those to come,
// then older ones. The caller must not change the slice.
//
// The error is an [*Error] as of [Entry.Opener]. For a payload without an id [ErrExpired],
// [ErrRevoked] and [ErrUnsigned] mean that no version is left that may open.
func (e *Entry) ForeignOpeners(role Role, d cryptobox.Dialect, id string) ([]*Version, error) {
	if id == "" {
		return e.anyOpeners(role, d)
	}
	return e.named(role, func(v *Version) bool { return v.key.speaks(d) && v.ID() == id })
}

// speaks tells whether the key is of a dialect, or may have been when there was one.
func (k Key) speaks(d cryptobox.Dialect) bool { return k.dialect == d || k.kind == kindRevoked }

// Named gives the version of any dialect that has an id, as [Key.ID] gives it, if a party of
// this role may open with it now: for people and tools. The error is an [*Error] as of
// [Entry.Opener].
func (e *Entry) Named(role Role, id string) (*Version, error) {
	return e.opener(role, func(v *Version) bool { return v.ID() == id })
}

// opener gives the version that a payload names.
func (e *Entry) opener(role Role, named func(*Version) bool) (*Version, error) {
	one, err := e.named(role, named)
	if err != nil {
		return nil, err
	}
	return one[0], nil
}

// named is opener as a list of one, part of the entry's own.
func (e *Entry) named(role Role, named func(*Version) bool) ([]*Version, error) {
	if len(e.versions) == 0 {
		return nil, e.noKey()
	}
	for i, v := range e.versions {
		if !named(v) {
			continue
		}
		if err := e.opens(v, role, e.now()); err != nil {
			return nil, &Error{Op: "open", Pattern: e.pattern, ID: v.ID(), Err: err}
		}
		return e.versions[i : i+1 : i+1], nil
	}
	if !e.servedEver(role) {
		return nil, e.wrongRole("open", role, e.versions[0])
	}
	return nil, &Error{Op: "open", Pattern: e.pattern, Err: ErrUnknownID} // the id is the sender's
}

func (e *Entry) noKey() error {
	return &Error{Op: "open", Pattern: e.pattern, Err: fmt.Errorf("%w: here it has no key, and is plain", ErrUnknownID)}
}

// anyOpeners gives what may open a payload that names no key.
func (e *Entry) anyOpeners(role Role, d cryptobox.Dialect) ([]*Version, error) {
	now := e.now()
	openers, err := e.live(role, now, func(v *Version) bool { return v.key.speaks(d) })
	// They are in the order of their dates, the last first.
	if i := slices.Index(openers, e.current(now)); i > 0 {
		slices.Reverse(openers[:i+1])
	}
	n := min(len(openers), MaxOpeners)
	return openers[:n:n], err
}

// Dialects gives those in which a party of this role may receive now, ours first. The
// error is an [*Error] as of [Entry.ForeignOpeners] for a payload without an id.
func (e *Entry) Dialects(role Role) ([]cryptobox.Dialect, error) {
	live, err := e.live(role, e.now(), func(*Version) bool { return true })
	var dialects []cryptobox.Dialect
	for _, v := range live {
		dialects = append(dialects, v.key.dialect)
	}
	slices.Sort(dialects)
	return slices.Compact(dialects), err
}

// live gives the versions of some kind that open for a role now, or says why there are
// none.
func (e *Entry) live(role Role, now time.Time, counts func(*Version) bool) ([]*Version, error) {
	live, signedOnly := make([]*Version, 0, len(e.versions)), e.signedOnly()
	var dead *Version
	for _, v := range e.versions {
		switch {
		case !counts(v):
		case e.good(v, role, now) && (v.Signed() || !signedOnly):
			live = append(live, v)
		case v.key.serves(role): // one that doesn't isn't why
			dead = v
		}
	}
	switch {
	case len(live) > 0:
		return live, nil
	case len(e.versions) == 0:
		return nil, e.noKey()
	case !e.servedEver(role):
		return nil, e.wrongRole("open", role, e.versions[0])
	case dead != nil:
		return nil, &Error{Op: "open", Pattern: e.pattern, Err: e.opens(dead, role, now)}
	}
	return nil, &Error{Op: "open", Pattern: e.pattern, Err: ErrUnknownID}
}

// opens says why one of the entry's versions doesn't open for a role.
func (e *Entry) opens(v *Version, role Role, now time.Time) error {
	switch {
	case !v.key.serves(role):
		return wrongKind(role, v)
	case v.Revoked():
		return ErrRevoked
	case v.dates.expired(now):
		return hasExpired(v, now)
	case !e.lease.opens(now):
		return ended(ErrExpired, "opened", e.lease.open, now)
	case !v.Signed() && e.signedOnly():
		return e.unsignedRefused()
	}
	return nil
}

// version finds a version by its id, in any state.
func (e *Entry) version(id string) *Version {
	for _, v := range e.versions {
		if v.ID() == id {
			return v
		}
	}
	return nil
}

// stateOf gives what the dates make of one of the entry's versions.
func (e *Entry) stateOf(v *Version, now time.Time) State {
	switch {
	case v.Revoked():
		return StateRevoked
	case v.dates.expired(now), !e.lease.opens(now):
		return StateExpired
	case v == e.current(now) && e.lease.seals(now):
		return StateActive
	case v.dates.begun(now):
		return StateRetired
	}
	return StatePending
}

// infos tells of all versions without their keys.
func (e *Entry) infos() []VersionInfo {
	now := time.Now()
	infos := make([]VersionInfo, len(e.versions))
	for i, v := range e.versions {
		infos[i] = e.info(v, now)
		infos[i].Signed = v.key.signed.info()
	}
	return infos
}

// info tells of one of the entry's versions, without what a signed key can do.
func (e *Entry) info(v *Version, now time.Time) VersionInfo {
	sealUntil, openUntil := e.Lease()
	return VersionInfo{
		ID: v.ID(), State: e.stateOf(v, now), Dates: v.dates,
		Kind: v.key.kind.String(), Dialect: v.key.dialect, Suite: v.key.suite, Algorithm: v.algorithm(),
		SealUntil: sealUntil, OpenUntil: openUntil,
	}
}

// joins has the entry's versions ask what of the pattern is revoked.
func (e *Entry) joins(r *revocations) {
	e.revocations = r
	for _, v := range e.versions {
		if v.revocations != r { // not while others read it
			v.revocations = r
		}
	}
}

// follows takes over what was computed for the same secrets in the entry before this one,
// nil for none, and makes known what is revoked by the word of a source.
func (e *Entry) follows(before *Entry, r *revocations, source string) {
	e.joins(r)
	for _, v := range e.versions {
		if v.revoked {
			r.revoke(v, source)
		}
		if before == nil || e == before {
			continue
		}
		for _, old := range before.versions {
			if v != old && v.key.follows(old.key) {
				v.key.adopt(old.key)
			}
			if v.Signed() && v.ID() == old.ID() && v.last != old.last {
				v.last = old.last
			}
		}
	}
}
