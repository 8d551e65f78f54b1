package lint

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Unsealed gives the first time, from now on, in which none of the versions of a pattern
// seals, and whether there is one. It begins now or later, and ends never if until is zero.
// The versions are as [keyring.Ring.Versions] gives them: the one with the latest date first.
func Unsealed(versions []keyring.VersionInfo, now time.Time) (from, until time.Time, found bool) {
	var end time.Time // of the version's time to seal; zero is never
	for _, v := range versions {
		begin, expires := later(v.Dates.ActiveFrom, now), v.Dates.NotAfter
		revoked := v.State == keyring.StateRevoked
		if revoked || !expires.IsZero() && (end.IsZero() || expires.Before(end)) {
			if !found || !from.Equal(end) { // else the one goes on in the other
				until = end
			}
			from, found = begin, true
			if !revoked {
				from = later(begin, expires)
			}
		}
		if !v.Dates.ActiveFrom.After(now) {
			return from, until, found
		}
		end = v.Dates.ActiveFrom
	}
	return now, end, true // none has begun
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// dates looks at the dates of an entry's versions.
func (r *report) dates(e *entry) {
	if e.Plain {
		return
	}
	for _, v := range e.versions {
		switch until := v.info.Dates.NotAfter; {
		case v.info.State == keyring.StateExpired:
			r.add(v, Expired, "it opens nothing since %s: take its keys out with wampbox revoke", moment(until))
		case v.info.State == keyring.StateRetired && until.IsZero():
			r.add(v, NoEnd, "another version seals, and this one opens without end: give it a date with wampbox retire")
		}
	}
	r.undated(e)
	from, until, gap := Unsealed(e.infos(r), r.now)
	switch sends := e.Plaintext == keyring.SendPlain && e.Until.After(r.now); {
	case !gap:
	case !from.After(r.now) && until.IsZero() && sends: // the key may come later
	case !from.After(r.now) && until.IsZero():
		r.add(e, NoActive, "%s", e.sealsNever())
	case !from.After(r.now):
		r.add(e, NoActive, "no version seals before %s, so that sending for its URIs fails: wampbox activate dates one earlier", moment(until))
	case until.IsZero():
		r.add(e, Gap, "from %s on nothing seals: wampbox rotate before that", moment(from))
	default:
		r.add(e, Gap, "from %s to %s nothing seals: date the next version earlier with wampbox activate, or the older one's end later with wampbox retire", moment(from), moment(until))
	}
}

// sealsNever says what to do where no version seals, nor will.
func (e *entry) sealsNever() string {
	if slices.ContainsFunc(e.versions, func(v *version) bool { return !v.Revoked }) {
		return "no version seals, so that sending for its URIs fails: wampbox rotate makes one, and wampbox activate dates one that is there"
	}
	return "all versions are revoked, so that sending for its URIs fails: wampbox add gives it a new key, " +
		"with all files of both parties as -originator and -responder, or with all as -shared"
}

// undated looks for revoked versions without a date beside one that isn't revoked and has
// none either: only one of a pattern's versions needs none, its first.
func (r *report) undated(e *entry) {
	none := func(v *version) bool { return v.info.Dates.ActiveFrom.IsZero() }
	if !slices.ContainsFunc(e.versions, func(v *version) bool { return !v.Revoked && none(v) }) {
		return
	}
	for _, v := range e.versions {
		if v.Revoked && none(v) {
			r.add(v, NoDate, "it counts as the oldest, so that another version without a date seals in its place: give it the active_from that it had")
		}
	}
}

// sealsUntil gives when a version seals no more, because it ends or another one's date comes;
// the zero time where that isn't so.
func (e *entry) sealsUntil(v *version) time.Time {
	end := v.info.Dates.NotAfter
	for _, next := range e.versions {
		if from := next.info.Dates.ActiveFrom; from.After(v.info.Dates.ActiveFrom) && (end.IsZero() || from.Before(end)) {
			end = from
		}
	}
	return end
}

// until is how findings give a date that may be missing.
func until(t time.Time) string {
	if t.IsZero() {
		return "it is revoked"
	}
	return moment(t)
}

// moment is how findings give a date.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
