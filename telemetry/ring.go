package telemetry

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Ring shows how many keys a ring has, how old they are and when they end, as wampbox.ring with a
// name. It ends with stop. The error wraps [ErrSource].
func (t *Telemetry) Ring(name string, r *keyring.Ring) (stop func(), err error) {
	return t.show(ofRing, name, ringSource{r}, r != nil)
}

type ringSource struct{ *keyring.Ring }

func (r ringSource) observe(c *collector) {
	var of keyring.Pattern
	var versions []keyring.VersionInfo
	for p, v := range r.Walk(c.now) { // pattern by pattern
		if p != of && len(versions) > 0 {
			c.key(of, versions)
			versions = versions[:0]
		}
		of, versions = p, append(versions, v)
	}
	if len(versions) > 0 {
		c.key(of, versions)
	}
}

// key tells of a pattern's versions, the one with the latest ActiveFrom first.
func (c *collector) key(p keyring.Pattern, versions []keyring.VersionInfo) {
	of := labels{pair: c.alone.of(pair{pattern: p})}
	seals := "silent"
	for _, v := range versions {
		c.add(c.versions, 1, labels{state: v.State.String()})
		switch v.State {
		case keyring.StateActive:
			seals = "sealing"
			c.since(c.keyAge, v.Dates.ActiveFrom, of)
		case keyring.StatePending:
			c.until(c.nextVersion, v.Dates.ActiveFrom, of)
		}
	}
	c.add(c.patterns, 1, labels{state: seals})
	if until, ends := sealingEnd(versions, c.now); ends {
		c.until(c.sealingLeft, until, of)
	}
}

// sealingEnd gives until when a pattern seals without a break, if its versions stay as they are.
// If it seals nothing now, that is now.
func sealingEnd(versions []keyring.VersionInfo, now time.Time) (end time.Time, ends bool) {
	active := slices.IndexFunc(versions, func(v keyring.VersionInfo) bool { return v.State == keyring.StateActive })
	if active < 0 {
		return now, true
	}
	for i := active; i >= 0 && !ends; i-- {
		v := versions[i]
		switch {
		case v.State == keyring.StateRevoked: // from when it would have sealed
			end, ends = v.Dates.ActiveFrom, true
		case !v.Dates.NotAfter.IsZero() && (i == 0 || v.Dates.NotAfter.Before(versions[i-1].Dates.ActiveFrom)):
			end, ends = v.Dates.NotAfter, true
		}
	}
	if lease := versions[active].SealUntil; !lease.IsZero() && (!ends || lease.Before(end)) {
		end, ends = lease, true
	}
	return end, ends
}
