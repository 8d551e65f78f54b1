package authority

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Defer moves the date from which a pattern's next version seals, to a later or an earlier one, and
// with it the end of the version before, if it has one. Further versions to come move by as much.
// Members have that by the next Issue, which has to reach them before the earlier of both dates:
// until it does they go over by the date that they have, and as both versions open, what is sealed
// with either arrives.
//
// The error is an [*Error] that wraps [ErrMaster], [ErrNoPending] if no version is to come, or
// [ErrOption] for a date that has passed.
func (a *Authority) Defer(p keyring.Pattern, activate time.Time) (Rotated, error) {
	moved, err := a.postpone(p, activate)
	if err != nil {
		return Rotated{}, &Error{Op: "defer", Pattern: p, Err: err}
	}
	return moved, nil
}

func (a *Authority) postpone(p keyring.Pattern, activate time.Time) (moved Rotated, err error) {
	at := now()
	if activate = whole(activate); !activate.After(at) {
		return moved, fail(ErrOption, "the date has passed: give a later one, or rotate at once")
	}
	err = a.changeMaster(func(f renewal.File) error {
		e, err := entryOf(f, p)
		if err == nil {
			moved, err = postpone(alone(f, e), activate, at)
		}
		return err
	})
	if err != nil {
		return moved, err
	}
	return moved, a.save()
}

// postpone moves what is to come in a file of one pattern.
func postpone(f renewal.File, activate, at time.Time) (moved Rotated, err error) {
	all, _, err := standings(f, at)
	if err != nil {
		return moved, err
	}
	next := -1 // the last that is to come, and so the first that comes
	for i, v := range all {
		if !v.Revoked && v.active().After(at) {
			next = i
		}
	}
	if next < 0 {
		return moved, fail(ErrNoPending, "what there is seals already: rotate makes the next version")
	}
	e := f.Entries[0]
	moved = Rotated{Pattern: e.Pattern, ID: all[next].id(), ActiveFrom: activate}
	by := activate.Sub(all[next].active())
	for _, v := range all[:next+1] {
		if !v.Revoked {
			v.Version.Dates.ActiveFrom = v.active().Add(by)
			moveEnd(e, v, by)
		}
	}
	if i := slices.IndexFunc(all[next+1:], func(v standing) bool { return !v.Revoked }); i >= 0 {
		old := all[next+1+i]
		moveEnd(e, old, by)
		moved.Old, moved.OldUntil = old.id(), old.Version.Dates.NotAfter
	}
	moved.Versions, err = f.OfPattern(e.Pattern)
	return moved, err
}

// moveEnd moves a version's end, if it has one, and what goes with that.
func moveEnd(e *keyfile.Entry, v standing, by time.Duration) {
	end := v.VersionInfo.Dates.NotAfter
	if end.IsZero() {
		return
	}
	if !v.Version.Suite.Signed() && e.AllowUnsigned.Equal(end) {
		e.AllowUnsigned = end.Add(by)
	}
	v.Version.Dates.NotAfter = end.Add(by)
}
