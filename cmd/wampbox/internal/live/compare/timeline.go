package compare

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
)

// onTheWay is how long what was sealed may take to arrive, as transparency.WithMaxAge
// has it by default, and clocks differ besides.
const onTheWay = 5*time.Minute + skew

// timeline follows what one end seals with, from now to the last date, and reports the
// first time that the other end wouldn't open it.
func (r *report) timeline(from, to side, now time.Time, said map[string]bool) {
	if !from.begins() {
		return
	}
	var before *Version
	for _, t := range moments(from, to, now) {
		v := from.sealer(t)
		if v == nil {
			if !slices.ContainsFunc(from.Versions, func(v Version) bool { return said[v.ID] && v.revoked() }) {
				level := Error
				if t.After(now) { // there is time to do something about it
					level = Warning
				}
				r.add(level, NoActive, from.parsed, "", fmt.Sprintf("%s seals nothing %s", from.name, since(t, now)),
					from.sealAgain(t))
			}
			return
		}
		if before != nil && v != before {
			r.late(to, before, t, said)
		}
		before = v
		if !said[v.ID] {
			said[v.ID] = r.refused(from, to, v, t, now)
		}
	}
}

// sealAgain says what to do where nothing seals from some moment on.
func (p Pattern) sealAgain(t time.Time) string {
	if slices.ContainsFunc(p.Versions, func(v Version) bool { return v.ActiveFrom.After(t) && v.opens(v.ActiveFrom) }) {
		return "date the next version earlier with wampbox activate, or the older one's end later with wampbox retire, at both ends"
	}
	return "add a version that takes over in time, at both ends: wampbox rotate"
}

// begins tells whether an end seals what begins an exchange. Answers go by the version
// of what they answer.
func (p Pattern) begins() bool {
	return slices.ContainsFunc(p.Versions, func(v Version) bool { return v.half() != kindResponder && !v.revoked() })
}

// moments are those at which something may change, in order.
func moments(a, b side, now time.Time) []time.Time {
	all := []time.Time{now}
	for _, s := range []side{a, b} {
		if s.AllowUnsigned.After(now) {
			all = append(all, s.AllowUnsigned.Add(1))
		}
		for _, v := range s.Versions {
			if v.ActiveFrom.After(now) {
				all = append(all, v.ActiveFrom)
			}
			if v.NotAfter.After(now) {
				all = append(all, v.NotAfter.Add(1)) // the date itself is included
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// sealer gives what seals at a moment: what has the latest date that has come, and if
// that is gone, nothing.
func (p Pattern) sealer(t time.Time) *Version {
	var latest *Version
	for i := range p.Versions {
		v := &p.Versions[i]
		if !v.ActiveFrom.After(t) && (latest == nil || v.ActiveFrom.After(latest.ActiveFrom)) {
			latest = v
		}
	}
	if latest == nil || !latest.opens(t) {
		return nil
	}
	return latest
}

// refused reports that one end seals with what the other doesn't open, and tells whether
// it is so.
func (r *report) refused(from, to side, v *Version, t, now time.Time) bool {
	other := to.version(v.ID)
	switch {
	case other == nil:
		r.add(Error, MissingVersion, from.parsed, v.ID, fmt.Sprintf("%s seals with it %s, and %s doesn't have it", from.name, since(t, now), to.name),
			"before that, "+words.HandOver(to.name))
	case other.opens(t) && !to.takes(other, t) && to.AllowUnsigned.IsZero():
		r.add(Error, Dates, from.parsed, v.ID, fmt.Sprintf("%s has a signed version beside it, and opens no other, and %s seals with it", to.name, from.name),
			fmt.Sprintf("give %s the signed version now, or %s a date \"allow_unsigned\"", from.name, to.name))
	case !to.takes(other, t):
		until, _ := to.closes(*other)
		r.add(Error, Dates, from.parsed, v.ID, fmt.Sprintf("%s opens it until %s only, and %s seals with it after that", to.name, date(until), from.name),
			fmt.Sprintf("give it one date at both ends, with wampbox retire -at, and %s the version that follows on it (wampbox rotate)", from.name))
	default:
		return false
	}
	return true
}

// late reports that what was sealed last with a version can arrive when it doesn't open
// any more.
func (r *report) late(to side, v *Version, end time.Time, said map[string]bool) {
	other := to.version(v.ID)
	if said[v.ID] || other == nil || other.revoked() || other.NotAfter.IsZero() || !other.NotAfter.Before(end.Add(onTheWay)) {
		return
	}
	said[v.ID] = true
	r.add(Warning, Dates, to.parsed, v.ID, fmt.Sprintf("it seals until %s, and %s opens it only until %s: what is on the way then is refused", date(end), to.name, date(other.NotAfter)),
		fmt.Sprintf("give it an end that is at least %v later, with wampbox retire -at", onTheWay))
}

func since(t, now time.Time) string {
	if t.Equal(now) {
		return "now"
	}
	return "from " + date(t) + " on"
}
