package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
)

func revokeCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "revoke",
		Usage:     "end a version of a key at once, and destroy it",
		ArgsUsage: "ID FILE...",
		Description: `Ends a version at once, whatever its dates: nothing is opened or sealed with it
any more. Its keys are taken out of the file and can't be had back; its id
stays, so that messages under it are told from others. Files that the keyring
refers to (file:PATH) are left to you.

If the version was the one that seals, nothing is sent for its URIs until another
one's date comes, and nothing is sent in plain. So if a key is in other hands,
rotate with "-activate now" first where sending nothing is worse.

Use it too for a version whose date has passed.

ID may be the beginning of an id, as list shows it. Patterns that share the id are
changed together, unless -pattern says which.

` + accessHelp + `

Examples:

   $ wampbox revoke pn2457 keys/*.json
   $ wampbox revoke pn2457 originator.json`,
		Flags: changeFlags(),
	}, func(_ context.Context, cmd *cli.Command) error { return changeVersions(cmd, revoke) })
}

// revoke says where nothing seals from now on.
func revoke(v versionAt) error {
	if err := v.file.Revoke(v.pattern, v.ID); err != nil {
		return fmt.Errorf("%s: %w", v.file.path, err)
	}
	left, err := v.file.ofPattern(v.pattern)
	if err != nil {
		return err
	}
	if from, until, gap := lint.Unsealed(left, time.Now()); gap && !from.After(time.Now()) {
		note("warning: %s: nothing seals for %v until %s", v.file.path, v.pattern, shown(until, "it gets another version"))
	}
	return nil
}
