package operator

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Flags of scramble.
const (
	rotateFlag     = "rotate"
	removeFlag     = "remove"
	allowClearFlag = "allow-clear"
)

func (env Env) scrambleCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:      "scramble",
		Usage:     "have routers see URIs scrambled, and change the secret",
		ArgsUsage: "PREFIX...",
		Description: `Has routers see the URIs below a prefix scrambled: of each component behind it 16 characters
that say nothing to who doesn't have the secret. The prefix ends with a dot. Programs go on with
the real URIs. The secret is made here, and members that hold a pattern below the prefix get it
by the next issue, no others. Its id is printed on standard output. Routers' rules have to name
what wampbox uri prints.

Where members are at work, give -activate and -allow-clear: until the first date URIs are sent as
they are, until the second they are taken so too. Take the second much later: messages may be old,
clocks differ, and a longer time needs the consent of all members. -allow-clear alone gives it
another date, and now ends it.

   -rotate   makes the next secret: members hear by it as soon as they have it, and send under it
             from the date of -activate on (24h); the old one is heard for the time of -retire
             (7d) after that. Routers' rules have to name both meanwhile. status shows who has
             it, and -defer puts the date off.
   -remove   takes the prefix out, so that routers see its URIs again

Members refuse a later -allow-clear, and -remove, unless their programs agree (AllowPlain). To
revoke a member changes the secrets that it has by itself.

Below the prefix only patterns that lie there count, with keys in our own dialect.

Examples:

   $ wampbox authority scramble com.myapp. && wampbox authority issue
   $ wampbox authority scramble com.myapp. -activate 24h -allow-clear 7d
   $ wampbox authority scramble com.myapp. -rotate
   $ wampbox uri -keyring authority/keyring.json -realm realm1
   $ wampbox authority scramble com.myapp. -defer 48h`,
		Flags: env.folderFlags(
			flags.Text(activateFlag, "send under the new secret from `WHEN` on: a time, a date, or now"),
			flags.Text(allowClearFlag, "take URIs as they are too until `WHEN`: a time from now, a date, or now to end it"),
			yes(rotateFlag, "make the next secret"),
			flags.Text(retireFlag, "with -rotate, hear by the old secret until `WHEN`: a time after -activate, or a date"),
			flags.Text(deferFlag, "put off the secret that is to come until `WHEN`: a time from now, or a date"),
			yes(removeFlag, "have routers see the URIs as they are"),
		),
	}, env.scramble)
}

// madeSecret is what scramble prints as JSON of a prefix.
type madeSecret struct {
	Prefix     string     `json:"prefix"`
	ID         string     `json:"id,omitempty"`
	ActiveFrom *time.Time `json:"active_from,omitempty"`
	Old        string     `json:"old,omitempty"`
	OldUntil   *time.Time `json:"old_until,omitempty"`
	AllowClear *time.Time `json:"allow_clear,omitempty"`
	Ended      []string   `json:"ended,omitempty"`
	Members    []string   `json:"members"`
}

