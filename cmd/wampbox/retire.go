package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func retireCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "retire",
		Usage: "give an old version of a key the date until which it opens",
		Description: `Gives a version that seals no more the date until which it still opens. The
active version is refused: activate another one first.

-after is how long from now (90s, 36h, 30d), or the date itself, as
2027-01-31 (its beginning in UTC) or 2027-01-31T12:00:00Z. Take it later than
the last message that a peer seals with the version, by as much as messages may
be old when they arrive: sessions take them up to 5 minutes by default, and
routers keep retained events for longer. A date that has passed ends the
version at once.

When the date has passed, revoke takes the keys out of the file.

Patterns that share the id are changed together, unless -pattern says which.

` + accessHelp + `

Examples:

   $ wampbox retire -dir keys -id FlgtbV0q5sNQ7UJzZY2kMA -after 7d
   $ wampbox retire -keyring responder.json -id FlgtbV0q5sNQ7UJzZY2kMA -after 2027-01-31`,
		Flags: stateFlags(required(text("after", "a duration from now or a date, `WHEN` it ceases to open"))),
	}, retire)
}

func retire(_ context.Context, cmd *cli.Command) error {
	until, ok := moment(cmd.String("after"), now())
	if !ok {
		return usagef(cmd, "-after: give a duration such as 36h or 30d, or a date such as 2027-01-31 or 2027-01-31T12:00:00Z")
	}
	return changeState(cmd, func(f opened, p keyring.Pattern, id string) error { return f.Retire(p, id, until) })
}

// moment reads a duration from now, or a date.
func moment(text string, now time.Time) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if date, err := time.Parse(layout, text); err == nil {
			return date.UTC(), true
		}
	}
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.Atoi(days)
		return now.AddDate(0, 0, n), err == nil && n >= 0 && n <= maxDays
	}
	d, err := time.ParseDuration(text)
	return now.Add(d), err == nil && d >= 0
}

// maxDays is 100 years.
const maxDays = 36525
