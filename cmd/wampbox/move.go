package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// atFlag gives the date that a version's is moved to.
func atFlag() cli.Flag {
	return initial(flags.Text("at", "`WHEN` that is: a time from now, a date, or now"), "now")
}

func activateCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "activate",
		Usage:     "move the date from which a version of a key seals",
		ArgsUsage: "ID FILE...",
		Description: `Gives a version the date from which it seals: now, or that of -at, which is a
duration from now (90s, 36h, 30d) or a date, 2027-01-31 (its beginning in UTC) or
2027-01-31T12:00:00Z. The one that sealed until then goes on to open, until the
date that it has. Do the same at all peers, before the date that the version has
now; each goes by its clock, and "now" is written as half a minute ago.

To go back, activate the old version again.

ID may be the beginning of an id, as list shows it. Patterns that share the id are
changed together, unless -pattern says which.

` + accessHelp + `

Examples:

   $ wampbox activate pn2457 keys/*.json
   $ wampbox activate pn2457 -at 36h responder.json`,
		Flags: changeFlags(atFlag()),
	}, activate)
}

func activate(_ context.Context, cmd *cli.Command) error {
	at, ok := flags.Moment(cmd.String("at"), now())
	if !ok {
		return usagef(cmd, "-at: %s", flags.MomentHelp)
	}
	return changeVersions(cmd, func(v versionAt) error {
		if v.State == keyring.StateActive && !at.After(time.Now()) && !flags.IsDate(cmd.String("at")) {
			return nil
		}
		others, err := v.file.OfPattern(v.pattern)
		if err != nil {
			return err
		}
		from := at
		if !flags.IsDate(cmd.String("at")) {
			from = renewal.Begins(at, now(), others, v.ID)
		}
		for _, other := range others {
			if other.ID != v.ID && other.State == keyring.StatePending && other.Dates.ActiveFrom.After(from) {
				note("warning: %s: %s seals in its place from %s on", v.file.Path, other.ID, shown(other.Dates.ActiveFrom, ""))
			}
		}
		return v.setDates(keyring.Dates{ActiveFrom: from, NotAfter: v.Dates.NotAfter})
	})
}

func retireCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "retire",
		Usage:     "move the date until which a version of a key opens",
		ArgsUsage: "ID FILE...",
		Description: `Gives a version the date until which it opens and seals: now, or that of -at,
which is a duration from now (90s, 36h, 30d) or a date, 2027-01-31 (its beginning
in UTC) or 2027-01-31T12:00:00Z; "now" is written as half a minute ago. "ever" takes the date
away. Where nothing would seal from then on it is refused: rotate first.

Take it later than the last message that a peer seals with the version, by as much
as messages may be old when they arrive: sessions take them up to 5 minutes by
default, and routers keep retained events for longer. When the date has passed,
revoke takes the keys out of the file. Where a signed key follows on the version,
"allow_unsigned" goes with the date, as rotate wrote it.

ID may be the beginning of an id, as list shows it. Patterns that share the id are
changed together, unless -pattern says which.

` + accessHelp + `

Examples:

   $ wampbox retire pn2457 -at 7d keys/*.json
   $ wampbox retire pn2457 -at 2027-01-31 responder.json`,
		Flags: changeFlags(atFlag()),
	}, retire)
}

// ever is no end.
const ever = "ever"

func retire(_ context.Context, cmd *cli.Command) error {
	until, ok := flags.Moment(cmd.String("at"), now())
	switch {
	case cmd.String("at") == ever:
		until = time.Time{}
	case !ok:
		return usagef(cmd, "-at: %s, or %s", flags.MomentHelp, ever)
	case !until.After(time.Now()) && !flags.IsDate(cmd.String("at")):
		until = until.Add(-renewal.Skew)
	}
	return changeVersions(cmd, func(v versionAt) error {
		dates := keyring.Dates{ActiveFrom: v.Dates.ActiveFrom, NotAfter: until}
		if begun := dates.ActiveFrom; !until.IsZero() && begun.After(until) && !begun.After(time.Now()) {
			dates.NotAfter = begun // it can't end before that
		}
		if err := v.setDates(dates); err != nil {
			return err
		}
		return v.moveAllowUnsigned(dates.NotAfter)
	})
}

// moveAllowUnsigned has the date until which what isn't signed opens go with the end of a
// version that isn't, where rotate had written both as one.
func (v versionAt) moveAllowUnsigned(end time.Time) error {
	allowed := v.file.Entry(v.pattern).AllowUnsigned
	if allowed.IsZero() || v.Suite.Signed() || !allowed.Equal(v.Dates.NotAfter) || end.IsZero() || end.Equal(allowed) {
		return nil
	}
	if err := v.file.AllowUnsigned(v.pattern, end); err != nil {
		return fmt.Errorf("%s: %w", v.file.Path, err)
	}
	note("%s: what isn't signed opens until %s too (allow_unsigned)", v.file.Path, shown(end, ""))
	return nil
}
