package operator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
)

func (env Env) issueCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:  "issue",
		Usage: "write the grants that a server hands out",
		Description: `Writes a grant for each member into a folder, which wampbox serve hands out: what the
member holds now, encrypted to it, and signed. It needs no network. No secret of anybody is
in the folder but the key by which a server proves that its answers are fresh. Copy the
folder to the servers by whatever copies files, or have them share it. A server takes over
what is new by itself, and tells the members.

What is to be rotated by then is rotated first.

Members seal for the time of -valid, and open for that of -grace beyond it, if they get no
newer grant meanwhile. So issue regularly, twice in the time of -fresh or more often: after
that a server can't prove any more that its answers are fresh, and members warn. A cron job
does it:

   0 3 * * *  cd /srv && wampbox authority collect; wampbox authority issue

A process that was killed has written some grants and not others: issue again.

Examples:

   $ wampbox authority issue
   $ wampbox authority issue -valid 7d -grace 1d -grants /srv/grants`,
		Flags: env.folderFlags(append([]cli.Flag{newGrantsFlag("write the grants to `DIR`, which is made if need be")}, issueFlags()...)...),
	}, env.issue)
}

const day = 24 * time.Hour

func issueFlags() []cli.Flag {
	return []cli.Flag{
		flags.Duration("valid", "members seal for the `TIME`", 28*day),
		flags.Duration("grace", "members open for the `TIME` beyond that", 7*day),
		flags.Duration("fresh", "servers prove for the `TIME` that their answers are fresh; half of -valid if it isn't given", 0),
	}
}

func issueOptions(cmd *cli.Command) authority.IssueOptions {
	return authority.IssueOptions{Valid: cmd.Duration("valid"), Grace: cmd.Duration("grace"), Fresh: cmd.Duration("fresh")}
}

// issued is what issue and init print as JSON.
type issued struct {
	Grants     string         `json:"grants"`
	Serial     uint64         `json:"serial"`
	Issued     time.Time      `json:"issued"`
	Expires    time.Time      `json:"expires"`
	FreshUntil time.Time      `json:"fresh_until"`
	Bytes      int64          `json:"bytes"`
	Members    []issuedMember `json:"members"`
	Rotated    []rotated      `json:"rotated,omitempty"`
	Unknown    []string       `json:"unknown,omitempty"`
}

type issuedMember struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
}

func (env Env) issue(_ context.Context, cmd *cli.Command) error {
	return env.do(cmd, func(a *authority.Authority) error {
		made, err := env.issueTo(cmd, a)
		if err != nil {
			return err
		}
		if cmd.Bool(jsonFlag) {
			return env.json(made)
		}
		return nil
	})
}

// issueTo issues to the folder that the flags name, and says so.
func (env Env) issueTo(cmd *cli.Command, a *authority.Authority) (issued, error) {
	dir := cmd.String(grantsFlag)
	f, err := grants.Create(dir)
	if err != nil {
		return issued{}, err
	}
	is, err := a.Issue(f, issueOptions(cmd))
	if err != nil {
		return issued{}, err
	}
	made := issued{
		Grants: dir, Serial: is.Serial, Issued: is.Issued.UTC(), Expires: is.Expires.UTC(), FreshUntil: is.FreshUntil.UTC(),
		Bytes: is.Bytes, Members: []issuedMember{}, Unknown: is.Unknown,
	}
	for _, r := range is.Rotated {
		env.sayRotated(r)
		made.Rotated = append(made.Rotated, newRotated(r))
	}
	for _, m := range is.Members {
		made.Members = append(made.Members, issuedMember(m))
	}
	env.note("%s has the grants of %s, %d bytes in all, with the serial %d; members seal until %s",
		dir, plural(len(made.Members), "member"), made.Bytes, made.Serial, shown(made.Expires, ""))
	env.note("issue again before %s: until then a server can prove that its answers are fresh", shown(made.FreshUntil, ""))
	if len(made.Unknown) > 0 {
		env.note("warning: %s has grants of %s, who are no members here and stay there; is this an old backup of the authority? "+
			"If not, remove them from %[1]s", dir, strings.Join(made.Unknown, ", "))
	}
	return made, nil
}

// plural counts things.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// argument writes a text as one word for a shell.
func argument(text string) string { return words.Argument(text) }