// date is none of JSON where there is none.
func date(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func newMadeSecret(made authority.MadeSecret) madeSecret {
	return madeSecret{
		made.Prefix, made.ID, date(made.ActiveFrom), made.Old, date(made.OldUntil), date(made.ClearUntil), made.Ended, some(made.Members),
	}
}

func (env Env) scramble(_ context.Context, cmd *cli.Command) error {
	prefixes := cmd.Args().Slice()
	for i, prefix := range prefixes {
		switch {
		case !strings.HasSuffix(prefix, "."):
			return env.Usage(cmd, "PREFIX doesn't end with a dot: give %s. for what lies below it", prefix)
		case slices.Contains(prefixes[:i], prefix):
			return env.Usage(cmd, "the prefix %s is given twice", prefix)
		}
	}
	if len(prefixes) == 0 {
		return env.Usage(cmd, "PREFIX is missing: give what the URIs begin with, such as com.myapp.")
	}
	change, err := env.scrambling(cmd)
	if err != nil {
		return err
	}
	var all []madeSecret
	err = env.do(cmd, func(a *authority.Authority) error {
		for _, prefix := range prefixes {
			made, err := change(a, prefix)
			if err != nil {
				return err
			}
			all = append(all, newMadeSecret(made))
		}
		return nil
	})
	if err != nil {
		return err
	}
	env.note("now issue: members have it by their next grants, which wampbox authority status shows")
	if cmd.Bool(jsonFlag) {
		return env.json(struct {
			Scrambled []madeSecret `json:"scrambled"`
		}{all})
	}
	for _, made := range all {
		if made.ID == "" {
			continue
		}
		if err := env.line("%s", made.ID); err != nil {
			return err
		}
	}
	return nil
}

// scrambleChange is what is to be done with a prefix.
type scrambleChange func(*authority.Authority, string) (authority.MadeSecret, error)

// scrambling reads the command line.
func (env Env) scrambling(cmd *cli.Command) (scrambleChange, error) {
	var what []string
	for _, name := range []string{rotateFlag, removeFlag, deferFlag} {
		if cmd.IsSet(name) {
			what = append(what, "-"+name)
		}
	}
	dated := cmd.IsSet(activateFlag) || cmd.IsSet(allowClearFlag)
	switch {
	case len(what) > 1:
		return nil, env.Usage(cmd, "%s don't go together: give one", strings.Join(what, " and "))
	case cmd.IsSet(retireFlag) && !cmd.Bool(rotateFlag):
		return nil, env.Usage(cmd, "-retire is for -rotate")
	case cmd.Bool(removeFlag) && dated, cmd.IsSet(deferFlag) && dated, cmd.Bool(rotateFlag) && cmd.IsSet(allowClearFlag):
		return nil, env.Usage(cmd, "%s doesn't go with -activate or -allow-clear, but -rotate with -activate", what[0])
	case cmd.Bool(removeFlag):
		return env.unscramble, nil
	case cmd.Bool(rotateFlag):
		return env.rotateScramble(cmd)
	case cmd.IsSet(deferFlag):
		until, ok := flags.Moment(cmd.String(deferFlag), time.Now())
		if !ok {
			return nil, env.Usage(cmd, "-%s: %s", deferFlag, flags.MomentHelp)
		}
		return func(a *authority.Authority, prefix string) (authority.MadeSecret, error) {
			made, err := a.DeferScramble(prefix, until)
			return made, env.sayMadeSecret(made, err)
		}, nil
	}
	return env.beginScramble(cmd)
}

func (env Env) rotateScramble(cmd *cli.Command) (scrambleChange, error) {
	activate, retire := cmd.String(activateFlag), cmd.String(retireFlag)
	if activate == "" {
		activate = "24h"
	}
	if retire == "" {
		retire = "7d"
	}
	from, ok := flags.Moment(activate, time.Now())
	if !ok {
		return nil, env.Usage(cmd, "-%s: %s", activateFlag, flags.MomentHelp)
	}
	until, ok := flags.Moment(retire, from)
	if !ok {
		return nil, env.Usage(cmd, "-%s: %s", retireFlag, flags.MomentHelp)
	}
	if until.Before(from) {
		return nil, env.Usage(cmd, "the secret before would end before the next one is used")
	}
	return func(a *authority.Authority, prefix string) (authority.MadeSecret, error) {
		made, err := a.RotateScramble(prefix, authority.Rotation{Activate: from, Retire: until})
		return made, env.sayMadeSecret(made, err)
	}, nil
}

// beginScramble begins with a prefix, or gives one another date until which URIs go clear too.
func (env Env) beginScramble(cmd *cli.Command) (scrambleChange, error) {
	now := time.Now()
	var s authority.Scrambling
	var ok bool
	if text := cmd.String(activateFlag); text != "" {
		if s.Activate, ok = flags.Moment(text, now); !ok {
			return nil, env.Usage(cmd, "-%s: %s", activateFlag, flags.MomentHelp)
		}
	}
	text := cmd.String(allowClearFlag)
	if text != "" && text != "now" {
		if s.AllowClear, ok = flags.Moment(text, now); !ok {
			return nil, env.Usage(cmd, "-%s: %s", allowClearFlag, flags.MomentHelp)
		}
		if s.AllowClear.Before(s.Activate) {
			return nil, env.Usage(cmd, "-allow-clear: URIs would be refused that are still sent clear: give a later date than -activate")
		}
	}
	return func(a *authority.Authority, prefix string) (authority.MadeSecret, error) {
		before, err := a.Show()
		if err != nil {
			return authority.MadeSecret{}, err
		}
		i := slices.IndexFunc(before.Scrambled, func(one authority.ShownScrambled) bool { return one.Prefix == prefix })
		if i >= 0 && text != "" && !cmd.IsSet(activateFlag) {
			return env.allowClear(a, before.Scrambled[i], s.AllowClear)
		}
		made, err := a.Scramble(prefix, s)
		if err == nil {
			env.sayBegins(before, made)
		}
		return made, env.sayMadeSecret(made, err)
	}, nil
}

// allowClear gives a prefix another date.
func (env Env) allowClear(a *authority.Authority, before authority.ShownScrambled, until time.Time) (authority.MadeSecret, error) {
	made := authority.MadeSecret{Prefix: before.Prefix, ClearUntil: until, Members: before.Members}
	if err := a.AllowClear(before.Prefix, until); err != nil {
		return made, err
	}
	if until.IsZero() {
		env.note("the URIs below %q aren't taken as they are any more", before.Prefix)
		return made, nil
	}
	env.note("the URIs below %q are taken as they are too until %s", before.Prefix, shown(until, ""))
	if until.After(before.ClearUntil) {
		env.note("warning: that is later than before, and so members refuse their next grants whose programs don't agree (AllowPlain): %s", list(some(before.Members)))
	}
	return made, nil
}

// sayBegins tells what doesn't work as before.
func (env Env) sayBegins(before authority.Shown, made authority.MadeSecret) {
	for _, p := range before.Patterns {
		if p.Pattern.Match == keyring.MatchPrefix && strings.HasPrefix(made.Prefix, p.Pattern.URI) && made.Prefix != p.Pattern.URI {
			env.note("warning: %v doesn't count below %q any more: who has that alone can't reach what lies there", p.Pattern, made.Prefix)
		}
	}
	if before.Serial == 0 || len(made.Members) == 0 {
		return
	}
	if made.ClearUntil.IsZero() {
		env.note("warning: until all have their next grants, who has it and who hasn't don't reach one another: -activate and -allow-clear have them go over by a date")
	} else if made.ClearUntil.Before(made.ActiveFrom.Add(renewal.Arrival)) {
		env.note("warning: what is sent clear shortly before and arrives later is refused: messages may be 5 minutes old, and clocks differ")
	}
}

// sayMadeSecret tells what was made, if it was.
func (env Env) sayMadeSecret(made authority.MadeSecret, err error) error {
	if err != nil {
		return err
	}
	if made.ActiveFrom.IsZero() {
		env.note("routers get the URIs below %q by %s from the next grants on", made.Prefix, made.ID)
	} else {
		env.note("routers get the URIs below %q by %s from %s on", made.Prefix, made.ID, shown(made.ActiveFrom, ""))
	}
	if len(made.Members) == 0 {
		env.note("nobody holds a pattern below it yet")
	} else {
		env.note("members that have it by their next grants, and nobody else: %s", list(made.Members))
	}
	if !made.ClearUntil.IsZero() {
		env.note("they are taken as they are too until %s", shown(made.ClearUntil, ""))
	}
	if !made.OldUntil.IsZero() {
		env.note("they are heard by %s until %s", made.Old, shown(made.OldUntil, ""))
		if made.OldUntil.Before(made.ActiveFrom.Add(renewal.Arrival)) {
			env.note("warning: what is sent under it shortly before and arrives later is refused: messages may be 5 minutes old, and clocks differ")
		}
	}
	if len(made.Ended) > 0 {
		env.note("warning: too many secrets are open, so the oldest end at once: %s", list(made.Ended))
	}
	return nil
}

func (env Env) unscramble(a *authority.Authority, prefix string) (authority.MadeSecret, error) {
	members, err := a.Unscramble(prefix)
	made := authority.MadeSecret{Prefix: prefix, Members: members}
	if err != nil {
		return made, err
	}
	env.note("routers see the URIs below %q as they are from the next grants on", prefix)
	if len(members) > 0 {
		env.note("warning: members refuse these whose programs don't agree (AllowPlain), and go on with what they have: %s", list(members))
	}
	return made, nil
}
