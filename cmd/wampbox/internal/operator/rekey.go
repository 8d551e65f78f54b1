package operator

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
)

func (env Env) rekeyCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:  "rekey",
		Usage: "give the authority another key, and destroy the one that it has",
		Description: `Gives the authority a new key, and destroys the old one. Grants are signed with the new one
from the next issue on, and members take them if they pin it. The keys of patterns stay.

To change it in peace:

   1. wampbox authority rekey, which prints the new public key. Don't issue yet.
   2. Tell all members, by another way than the router, who pin both keys then:
      -authority OLD -authority NEW.
   3. wampbox authority issue. What was issued before goes on to count until then.
   4. When all have fetched it, which status shows, have them pin the new one alone.

If the key was stolen, whoever has it can make grants of its own: do all four steps at once, and
have members pin the new one alone. If the folder was stolen with it, all keys were: before step 3
revoke the versions to come, rotate each pattern with -activate now, and revoke the old versions
(wampbox revoke ID authority/keyring.json).

-dry-run says what would happen, and does nothing.

Examples:

   $ wampbox authority rekey -dry-run
   $ wampbox authority rekey`,
		Flags: env.folderFlags(newDryRunFlag()),
	}, env.rekey)
}

func (env Env) rekey(_ context.Context, cmd *cli.Command) error {
	all := struct {
		Old    string `json:"old"`
		New    string `json:"new,omitempty"`
		DryRun bool   `json:"dry_run,omitempty"`
	}{DryRun: cmd.Bool(dryRunFlag)}
	err := env.do(cmd, func(a *authority.Authority) error {
		if all.DryRun {
			all.Old = a.Key().String()
			return nil
		}
		before, after, err := a.Rekey()
		all.Old, all.New = before.String(), after.String()
		return err
	})
	if err != nil {
		return err
	}
	if all.DryRun {
		env.note("the key %s would be destroyed, and members that pin it alone would take no grant that is issued after that", all.Old)
		env.note("nothing is changed")
	} else {
		env.note("the key %s is destroyed; the new one is printed", all.Old)
		env.note("next: have all members pin both, -authority %s -authority %s, and only then issue; if the old one was stolen, the new one alone, at once", all.Old, all.New)
	}
	switch {
	case cmd.Bool(jsonFlag):
		return env.json(all)
	case all.DryRun:
		return nil
	}
	return env.line("%s", all.New)
}
