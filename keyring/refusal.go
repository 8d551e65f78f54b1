package keyring

import (
	"fmt"
	"slices"
	"time"
)

// noSealer says why nothing seals at the time now. v is the version that would, nil for none.
func (e *Entry) noSealer(role Role, v *Version, now time.Time) error {
	if len(e.versions) > 0 && !e.servedEver(role) {
		return e.wrongRole("seal", role, e.versions[0])
	}
	refused := &Error{Op: "seal", Pattern: e.pattern}
	switch {
	case v == nil && len(e.versions) == 0:
		refused.Err = fmt.Errorf("%w: the pattern has no key", ErrNoActive)
	case v == nil:
		first := e.versions[len(e.versions)-1]
		refused.ID = first.ID()
		from := first.dates.ActiveFrom
		refused.Err = fmt.Errorf("%w: it seals from %s on, in %s by this clock", ErrNoActive, moment(from), distance(now, from))
	case v.Revoked():
		refused.ID = v.ID()
		refused.Err = fmt.Errorf("%w: it was revoked, and an older one doesn't seal in its place: add another", ErrNoActive)
	case !v.key.serves(role):
		return e.wrongRole("seal", role, v)
	case !v.dates.expired(now): // nor is it good
		refused.Err = ended(ErrNoActive, "sealed", e.lease.seal, now)
	default:
		refused.ID = v.ID()
		refused.Err = fmt.Errorf("%w: it was good until %s, %s ago by this clock: add another, or give it a later date",
			ErrNoActive, moment(v.dates.NotAfter), distance(v.dates.NotAfter, now))
	}
	return refused
}

// hasExpired says since when.
func hasExpired(v *Version, now time.Time) error {
	return fmt.Errorf("%w: %s, %s ago by this clock", ErrExpired, moment(v.dates.NotAfter), distance(v.dates.NotAfter, now))
}

// distance is how far apart two times are, for people. A date may be wrong, or a clock: by
// this one can tell which.
func distance(from, to time.Time) string {
	const day = 24 * 60 * 60
	seconds := to.Unix() - from.Unix() // no time.Duration, which ends at 292 years
	if seconds >= 3*day {
		return fmt.Sprintf("%d days", seconds/day)
	}
	return (time.Duration(seconds) * time.Second).String()
}

// servedEver tells whether a version serves a role, or did until it was revoked. Those of
// which only the id is left say nothing of that, unless there are no others.
func (e *Entry) servedEver(role Role) bool {
	known := false
	for _, v := range e.versions {
		if v.key.kind == kindRevoked {
			continue
		}
		if known = true; v.key.serves(role) {
			return true
		}
	}
	return !known
}

// wrongRole says which key would serve in place of a version's.
func (e *Entry) wrongRole(op string, role Role, v *Version) error {
	if i := slices.IndexFunc(e.versions, func(v *Version) bool { return v.key.kind != kindRevoked }); v.key.kind == kindRevoked && i >= 0 {
		v = e.versions[i] // of an id alone nothing can be said
	}
	return &Error{Op: op, Pattern: e.pattern, Err: wrongKind(role, v)}
}

func wrongKind(role Role, v *Version) error {
	need := "ask for RoleOriginator or RoleResponder"
	switch {
	case v.Signed() && role == RoleOriginator:
		need = "to publish and call it needs both Sign, a signing key of its own, and Seal, the public half of the reading key"
	case v.Signed() && role == RoleResponder:
		need = "to subscribe and be called it needs Read, the reading key: with Sign and Seal alone nobody opens what they sealed"
	case role == RoleOriginator:
		need = "give this end the originator's half of the key, or a key for both roles"
	case role == RoleResponder:
		need = "give this end the responder's half of the key, or a key for both roles"
	}
	return fmt.Errorf("%w: %v wanted, the key is of kind %v: %s", ErrWrongRole, role, v.key.kind, need)
}
