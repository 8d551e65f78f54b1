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
	names := namesEnd(r.Ring, c.now)
	key := func(p keyring.Pattern, versions []keyring.VersionInfo) {
		if len(versions) > 0 {
			named, whole := names[p.URI]
			if !whole {
				prefix, _ := r.Hides(p.URI)
				named = names[prefix]
			}
			c.key(p, versions, named)
		}
	}
	var of keyring.Pattern
	var versions []keyring.VersionInfo
	for p, v := range r.Walk(c.now) { // pattern by pattern
		if p != of {
			key(of, versions)
			versions = versions[:0]
		}
		of, versions = p, append(versions, v)
	}
	key(of, versions)
}

// namesEnd gives until when the URIs below scrambled prefixes have a name to be sent by, where that
// ends. Nothing is sent without one, whatever the key.
func namesEnd(r *keyring.Ring, now time.Time) map[string]time.Time {
	ends := map[string]time.Time{}
	for s := range r.Scrambled() {
		var names []keyring.VersionInfo
		pending := true
		for _, by := range s.Secrets {
			names = append(names, keyring.VersionInfo{State: by.State, Dates: by.Dates})
			pending = pending && by.State == keyring.StatePending
		}
		if pending && now.Before(s.ClearUntil) { // URIs are sent as they are until the first secret is in use
			names = append(names, keyring.VersionInfo{State: keyring.StateActive, Dates: keyring.Dates{NotAfter: s.ClearUntil}})
		}
		if end, has := sealingEnd(names, now); has {
			ends[s.Prefix] = end
		}
	}
	return ends
}

// key tells of a pattern's versions, the one with the latest ActiveFrom first. Its URIs have names
// until a date, or zero for ever.
func (c *collector) key(p keyring.Pattern, versions []keyring.VersionInfo, named time.Time) {
	of := labels{pair: c.alone.of(pair{pattern: p})}
	for _, v := range versions {
		c.add(c.versions, 1, labels{state: v.State.String()})
		switch v.State {
		case keyring.StateActive:
			c.since(c.keyAge, v.Dates.ActiveFrom, of)
		case keyring.StatePending:
			c.until(c.nextVersion, v.Dates.ActiveFrom, of)
		}
	}
	until, ends := sealingEnd(versions, c.now)
	if !named.IsZero() && (!ends || named.Before(until)) {
		until, ends = named, true
	}
	seals := "sealing"
	if ends && !until.After(c.now) {
		seals = "silent"
	}
	c.add(c.patterns, 1, labels{state: seals})
	if ends {
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
