package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func transitionCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "transition",
		Usage:     "let a pattern send or take plaintext for some time, to switch a system over",
		ArgsUsage: "PATTERN FILE...",
		Description: `Switches a running system from plain to sealed payloads without a message lost, in
three steps. Hand the files of a step to all programs before the next one begins. The
pattern has a key: init and add make one, and begin with -send by -plain-until.

   -send     sends plain, and takes plain and sealed
   -accept   seals, and takes plain and sealed, so that who still sends plain is heard
   -end      seals, and takes nothing plain

The first two need -until, a duration from now (36h, 7d, 2w) or a date: when it comes,
they end by themselves, and nothing plain begins after it. An -accept at one program
has to outlast the -send of every other by 30 seconds, what their clocks may differ
by: give -accept a later date than -send had.

Until the date a router, and whoever holds it, reads what is sent plain, and can
make up what is taken plain: a plain call that -accept takes is answered in plain.

Programs that follow their file (keywatch; sub) take -end over by themselves. They refuse
-send and -accept, unless they allow that (keywatch.AllowPlain): a date that comes later
than the one before lets plaintext through for longer, and who can write the file could
have it go on for good. Start those again, and all that loaded their file once.

` + accessHelp + `

Examples:

   $ wampbox transition com.myapp.orders. keys/*.json -send -until 7d
   $ wampbox transition com.myapp.orders. keys/*.json -accept -until 8d
   $ wampbox transition com.myapp.orders. keys/*.json -end`,
		Flags: slices.Concat([]cli.Flag{
			yes("send", "send plain, and take both"),
			yes("accept", "seal, and take both"),
			flags.Text("until", "-send or -accept end at `WHEN`: a time from now, or a date"),
			yes("end", "seal, and take nothing plain"),
			matchFlag(),
		}, accessFlags(), []cli.Flag{jsonFlag()}),
	}, transit)
}

// transition is what a file lets through in plain for a pattern after a change, as
// transition prints it as JSON.
type transition struct {
	File      string     `json:"file"`
	Pattern   string     `json:"pattern"`
	Match     string     `json:"match"`
	Plaintext string     `json:"plaintext,omitempty"` // send or accept; nothing after -end
	Until     *time.Time `json:"until,omitempty"`
}

// switching is what a command line asks for.
type switching struct {
	pattern   keyring.Pattern
	plaintext keyring.Plaintext // zero to end
	until     time.Time
	more      bool // a file lets plaintext through that it didn't
	longer    bool // it does so until a later date
}

// newSwitching reads the command line.
func newSwitching(cmd *cli.Command) (*switching, error) {
	s := &switching{}
	var err error
	if s.pattern, err = pattern(cmd, cmd.Args().First()); err != nil {
		return nil, err
	}
	given := 0
	for name, plaintext := range map[string]keyring.Plaintext{"send": keyring.SendPlain, "accept": keyring.AcceptPlain, "end": 0} {
		if cmd.Bool(name) {
			s.plaintext = plaintext
			given++
		}
	}
	if given != 1 {
		return nil, usagef(cmd, "give one of -send, -accept and -end")
	}
	switch until := cmd.IsSet("until"); {
	case s.plaintext == 0 && until:
		return nil, usagef(cmd, "-end is at once: leave -until out")
	case s.plaintext == 0:
		return s, nil
	case !until:
		return nil, usagef(cmd, "-until is missing: what lets plaintext through needs a date that ends it, such as 7d")
	}
	s.until, err = ending(cmd, "until")
	return s, err
}

// ending reads the date that ends a transition, which is to come.
func ending(cmd *cli.Command, flag string) (time.Time, error) {
	until, ok := flags.Moment(cmd.String(flag), now())
	switch {
	case !ok:
		return until, usagef(cmd, "-%s: give %s, or a date such as 2027-01-31 or 2027-01-31T12:00:00Z", flag, flags.DurationHelp)
	case !until.After(time.Now()):
		return until, usagef(cmd, "-%s: that has passed: give a later date", flag)
	}
	return until, nil
}

