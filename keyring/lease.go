package keyring

import (
	"fmt"
	"time"
)

// lease says until when an entry's keys are used, whatever their own dates are.
type lease struct{ seal, open time.Time }

// Lease lends the keys that the ring has now, but for those of other sources: after the first
// date they seal nothing, and after the second they open nothing. The zero time is without end.
// Nothing is sealed after the second date either, and nothing plain is sent or taken after the
// first by a [Ring.Transition]. The dates themselves are included. What began before may finish,
// and a call that opens is answered.
//
// It is for keys that somebody has to lend again from time to time: a key service. Lease the
// ring that is given to [Ring.Update]; the next Update of that source takes the place of it, and
// the later lease counts. The dates of versions stay as they are. It costs as much as to Set the
// patterns.
func (r *Ring) Lease(sealUntil, openUntil time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := newLease(sealUntil, openUntil)
	next := r.snapshot()
	var changed []Pattern
	for e := range r.snapshot().entries() {
		if _, given := r.sources[e.pattern]; given || e.standing != keyed {
			continue
		}
		lent := *e
		lent.lend(l)
		next = next.with(&lent)
		changed = append(changed, e.pattern)
	}
	if len(changed) > 0 {
		r.swap(next, changed...)
	}
}

// newLease gives nil for one without any end.
func newLease(seal, open time.Time) *lease {
	l := &lease{seal.Round(0).UTC(), open.Round(0).UTC()}
	if l.seal.IsZero() || !l.open.IsZero() && l.open.Before(l.seal) {
		l.seal = l.open
	}
	if l.seal.IsZero() {
		return nil
	}
	return l
}

// lend gives an entry that nobody else has its lease, nil for none.
func (e *Entry) lend(l *lease) {
	e.lease = l
	e.dated = e.dated || l != nil
}

// Lease gives until when the entry's keys seal and open at most: see [Ring.Lease]. Zero is
// without end.
func (e *Entry) Lease() (sealUntil, openUntil time.Time) {
	if e.lease == nil {
		return time.Time{}, time.Time{}
	}
	return e.lease.seal, e.lease.open
}

// seals and opens tell whether the keys may be used so at a time. A nil lease has no end.
func (l *lease) seals(now time.Time) bool { return l == nil || !now.After(l.seal) }
func (l *lease) opens(now time.Time) bool {
	return l == nil || l.open.IsZero() || !now.After(l.open)
}

// ended is the error for what isn't done any more since a date.
func ended(is error, does string, since, now time.Time) error {
	return &worded{is, fmt.Sprintf("the lease of the pattern's keys has ended: they %s until %s, %s ago by this clock; "+
		"the key service wasn't reached: see why, or fetch them again", does, moment(since), distance(since, now))}
}

// good tells whether one of the entry's versions opens for a role now.
func (e *Entry) good(v *Version, role Role, now time.Time) bool {
	return v.good(role, now) && e.lease.opens(now)
}
