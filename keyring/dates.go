package keyring

import (
	"fmt"
	"time"
)

// Dates say when a version of a pattern's key is in use. It opens from when the ring
// has it until NotAfter. From ActiveFrom on it is the version that seals, until another
// version's ActiveFrom has come. The clock of this machine counts.
type Dates struct {
	ActiveFrom time.Time // zero: always
	NotAfter   time.Time // that moment included; zero: without end
}

// check refuses dates that leave a version no time to seal in.
func (d Dates) check() error {
	if !d.NotAfter.IsZero() && d.NotAfter.Before(d.ActiveFrom) {
		return refuse(fmt.Sprintf("it would open until %s and seal from %s: give a later end",
			moment(d.NotAfter), moment(d.ActiveFrom)))
	}
	return nil
}

// begun tells whether the ActiveFrom has come.
func (d Dates) begun(now time.Time) bool { return d.ActiveFrom.IsZero() || !now.Before(d.ActiveFrom) }

// expired tells whether the NotAfter, if there is one, is before a moment.
func (d Dates) expired(now time.Time) bool { return !d.NotAfter.IsZero() && now.After(d.NotAfter) }

// plainClock gives dates that count by the wall clock, as those that were read from a
// file do, and not by the time that this process has run. They can be compared with ==.
func (d Dates) plainClock() Dates {
	return Dates{ActiveFrom: d.ActiveFrom.Round(0).UTC(), NotAfter: d.NotAfter.Round(0).UTC()}
}

// moment is how texts give a date.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// State is what its dates make of a version, and what the others' make of it.
type State uint8

// The states.
const (
	StatePending State = iota + 1 // opens; its ActiveFrom hasn't come
	StateActive                   // opens and seals; at most one version of a pattern
	StateRetired                  // opens, until its NotAfter; another one seals, or none, as after a lease
	StateExpired                  // neither; its NotAfter has passed, or the end of its lease
	StateRevoked                  // neither; its id is known to be revoked
)

// String names the state: pending, active, retired, expired or revoked.
func (s State) String() string {
	switch s {
	case StatePending:
		return "pending"
	case StateActive:
		return "active"
	case StateRetired:
		return "retired"
	case StateExpired:
		return "expired"
	case StateRevoked:
		return "revoked"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}
