package main

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func revokeCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "revoke",
		Usage: "end a version of a key at once, and destroy it",
		Description: `Ends a version at once, whatever its state: nothing is opened or sealed with it
any more. Its keys are taken out of the file and can't be had back; its id
stays, so that messages under it are told from others. Files that the keyring
refers to (file:PATH) are left to you.

If the version was the active one, nothing is sealed for its URIs until another
is activated, and nothing is sent in plain. So if a key is in other hands,
rotate and activate first where sending nothing is worse.

Use it too for a version that is retired and whose date has passed.

Patterns that share the id are changed together, unless -pattern says which.

` + accessHelp + `

Examples:

   $ wampbox revoke -dir keys -id FlgtbV0q5sNQ7UJzZY2kMA
   $ wampbox revoke -keyring originator.json -id FlgtbV0q5sNQ7UJzZY2kMA`,
		Flags: stateFlags(),
	}, func(_ context.Context, cmd *cli.Command) error {
		return changeState(cmd, func(f opened, p keyring.Pattern, id string) error { return f.Revoke(p, id) })
	})
}
