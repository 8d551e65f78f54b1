package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
)

func addCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "add",
		Usage:     "add patterns with new keys to keyring files",
		ArgsUsage: "PATTERN...",
		Description: `Puts further patterns into the keyring files of two parties, or into the one that
all share, each with new keys as init makes them. Files that don't exist are
made. Either all files are changed, or none. A pattern that a file has already is
refused: rotate gives it another key.

With -plain the URIs of the patterns are declared plain. To switch a running system
from plain to sealed, -plain-until gives a pattern a key, one that is declared plain
too, and has it sent plain until that date; transition goes on from there.

` + accessHelp + `

Examples:

   $ wampbox add -originator originator.json -responder responder.json com.myapp.invoices.
   $ wampbox add -plain -originator originator.json -responder responder.json com.myapp.public.
   $ for t in $(seq 50); do
   >   wampbox add -originator front.json -responder tenant$t.json com.myapp.tenant$t.
   > done`,
		Flags: slices.Concat([]cli.Flag{
			flags.Text("originator", "the keyring `FILE` of those that publish and call"),
			flags.Text("responder", "the keyring `FILE` of those that subscribe and are called"),
			flags.Text("shared", "the keyring `FILE` that all share, in place of these two"),
			yes("plain", "declare the patterns plain"),
		}, makingFlags(), accessFlags(), []cli.Flag{jsonFlag()}),
	}, add)
}

func add(_ context.Context, cmd *cli.Command) error {
	keyed, plain := cmd.Args().Slice(), []string(nil)
	if cmd.Bool("plain") {
		keyed, plain = nil, keyed
	}
	m, err := newMaking(cmd, keyed, plain)
	if err != nil {
		return err
	}
	all := initialized{Originator: cmd.String("originator"), Responder: cmd.String("responder"), Shared: cmd.String("shared")}
	paths := []string{all.Originator, all.Responder}
	switch m.shared = all.Shared != ""; {
	case m.shared && (all.Originator != "" || all.Responder != ""):
		return usagef(cmd, "give -shared, or -originator and -responder")
	case m.shared:
		paths = []string{all.Shared}
	case all.Originator == "" || all.Responder == "":
		return usagef(cmd, "-originator and -responder go together: each file has one half of the keys")
	case absolute(all.Originator) == absolute(all.Responder):
		return usagef(cmd, "the same file is named twice")
	}
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return openError(path, err)
		}
	}
	access.making = true
	if err := access.update(paths, func(open []opened) (err error) {
		all.Patterns, err = m.into(open)
		return err
	}); err != nil {
		return err
	}
	m.say()
	if cmd.Bool("json") {
		return outputJSON(all)
	}
	return outputMade(all.Patterns)
}
