package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// name is what the tool is called.
const name = "wampbox"

const about = `Wampbox makes keys and keyring files for WAMP payloads that are encrypted end to
end, looks after them, and opens and makes sealed payloads outside of a session.

To begin, in an empty folder:

   wampbox init com.myapp.orders.

Give originator.json to those that publish and call, responder.json to those
that subscribe and are called. Each holds a private key: keep it to its owner. With
init -signed, who publishes can't read, and each message proves which party sent it.

Or have programs get their keys through the router that they use them on, which can't
read or change them: wampbox authority -h has the commands to begin with.

A pattern is what WAMP has, and found out from its text: a dot at the end makes
it a prefix (com.myapp.), an empty component within a wildcard (com..orders);
anything else is one URI. Flags may stand before or behind arguments.

Exit status: 0 when all is well, 1 after a failure or with findings, 2 when the
command line isn't understood. Private keys and passphrases are never given on the
command line. Keyring files may be encrypted with age.`

// Categories of commands, in the order in which help shows them.
const (
	forService  = "Key service"
	forFiles    = "Keyring files"
	forKeys     = "Keys in use"
	forRouters  = "With a router"
	forPayloads = "Payloads and keys alone"
)

// commands are all that there are, a line each.
func commands() []*cli.Command {
	env := live.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		AccessFlags: accessFlags, AccessHelp: accessHelp, Access: reading,
		Usage: usagef, OnUsageError: onUsageError,
	}
	return []*cli.Command{
		in(forService, identityCommand()),
		in(forService, authorityCommand()),
		in(forService, live.Serve(env)),
		in(forService, live.Fetch(env)),
		in(forFiles, initCommand()),
		in(forFiles, addCommand()),
		in(forFiles, removeCommand()),
		in(forFiles, listCommand()),
		in(forFiles, explainCommand()),
		in(forFiles, uriCommand()),
		in(forFiles, lintCommand()),
		in(forFiles, convertCommand()),
		in(forKeys, rotateCommand()),
		in(forKeys, activateCommand()),
		in(forKeys, retireCommand()),
		in(forKeys, revokeCommand()),
		in(forKeys, transitionCommand()),
		in(forKeys, scrambleCommand()),
		in(forRouters, live.Sub(env)),
		in(forRouters, live.Pub(env)),
		in(forRouters, live.Call(env)),
		in(forRouters, live.Doctor(env)),
		in(forPayloads, keygenCommand()),
		in(forPayloads, pubkeyCommand()),
		in(forPayloads, inspectCommand()),
		in(forPayloads, openCommand()),
		in(forPayloads, sealCommand()),
	}
}

// reading gives what reads keyring files as a command's flags say.
func reading(cmd *cli.Command) (func(string) ([]keyfile.Option, error), error) {
	a, err := newAccess(cmd)
	if err != nil {
		return nil, err
	}
	return a.reading, nil
}

// in puts a command into a category.
func in(category string, cmd *cli.Command) *cli.Command {
	cmd.Category = category
	return cmd
}

// root is the whole command line.
func root() *cli.Command {
	return &cli.Command{
		Name:                  name,
		Usage:                 "keys, keyring files and sealed payloads of WAMP",
		Description:           about,
		Version:               version(),
		EnableShellCompletion: true,
		// Names of files may hold a comma.
		DisableSliceFlagSeparator:       true,
		ConfigureShellCompletionCommand: configureCompletion,
		Commands:                        commands(),
		Action:                          unknown,
		OnUsageError:                    onUsageError,
		ExitErrHandler:                  func(context.Context, *cli.Command, error) {}, // main exits
	}
}

// unknown is what is done where no command was found.
func unknown(_ context.Context, cmd *cli.Command) error {
	if !cmd.Args().Present() {
		return usagef(cmd, "a command is missing")
	}
	given := cmd.Args().First()
	for _, c := range cmd.Commands {
		if words.Slip(given, c.Name) {
			return usagef(cmd, "there is no command %.100q: the nearest is %q", given, c.Name)
		}
	}
	return usagef(cmd, "there is no command %.100q: %s -h lists them", given, cmd.FullName())
}

// version is that of the module that the tool was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
