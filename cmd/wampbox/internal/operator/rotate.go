package operator

import (
	"context"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Flags of rotate.
const (
	activateFlag = "activate"
	retireFlag   = "retire"
	everyFlag    = "every"
	deferFlag    = "defer"
)

// never is the value of -every that ends a schedule.
const never = "never"

func (env Env) rotateCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:      "rotate",
		Usage:     "give patterns their next keys, by dates or regularly",
		ArgsUsage: "PATTERN...",
		Description: `Makes the next version of a pattern's key. Members have it by the next issue. It opens at
once, and seals from the date of -activate on; the version before opens for the time of
-retire after that. Each member goes over by its own clock, and nothing is lost, if it has
fetched its grant by the date: status shows who has, and -defer puts the date off. The new
id is printed on standard output.

-activate is a duration from now (90s, 36h, 30d, 2w), a date such as 2027-01-31T12:00:00Z, or
now. -retire is a duration from then, or a date. Take it longer than messages may be old when
they arrive, 5 minutes by default, retained events that a router keeps too.

With -every it goes on by itself: each issue rotates what is due, so issue more often. What is
stolen of a key then opens that much less. -activate and -retire are durations, and if they
aren't given half of -every, or 24h, and -every, or 7d, whichever is shorter. "-every never"
ends that.

Of a signed key the reading key is new; who signs and who is listed stays.

Examples:

   $ wampbox authority rotate com.myapp.orders. && wampbox authority issue
   $ wampbox authority rotate com.myapp.orders. -activate 2h -retire 1d
   $ wampbox authority rotate com.myapp.sales. -every 1d
   $ wampbox authority rotate com.myapp.orders. -defer 48h`,
		Flags: env.folderFlags(
			textWith(activateFlag, "the next version seals from `WHEN` on: a time, a date, or now", "24h"),
			textWith(retireFlag, "the version before opens until `WHEN`: a time after that, or a date", "7d"),
			flags.Text(everyFlag, "rotate at each issue at which it is due, once in `TIME`; or never"),
			flags.Text(deferFlag, "put off the version that is to come until `WHEN`: a time from now, or a date"),
			env.MatchFlag(),
		),
	}, env.rotate)
}

// textWith is a flag that has a value if it isn't given.
func textWith(name, usage, value string) cli.Flag {
	flag := flags.Text(name, usage)
	flag.Value = value
	return flag
}

// rotated is what rotate prints as JSON of a pattern.
type rotated struct {
	pattern
	ID         string     `json:"id"`
	ActiveFrom time.Time  `json:"active_from"`
	Old        string     `json:"old,omitempty"`
	OldUntil   *time.Time `json:"old_until,omitempty"`
	Ended      []string   `json:"ended,omitempty"`
}

func newRotated(made authority.Rotated) rotated {
	r := rotated{
		pattern: newPattern(made.Pattern), ID: made.ID, ActiveFrom: made.ActiveFrom.UTC(), Old: made.Old, Ended: made.Ended,
	}
	if !made.OldUntil.IsZero() {
		until := made.OldUntil.UTC()
		r.OldUntil = &until
	}
	return r
}

func (env Env) rotate(_ context.Context, cmd *cli.Command) error {
	patterns, err := env.patterns(cmd, cmd.Args().Slice())
	if err != nil {
		return err
	}
	switch {
	case cmd.IsSet(deferFlag) && (cmd.IsSet(everyFlag) || cmd.IsSet(activateFlag) || cmd.IsSet(retireFlag)):
		return env.Usage(cmd, "-defer puts off what was made: leave -activate, -retire and -every out")
	case cmd.IsSet(everyFlag):
		return env.schedule(cmd, patterns)
	}
	change, err := env.rotation(cmd)
	if err != nil {
		return err
	}
	var all []rotated
	err = env.do(cmd, func(a *authority.Authority) error {
		for _, p := range patterns {
			made, err := change(a, p)
			if err != nil {
				return err
			}
			env.sayRotated(made)
			all = append(all, newRotated(made))
		}
		return nil
	})
	if err != nil {
		return err
	}
	env.note("now issue: members go over by these dates if they have fetched their grants by then, which wampbox authority status shows")
	if cmd.Bool(jsonFlag) {
		return env.json(struct {
			Rotated []rotated `json:"rotated"`
		}{all})
	}
	for _, made := range all {
		if err := env.line("%s", made.ID); err != nil {
			return err
		}
	}
	return nil
}