func transit(_ context.Context, cmd *cli.Command) error {
	s, err := newSwitching(cmd)
	if err != nil {
		return err
	}
	paths, access, err := filesAndAccess(cmd, cmd.Args().Tail())
	if err != nil {
		return err
	}
	list := []transition{}
	if err := access.update(paths, func(open []opened) error {
		open, err := having(open, s.pattern)
		if err != nil {
			return err
		}
		for _, f := range open {
			changed, err := s.change(f)
			if err != nil {
				return err
			}
			if changed {
				list = append(list, transition{f.Path, s.pattern.URI, s.pattern.Match.String(), s.word(), dated(s.until)})
			}
		}
		return nil
	}); err != nil {
		return err
	}
	s.say(list)
	if cmd.Bool("json") {
		return outputJSON(struct {
			Transitions []transition `json:"transitions"`
		}{list})
	}
	return nil
}

// word is what a keyring file calls it.
func (s *switching) word() string {
	if s.plaintext == 0 {
		return ""
	}
	return s.plaintext.String()
}

// change changes a file, and tells whether it was another way before.
func (s *switching) change(f opened) (bool, error) {
	e := f.Entry(s.pattern)
	old, before, until := e.Plaintext, e.Plaintext, e.Until
	if e.Plain {
		return false, fmt.Errorf("%s: %v is plain, and has no key to switch over to: add with -plain-until gives it one, and begins with -send", f.Path, s.pattern)
	}
	var err error
	if s.plaintext == 0 {
		err = f.EndTransition(s.pattern)
	} else {
		err = f.Transition(s.pattern, s.plaintext, s.until)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", f.Path, err)
	}
	if s.plaintext == keyring.AcceptPlain && before == keyring.SendPlain && s.until.Before(until.Add(renewal.Skew)) {
		note("warning: %s: it sent plain until %s, and so may other programs: what they send after %s is refused; give -until %s or later",
			f.Path, shown(until, ""), shown(s.until, ""), shown(until.Add(renewal.Skew), ""))
	}
	if !until.After(time.Now()) {
		before = 0 // it is over
	}
	// The order of the steps: what comes earlier lets more through.
	s.more = s.more || s.plaintext != 0 && (before == 0 || s.plaintext < before)
	s.longer = s.longer || s.plaintext != 0 && before != 0 && s.until.After(until)
	return e.Plaintext != old || !until.Equal(s.until), nil
}

// say tells what holds now, and what has to follow.
func (s *switching) say(list []transition) {
	if len(list) == 0 {
		note("nothing to change")
		return
	}
	date := shown(s.until, "")
	does := map[keyring.Plaintext]string{
		0:                   "is sealed, and nothing plain is taken",
		keyring.SendPlain:   "is sent plain until " + date + ", and taken plain and sealed; then it is sealed, and nothing plain is taken",
		keyring.AcceptPlain: "is sealed, and taken plain and sealed until " + date + "; then nothing plain is taken",
	}[s.plaintext]
	for _, t := range list {
		note("%s: %v %s", t.File, s.pattern, does)
	}
	if s.plaintext == keyring.SendPlain {
		note("warning: until then a router reads what is sent for these URIs")
	}
	if s.more || s.longer {
		why := "it lets more plaintext through than before"
		if !s.more {
			why = "its date is later, so that it lets plaintext through for longer"
		}
		note("hand the files over, and start the programs that use them again: "+
			"those that follow their file (keywatch) refuse it until then, unless they allow it (keywatch.AllowPlain): %s", why)
	} else {
		note("hand the files over: programs that follow their file (keywatch) take it over by themselves; those that loaded it once have to be started again")
	}
	switch s.plaintext {
	case keyring.SendPlain:
		note("when all have it, and before %s, go on with -accept, at each until %s or later: it has to outlast every -send by %v",
			date, shown(s.until.Add(renewal.Skew), ""), renewal.Skew)
	case keyring.AcceptPlain:
		note("no other program may send plain (-send) beyond %s: this has to outlast that by %v", shown(s.until.Add(-renewal.Skew), ""), renewal.Skew)
		note("when all have it, go on with -end, or wait for the date")
	default:
		note("what programs with -send in their file send plain is refused from now on")
	}
}
