package authority

import (
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Rotation says when the next version of a key comes, and the one before goes.
type Rotation struct {
	// Activate is from when the next version seals: at once if it isn't later than now, which is
	// written as half a minute ago.
	Activate time.Time
	// Retire is until when the version before opens, not before Activate. Take it later than that
	// by as much as messages may be old when they arrive: 5 minutes by default.
	Retire time.Time
}

// Rotated is a version that was made, and what became of others.
type Rotated struct {
	Pattern    keyring.Pattern
	ID         string
	ActiveFrom time.Time
	Old        string
	OldUntil   time.Time // its new end; zero where its own is earlier
	Ended      []string  // the oldest that were open, which end at once for lack of room
	Versions   []keyring.VersionInfo
}

// Rotate makes the next version of a pattern's key: new halves of a pair, a new secret, or of a
// signed key a new reading key. Members have it by the next Issue, and go over to it by their
// clocks: see who has fetched it by [Authority.Status], and put it off by [Authority.Defer].
//
// A pattern has 48 versions at most that open. Where there would be more, the oldest ones end
// at once.
//
// The error is an [*Error] that wraps [ErrMaster], [ErrOption] for dates that make no sense, or
// [ErrLater] if another version is to seal later than the new one would.
func (a *Authority) Rotate(p keyring.Pattern, r Rotation) (Rotated, error) {
	made, err := a.rotate(p, r)
	if err != nil {
		return Rotated{}, &Error{Op: "rotate", Pattern: p, Err: err}
	}
	return made, nil
}

func (a *Authority) rotate(p keyring.Pattern, r Rotation) (made Rotated, err error) {
	at := now()
	if r, err = r.since(at); err != nil {
		return made, err
	}
	if err := a.changeMaster(func(f renewal.File) (err error) {
		made, err = a.state.rotate(f, p, r, at)
		return err
	}); err != nil {
		return made, err
	}
	a.state.entered(p, made.ID)
	return made, a.save()
}

// since refuses dates that make no sense, and has what begins in the past begin now.
func (r Rotation) since(at time.Time) (Rotation, error) {
	if r.Retire.Before(r.Activate) {
		return r, fail(ErrOption, "what was before would end before the next one is used")
	}
	r.Activate = latest(r.Activate, at)
	return r, nil
}

// rotate makes the next version in the master.
func (s *state) rotate(f renewal.File, p keyring.Pattern, r Rotation, at time.Time) (made Rotated, err error) {
	e, err := entryOf(f, p)
	if err != nil {
		return made, err
	}
	if lacks(newest(e)) {
		return made, fail(ErrMaster, "the newest version has one private key alone, or of a signed key none")
	}
	file := alone(f, e)
	if made.Ended, _, err = s.handedOut(p).tidy(file, s.OpensUntil, at, 1); err != nil {
		return made, err
	}
	next := renewal.Renewal{Pattern: p, Now: at, From: renewal.Moment(r.Activate), Until: whole(r.Retire)}
	if r.Activate.After(at) {
		next.From = whole(r.Activate)
	}
	version, err := next.AddTo([]renewal.File{file})
	var later *renewal.LaterError
	if errors.As(err, &later) {
		return made, fail(ErrLater, "%s seals from %s on: move that date by wampbox authority rotate -defer, which may be earlier too. If its key was stolen, end it by wampbox revoke in keyring.json, and rotate then", later.ID, renewal.Shown(later.From))
	}
	if err != nil {
		return made, err
	}
	made.Pattern, made.ID, made.ActiveFrom = p, version.ID, version.Dates.ActiveFrom
	made.Old, made.OldUntil, made.Versions = version.Old, version.OldUntil, next.Versions
	return made, nil
}

// whole gives a time to come in whole seconds, as keyring files have it, not before it.
func whole(t time.Time) time.Time {
	if cut := renewal.Moment(t); !cut.Equal(t) {
		return cut.Add(time.Second)
	}
	return renewal.Moment(t)
}

// handedOut gives what is known of who has a pattern's versions: of one that nobody holds nothing.
func (s *state) handedOut(p keyring.Pattern) *handedOut {
	if h := s.holding(p); h != nil {
		return &h.handedOut
	}
	return new(handedOut)
}

// entered notes a version that nobody has yet.
func (s *state) entered(p keyring.Pattern, id string) {
	if h := s.holding(p); h != nil {
		h.made(id)
	}
}
