package authority

import (
	"maps"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// Scrambling says how the URIs below a prefix begin to be scrambled.
type Scrambling struct {
	// Activate is from when they are: at once if it isn't later than now.
	Activate time.Time
	// AllowClear is until when members take them clear too, and send them so before Activate. Zero
	// is never: then who has the next grants and who hasn't don't understand one another.
	AllowClear time.Time
}

// MadeSecret is a secret that was made or moved, and what became of others.
type MadeSecret struct {
	Prefix     string
	ID         string
	ActiveFrom time.Time // zero for always
	ClearUntil time.Time // of the prefix
	Old        string    // the one before
	OldUntil   time.Time // its new end; zero where its own stays
	Ended      []string  // the oldest that were open, which end at once for lack of room
	Members    []string  // who has it by the next Issue, in order
}

// Scramble has routers get the URIs below a prefix scrambled, by a secret that is made here. Members
// that hold patterns there have it by the next Issue, and nobody else.
//
// The error is an [*Error] that wraps [ErrScrambled], [ErrMaster] where there are no patterns,
// [ErrOption], or what [keyring.Ring.AddScramble] refuses.
func (a *Authority) Scramble(prefix string, s Scrambling) (MadeSecret, error) {
	return a.scramble(prefix, func(f renewal.File, at time.Time) (made MadeSecret, err error) {
		v := newSecret(begins(s.Activate, at, nil))
		if err := scrambles(prefix); err != nil {
			return made, err
		}
		switch {
		case scrambleOf(f, prefix) != nil:
			return made, fail(ErrScrambled, "-rotate makes the next secret")
		case len(f.Entries) == 0:
			return made, fail(ErrMaster, "there are no patterns: grant one first")
		case !s.AllowClear.IsZero() && s.AllowClear.Before(v.Dates.ActiveFrom):
			return made, fail(ErrOption, "URIs would be refused that are still sent clear: allow that until a date behind the secret's")
		}
		f.Scrambles = append(f.Scrambles, &keyfile.Scramble{
			Prefix: prefix, Secrets: []*keyfile.ScrambleVersion{v.ScrambleVersion}, AllowClear: whole(s.AllowClear),
		})
		return MadeSecret{ID: v.id, ActiveFrom: v.Dates.ActiveFrom}, nil
	})
}

// scrambles refuses a prefix that members refuse.
func scrambles(prefix string) error {
	ring := keyring.New()
	if err := ring.Reserve(keyservice.DefaultPrefix); err != nil {
		return err
	}
	return ring.Scramble(prefix, cryptobox.GenerateScrambleSecret())
}

// RotateScramble makes a prefix's next secret. Members have it by the next Issue, ask routers under
// both from then on, and go over to it by their clocks, as [Authority.Rotate] has it of versions. The
// error is an [*Error] as there, or wraps [ErrUnscrambled].
func (a *Authority) RotateScramble(prefix string, r Rotation) (MadeSecret, error) {
	return a.scramble(prefix, func(f renewal.File, at time.Time) (made MadeSecret, err error) {
		sc, err := isScrambled(f, prefix)
		if err != nil {
			return made, err
		}
		if r, err = r.since(at); err != nil {
			return made, err
		}
		made.Ended, _, err = a.state.scrambled(prefix).tidySecrets(sc, at, 1)
		if err != nil {
			return made, err
		}
		all, err := scrambleSecrets(sc)
		if err != nil {
			return made, err
		}
		next := newSecret(begins(r.Activate, at, all))
		if len(all) > 0 {
			if err := all[0].retires(next, whole(r.Retire), at, &made); err != nil {
				return made, err
			}
		}
		sc.Secrets = append(sc.Secrets, next.ScrambleVersion)
		made.ID, made.ActiveFrom = next.id, next.Dates.ActiveFrom
		return made, nil
	})
}

// retires gives a secret its end, if it has no earlier one that is behind the next one's beginning.
func (v secret) retires(next secret, until, now time.Time, made *MadeSecret) error {
	from, end := next.Dates.ActiveFrom, v.Dates.NotAfter
	if v.Dates.ActiveFrom.After(from) {
		return fail(ErrLater, "%s is used from %s on: move that date by -defer, which may be earlier too", v.id, renewal.Shown(v.Dates.ActiveFrom))
	}
	made.Old = v.id
	expired := !end.IsZero() && now.After(end)
	if expired || !end.IsZero() && end.Before(until) && !end.Before(from) {
		return nil
	}
	v.Dates.NotAfter = latest(until, from)
	made.OldUntil = v.Dates.NotAfter
	return nil
}

// DeferScramble moves the date from which a prefix's next secret is used, as [Authority.Defer] moves
// a version's. It leaves alone until when URIs go clear too: members have to agree to a later date.
func (a *Authority) DeferScramble(prefix string, activate time.Time) (MadeSecret, error) {
	return a.scramble(prefix, func(f renewal.File, at time.Time) (made MadeSecret, err error) {
		if activate = whole(activate); !activate.After(at) {
			return made, fail(ErrOption, "the date has passed: give a later one, or rotate at once")
		}
		sc, err := isScrambled(f, prefix)
		if err != nil {
			return made, err
		}
		all, err := scrambleSecrets(sc)
		if err != nil {
			return made, err
		}
		turn := turnOfSecrets(all, at)
		if turn < 0 {
			turn = len(all)
		}
		if turn == 0 {
			return made, fail(ErrNoPending, "what there is is used already: rotate makes the next secret")
		}
		next := all[turn-1]
		by := activate.Sub(next.Dates.ActiveFrom)
		for i, v := range all {
			if i < turn {
				v.Dates.ActiveFrom = v.Dates.ActiveFrom.Add(by)
			}
			if i <= turn && !v.Dates.NotAfter.IsZero() {
				v.Dates.NotAfter = v.Dates.NotAfter.Add(by)
			}
		}
		made.ID, made.ActiveFrom = next.id, next.Dates.ActiveFrom
		if turn < len(all) {
			made.Old, made.OldUntil = all[turn].id, all[turn].Dates.NotAfter
		} else if !sc.AllowClear.IsZero() && sc.AllowClear.Before(activate) {
			return MadeSecret{}, fail(ErrOption, "URIs are sent clear until then, and taken so until %s: give a date before that, or allow it for longer, to which members have to agree",
				renewal.Shown(sc.AllowClear))
		}
		return made, nil
	})
}

// AllowClear has members take the URIs below a scrambled prefix clear too until a date, and from the
// next Issue on. The zero date ends it. A date that is later than before counts only at members that
// agree to it ([keyring.Ring.Update]): the others refuse such grants.
func (a *Authority) AllowClear(prefix string, until time.Time) error {
	_, err := a.scramble(prefix, func(f renewal.File, _ time.Time) (made MadeSecret, err error) {
		sc, err := isScrambled(f, prefix)
		if err == nil {
			sc.AllowClear = whole(until)
		}
		return made, err
	})
	return err
}

// Unscramble has routers get the URIs below a prefix as they are, from the next Issue on. Members
// that don't agree to it ([keyring.Ring.Update]) refuse such grants, if they hold patterns there.
// It gives their names.
func (a *Authority) Unscramble(prefix string) ([]string, error) {
	made, err := a.scramble(prefix, func(f renewal.File, _ time.Time) (made MadeSecret, err error) {
		sc, err := isScrambled(f, prefix)
		if err == nil {
			sc.Wipe()
			f.Scrambles = slices.DeleteFunc(f.Scrambles, func(other *keyfile.Scramble) bool { return other == sc })
		}
		return made, err
	})
	return made.Members, err
}

// scramble has a function change what the master says of a prefix, and saves what came of it.
func (a *Authority) scramble(prefix string, change func(renewal.File, time.Time) (MadeSecret, error)) (made MadeSecret, err error) {
	at := now()
	err = a.changeMaster(func(f renewal.File) (err error) {
		if made, err = change(f, at); err != nil {
			return err
		}
		if sc := scrambleOf(f, prefix); sc != nil {
			made.ClearUntil = sc.AllowClear
		}
		return nil
	})
	if err == nil {
		if made.ID != "" {
			a.state.secretMade(prefix, made.ID)
		}
		err = a.save()
	}
	if err != nil {
		return MadeSecret{}, &Error{Op: "scramble", Pattern: keyring.Prefix(prefix), Err: err}
	}
	made.Prefix, made.Members = prefix, slices.Sorted(maps.Keys(a.state.below(prefix)))
	return made, nil
}

// secret is one of a prefix's, in a file.
type secret struct {
	*keyfile.ScrambleVersion
	id string
}

func newSecret(from time.Time) secret {
	made := cryptobox.GenerateScrambleSecret()
	return secret{
		&keyfile.ScrambleVersion{Secret: keyfile.ScrambleSecret(made), Dates: keyring.Dates{ActiveFrom: from}},
		made.ID().String(),
	}
}

// begins gives the date of a secret that is to be used from a time on, beside others. One that is alone
// and used at once has none, so that no clock matters.
func begins(activate, at time.Time, beside []secret) time.Time {
	if len(beside) == 0 && !activate.After(at) {
		return time.Time{}
	}
	infos := make([]keyring.VersionInfo, len(beside))
	for i, v := range beside {
		infos[i] = keyring.VersionInfo{ID: v.id, Dates: v.Dates}
	}
	from := renewal.Moment(at)
	if activate.After(at) {
		from = whole(activate)
	}
	return renewal.Begins(from, at, infos, "")
}

// scrambleSecrets gives those of a prefix, that with the latest date first.
func scrambleSecrets(sc *keyfile.Scramble) (all []secret, err error) {
	for _, v := range sc.Secrets {
		parsed, err := cryptobox.ParseScrambleSecret(string(v.Secret.UnsafeText()))
		if err != nil {
			return nil, fail(ErrMaster, "a secret of %v: %w", keyring.Prefix(sc.Prefix), err)
		}
		all = append(all, secret{v, parsed.ID().String()})
	}
	slices.SortStableFunc(all, func(a, b secret) int { return b.Dates.ActiveFrom.Compare(a.Dates.ActiveFrom) })
	return all, nil
}

// turnOfSecrets gives the place of the one whose turn it is, be it expired: -1 if none has begun.
func turnOfSecrets(all []secret, now time.Time) int {
	return slices.IndexFunc(all, func(v secret) bool { return !v.Dates.ActiveFrom.After(now) })
}

// scrambleOf gives what a file says of a prefix, nil for nothing.
func scrambleOf(f renewal.File, prefix string) *keyfile.Scramble {
	i := slices.IndexFunc(f.Scrambles, func(sc *keyfile.Scramble) bool { return sc.Prefix == prefix })
	if i < 0 {
		return nil
	}
	return f.Scrambles[i]
}

func isScrambled(f renewal.File, prefix string) (*keyfile.Scramble, error) {
	sc := scrambleOf(f, prefix)
	if sc == nil {
		return nil, fail(ErrUnscrambled, "wampbox authority scramble PREFIX begins with it")
	}
	return sc, nil
}
