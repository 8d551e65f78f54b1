package authority

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Schedule has a pattern's key rotated by Issue, when it is time. The zero Schedule is none.
type Schedule struct {
	// Every is how long each version seals.
	Every time.Duration
	// Activate is how long before it seals a version is made, so that members have it by then.
	// Issue has to be run more often.
	Activate time.Duration
	// Retire is how long the version before opens after that.
	Retire time.Duration
}

// scheduleText is how authority.json has one.
type scheduleText struct {
	Every    string `json:"every"`
	Activate string `json:"activate"`
	Retire   string `json:"retire"`
}

// MarshalJSON writes durations as texts.
func (s Schedule) MarshalJSON() ([]byte, error) {
	return json.Marshal(scheduleText{s.Every.String(), s.Activate.String(), s.Retire.String()})
}

// UnmarshalJSON reads what can be kept.
func (s *Schedule) UnmarshalJSON(text []byte) error {
	var given scheduleText
	if err := json.Unmarshal(text, &given, json.RejectUnknownMembers(true)); err != nil {
		return err
	}
	every, err1 := time.ParseDuration(given.Every)
	activate, err2 := time.ParseDuration(given.Activate)
	retire, err3 := time.ParseDuration(given.Retire)
	*s = Schedule{every, activate, retire}
	return errors.Join(err1, err2, err3, s.check())
}

// check refuses what can't be kept.
func (s Schedule) check() error {
	switch {
	case s == Schedule{}:
		return nil
	case s.Every < time.Minute:
		return fail(ErrOption, "to rotate every %v is too often: once a minute at most", s.Every)
	case s.Activate < 0 || s.Retire < 0:
		return fail(ErrOption, "times to come are given: not %v and %v", s.Activate, s.Retire)
	case s.Activate > s.Every:
		return fail(ErrOption, "a version would be made %v before it seals, which is longer than each seals: shorten that, or rotate more seldom", s.Activate)
	case s.Retire/s.Every > maxLive/2:
		return fail(ErrOption, "%d versions would be open at once, and %d are the most: shorten retire, or rotate more seldom", s.Retire/s.Every+2, maxLive/2)
	}
	return nil
}

// Schedule has a pattern's key rotated from now on by each Issue at which it is due. Of what fell
// due several times since the last Issue, one rotation is made.
func (a *Authority) Schedule(p keyring.Pattern, s Schedule) error {
	err := a.schedule(p, s)
	if err != nil {
		return &Error{Op: "schedule", Pattern: p, Err: err}
	}
	return nil
}

func (a *Authority) schedule(p keyring.Pattern, s Schedule) error {
	if err := s.check(); err != nil {
		return err
	}
	master, err := a.master()
	if err != nil {
		return err
	}
	defer master.Wipe()
	if _, err := entryOf(renewal.File{File: master}, p); err != nil {
		return err
	}
	h := a.state.holding(p)
	switch {
	case h == nil && s == Schedule{}:
		return nil
	case h == nil:
		h = &holding{Match: p.Match.String(), URI: p.URI, Holders: holders{}}
		a.state.Patterns = append(a.state.Patterns, h)
	}
	if h.Rotate = &s; s == (Schedule{}) {
		h.Rotate = nil
	}
	return a.store()
}

// next tells when a pattern's next version is to seal, after what its versions are.
func (s Schedule) next(versions []keyring.VersionInfo, created, at time.Time) time.Time {
	last := created
	for _, v := range versions {
		if v.State != keyring.StateRevoked && v.Dates.ActiveFrom.After(last) {
			last = v.Dates.ActiveFrom
		}
	}
	if next := last.Add(s.Every); next.After(at.Add(s.Activate)) {
		return next
	}
	return at.Add(s.Activate)
}

// due tells whether it is time to make the version that is to seal from then on. A tenth of the
// time between two is allowed, so that what is issued once a day rotates once a day.
func (s Schedule) due(next, at time.Time) bool {
	return !next.Add(-s.Activate - s.Every/10).After(at)
}

// errNothing ends a change of the master that changes nothing.
var errNothing = errors.New("nothing to change")

// keep does what has to be done before grants are issued: what is of no use any more leaves the
// master, and what is due is rotated.
func (a *Authority) keep() (made []Rotated, err error) {
	err = a.changeMaster(func(f renewal.File) (err error) {
		var changed bool
		if made, changed, err = a.state.keep(f, now()); err == nil && !changed {
			err = errNothing
		}
		return err
	})
	if errors.Is(err, errNothing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, one := range made {
		a.state.entered(one.Pattern, one.ID)
	}
	return made, a.save()
}

// keep is that, in the master.
func (s *state) keep(f renewal.File, at time.Time) (made []Rotated, changed bool, err error) {
	if changed, err = s.tidyAllSecrets(f, at); err != nil {
		return nil, false, err
	}
	for _, e := range f.Entries {
		if e.Plain || newest(e) == nil {
			continue
		}
		file := alone(f, e)
		_, tidied, err := s.handedOut(e.Pattern).tidy(file, s.OpensUntil, at, 0)
		if err != nil {
			return nil, false, err
		}
		changed = changed || tidied
		held := s.holding(e.Pattern)
		if held == nil || held.Rotate == nil {
			continue
		}
		versions, err := file.OfPattern(e.Pattern)
		if err != nil {
			return nil, false, err
		}
		next := held.Rotate.next(versions, newest(e).Created, at)
		if !held.Rotate.due(next, at) {
			continue
		}
		one, err := s.rotate(f, e.Pattern, Rotation{Activate: next, Retire: next.Add(held.Rotate.Retire)}, at)
		if err != nil {
			return nil, false, fmt.Errorf("rotating %v: %w", e.Pattern, err)
		}
		made, changed = append(made, one), true
	}
	return made, changed, nil
}