// rotation gives what is to be done with each pattern.
func (env Env) rotation(cmd *cli.Command) (func(*authority.Authority, keyring.Pattern) (authority.Rotated, error), error) {
	now := time.Now()
	if cmd.IsSet(deferFlag) {
		until, ok := flags.Moment(cmd.String(deferFlag), now)
		if !ok {
			return nil, env.Usage(cmd, "-%s: %s", deferFlag, flags.MomentHelp)
		}
		return func(a *authority.Authority, p keyring.Pattern) (authority.Rotated, error) { return a.Defer(p, until) }, nil
	}
	activate, ok := flags.Moment(cmd.String(activateFlag), now)
	if !ok {
		return nil, env.Usage(cmd, "-%s: %s", activateFlag, flags.MomentHelp)
	}
	retire, ok := flags.Moment(cmd.String(retireFlag), activate)
	if !ok {
		return nil, env.Usage(cmd, "-%s: %s", retireFlag, flags.MomentHelp)
	}
	if retire.Before(activate) {
		return nil, env.Usage(cmd, "the version before would end before the next one seals")
	}
	return func(a *authority.Authority, p keyring.Pattern) (authority.Rotated, error) {
		return a.Rotate(p, authority.Rotation{Activate: activate, Retire: retire})
	}, nil
}

// sayRotated tells what was made, and what to beware of.
func (env Env) sayRotated(made authority.Rotated) {
	env.note("%v: %s seals from %s on", made.Pattern, made.ID, shown(made.ActiveFrom, ""))
	if !made.OldUntil.IsZero() {
		env.note("%s opens until %s", made.Old, shown(made.OldUntil, ""))
		if made.OldUntil.Before(made.ActiveFrom.Add(renewal.Arrival)) {
			env.note("warning: what is sealed with it shortly before and arrives later is refused: messages may be 5 minutes old, and clocks differ")
		}
	}
	if len(made.Ended) > 0 {
		env.note("warning: too many versions are open, so the oldest end at once: %s", list(made.Ended))
	}
	now := time.Now()
	if from, until, gap := lint.Unsealed(made.Versions, now); gap && !from.After(now) {
		env.note("warning: nothing seals for %v until %s, as no other version does: rotate with -activate now has it seal at once", made.Pattern, shown(until, ""))
	}
}

// schedule has patterns rotated regularly, or no more.
func (env Env) schedule(cmd *cli.Command, patterns []keyring.Pattern) error {
	s, err := env.newSchedule(cmd)
	if err != nil {
		return err
	}
	err = env.do(cmd, func(a *authority.Authority) error {
		for _, p := range patterns {
			if err := a.Schedule(p, s); err != nil {
				return err
			}
			if s == (authority.Schedule{}) {
				env.note("%v is rotated by hand from now on", p)
			} else {
				env.note("%v is rotated once in %s, by each issue at which it is due: %s before it seals, and the version before opens for %s then",
					p, flags.Shown(s.Every), flags.Shown(s.Activate), flags.Shown(s.Retire))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if s.Every > 0 {
		env.note("issue more often than each %s, such as by a cron job", flags.Shown(s.Activate))
	}
	if !cmd.Bool(jsonFlag) {
		return nil
	}
	type scheduled struct {
		pattern
		Every    string `json:"every"`
		Activate string `json:"activate,omitempty"`
		Retire   string `json:"retire,omitempty"`
	}
	all := make([]scheduled, len(patterns))
	for i, p := range patterns {
		if all[i] = (scheduled{pattern: newPattern(p), Every: never}); s.Every > 0 {
			all[i] = scheduled{newPattern(p), flags.Shown(s.Every), flags.Shown(s.Activate), flags.Shown(s.Retire)}
		}
	}
	return env.json(struct {
		Scheduled []scheduled `json:"scheduled"`
	}{all})
}

func (env Env) newSchedule(cmd *cli.Command) (s authority.Schedule, err error) {
	if cmd.String(everyFlag) == never {
		if cmd.IsSet(activateFlag) || cmd.IsSet(retireFlag) {
			return s, env.Usage(cmd, "-every never ends a schedule: leave -activate and -retire out")
		}
		return s, nil
	}
	if s.Every, err = flags.ParseDuration(cmd.String(everyFlag)); err != nil {
		return s, env.Usage(cmd, "-%s: %v, or never", everyFlag, err)
	}
	s.Activate, s.Retire = min(s.Every/2, day), min(s.Every, 7*day)
	for name, d := range map[string]*time.Duration{activateFlag: &s.Activate, retireFlag: &s.Retire} {
		if !cmd.IsSet(name) {
			continue
		}
		if *d, err = flags.ParseDuration(cmd.String(name)); err != nil {
			return s, env.Usage(cmd, "-%s: with -every %v", name, err)
		}
	}
	return s, nil
}
