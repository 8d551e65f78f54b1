package main

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func activateCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "activate",
		Usage: "let a version of a key seal",
		Description: `Makes a version the one that seals. The one that did until now is retired: it
still opens, without end until retire gives it a date.

Do it when every peer has the version, as pending: those that don't refuse what
is sealed with it. See rotate for the whole order. To go back, activate the old
version again.

Patterns that share the id are changed together, unless -pattern says which.

` + accessHelp + `

Examples:

   $ wampbox activate -dir keys -id FlgtbV0q5sNQ7UJzZY2kMA
   $ wampbox activate -keyring responder.json -id FlgtbV0q5sNQ7UJzZY2kMA -json`,
		Flags: stateFlags(),
	}, func(_ context.Context, cmd *cli.Command) error {
		return changeState(cmd, func(f opened, p keyring.Pattern, id string) error { return f.Activate(p, id) })
	})
}
