package renewal

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Skew is what the clocks of peers may differ by: what is to hold at once is dated so much
// earlier, so that it does at all of them.
const Skew = 30 * time.Second

// Arrival is how long after it was sealed a message may be on its way: sessions take what is
// 5 minutes old by default, and clocks differ.
const Arrival = 5*time.Minute + Skew

// Moment gives a time as keyring files have it.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// Shown is how dates are shown.
func Shown(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Begins gives the date from which a version seals that shall do so from a moment on. What
// has to hold at once is dated back by what clocks differ, and yet behind what seals now; no
// two versions have the same date. The id is the version's, if it is among the others.
func Begins(at, now time.Time, versions []keyring.VersionInfo, id string) time.Time {
	now = Moment(now)
	if !at.After(now) {
		at = at.Add(-Skew)
		for _, v := range versions {
			if from := v.Dates.ActiveFrom; v.ID != id && !from.After(now) && !from.Before(at) {
				at = Moment(from.Add(time.Second))
			}
		}
	}
	for taken := true; taken; {
		taken = false
		for _, v := range versions {
			if v.ID != id && v.Dates.ActiveFrom.Equal(at) {
				at, taken = at.Add(time.Second), true
			}
		}
	}
	return at
}

// Lives tells whether a version is neither revoked nor past its end.
func Lives(v keyring.VersionInfo, now time.Time) bool {
	return v.State != keyring.StateRevoked && (v.Dates.NotAfter.IsZero() || !now.After(v.Dates.NotAfter))
}
