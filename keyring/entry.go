package keyring

import (
	"slices"
	"time"
)

// MaxOpeners bounds how many versions [Entry.Openers] gives for a payload that
// names no key, and so how many attempts one message can cost.
const MaxOpeners = 8

// Entry is what a ring holds for one pattern. It is immutable, and safe for
// concurrent use. What was begun with an entry goes on with it: a change of the
// ring shows in what is looked up after it. Only the dates of retired versions
// count in older entries too.
type Entry struct {
	pattern  Pattern
	unbound  bool
	versions []*Version // at least one, in the order of compare

	originator, responder side
}

// side is what an entry holds for one role.
type side struct {
	sealer  *Version   // the active version, or nil
	openers []*Version // all that aren't revoked, in the order of compare
}

// newEntry makes the entry of a pattern. It takes over the versions, and puts
// them in order. Within a rank they keep theirs.
func newEntry(p Pattern, versions ...*Version) *Entry {
	slices.SortStableFunc(versions, compare)
	return &Entry{
		pattern:    p,
		unbound:    versions[0].key.unbound,
		versions:   versions,
		originator: sideOf(versions, RoleOriginator),
		responder:  sideOf(versions, RoleResponder),
	}
}

// sideOf finds what serves a role.
func sideOf(versions []*Version, role Role) side {
	var s side
	serving := 0
	for _, v := range versions {
		if v.state == StateRevoked || !v.key.kind.serves(role) {
			continue
		}
		serving++
		if v.state == StateActive {
			s.sealer = v
		}
	}
	switch serving {
	case 0:
	case len(versions): // mostly: no copy then
		s.openers = versions
	default:
		s.openers = make([]*Version, 0, serving)
		for _, v := range versions {
			if v.state != StateRevoked && v.key.kind.serves(role) {
				s.openers = append(s.openers, v)
			}
		}
	}
	return s
}

// side gives what serves a role, or nothing.
func (e *Entry) side(role Role) side {
	switch role {
	case RoleOriginator:
		return e.originator
	case RoleResponder:
		return e.responder
	}
	return side{}
}

// Pattern gives the pattern that the entry was set for.
func (e *Entry) Pattern() Pattern { return e.pattern }

// Unbound tells whether the key allows peers that write no binding: see
// [Key.AllowUnbound]. All versions of a pattern are the same in this.
func (e *Entry) Unbound() bool { return e.unbound }

// Sealer gives the version that seals for a party of this role: the active
// one. The error is an [*Error] that wraps [ErrWrongRole] or [ErrNoActive].
func (e *Entry) Sealer(role Role) (*Version, error) {
	if v := e.side(role).sealer; v != nil {
		return v, nil
	}
	if active := e.active(); active != nil || !e.servedEver(role) {
		return nil, e.wrongRole("seal", role, active)
	}
	return nil, &Error{Op: "seal", Pattern: e.pattern, Err: ErrNoActive}
}

// Openers gives the versions that may open what a party of this role received:
// the one with the id that the payload names, or where it names none ("") all
// that may open now, at most [MaxOpeners]: the active one first, then pending
// ones, then retired ones. The caller must not change the slice.
//
// The error is an [*Error] that wraps [ErrWrongRole], [ErrUnknownID],
// [ErrExpired] or [ErrRevoked]. For a payload without an id the last two mean
// that no version is left that may open.
func (e *Entry) Openers(role Role, keyID string) ([]*Version, error) {
	openers := e.side(role).openers
	if keyID == "" {
		if n := min(opening(openers), MaxOpeners); n > 0 {
			return openers[:n:n], nil
		}
		return nil, e.noneOpens(role)
	}
	for i, v := range openers {
		if v.ID() != keyID {
			continue
		}
		if v.notAfter.IsZero() || !v.expired(time.Now()) {
			return openers[i : i+1 : i+1], nil
		}
		return nil, &Error{Op: "open", Pattern: e.pattern, ID: v.ID(), Err: hasExpired(v)}
	}
	return nil, e.noOpener(role, keyID)
}

// opening counts the versions that may open now: the first ones of an entry's.
// It asks for the time only if one of them has a date.
func opening(versions []*Version) int {
	n := len(versions)
	if n == 0 || versions[n-1].notAfter.IsZero() {
		return n
	}
	for now := time.Now(); n > 0 && versions[n-1].expired(now); {
		n--
	}
	return n
}

// active gives the active version, or nil.
func (e *Entry) active() *Version {
	if v := e.versions[0]; v.state == StateActive {
		return v
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

// adopt takes over what was computed for the same secrets in an entry that this
// one replaces, nil for none.
func (e *Entry) adopt(before *Entry) {
	if before == nil || e == before {
		return
	}
	for _, v := range e.versions {
		for _, old := range before.versions {
			v.key.adopt(old.key.material)
		}
	}
}
