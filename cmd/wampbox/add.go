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
		Usage:     "add patterns with new keys to keyring files, or parties to signed keys",
		ArgsUsage: "PATTERN...",
		Description: `Puts further patterns into the keyring files of the parties, each with new keys as
init makes them. Files that don't exist are made. Either all files are changed, or
none. A pattern that a file has already is refused: rotate gives it another key.
Where all its versions are revoked, add does.

Each flag may be given several times: all files of -originator get the same half of
the keys, and all of -responder the other one. With -shared, in place of both, all
files get the same secret.

With -plain the URIs of the patterns are declared plain, in one file or in several,
whatever their role. To switch a running system from plain to sealed, -plain-until gives
a pattern a key, one that is declared plain too, and has it sent plain until that date;
transition goes on from there. Name all files that use the pattern at once: a key that
is made for some of them fits no other.

` + signedHelp + `

A party has the name of its file, and a file may be named by both flags. Private keys need
not travel: who receives runs add with -responder alone, who publishes with -originator
alone and the public half of the reading key by -reading, and each gets told what to give
to whom.

With -sender or -answerer it adds parties to the lists of a signed key, in the keyring files
behind the pattern. A name may have several keys: so a party changes its own without a gap.
With -signing alone, a FILE with a key as keygen -signing makes it, the party of the one
keyring file behind the pattern signs with that from then on.

` + accessHelp + `

Examples:

   $ wampbox add -originator originator.json -responder responder.json com.myapp.invoices.
   $ wampbox add -shared a.json -shared b.json com.myapp.chat.
   $ wampbox add -plain -originator originator.json -responder responder.json com.myapp.public.
   $ wampbox add -signed -originator billing.json -originator web.json -responder hub.json com.myapp.orders.
   $ wampbox add -sender cron=ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= com.myapp.orders. hub.json
   $ wampbox add -originator web.json -originator cron.json -responder hub.json \
       com.myapp.hello. -plain-until 7d
   $ for t in $(seq 50); do
   >   wampbox add -originator front.json -responder tenant$t.json com.myapp.tenant$t.
   > done`,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringSliceFlag{Name: "originator", Usage: "the keyring `FILE` of who publishes and calls; may come again"},
			&cli.StringSliceFlag{Name: "responder", Usage: "the keyring `FILE` of who subscribes and is called; may come again"},
			&cli.StringSliceFlag{Name: "shared", Usage: "the keyring `FILE` of who shares a secret, in place of these; may come again"},
			yes("plain", "declare the patterns plain"),
			readingFlag(),
			flags.Text("signing", "signed keys: sign with the key in `FILE`"),
		}, partyFlags("list", "NAME=KEY"), makingFlags(), accessFlags(), []cli.Flag{jsonFlag()}),
	}, add)
}

func add(_ context.Context, cmd *cli.Command) error {
	files := len(cmd.StringSlice("originator")) + len(cmd.StringSlice("responder")) + len(cmd.StringSlice("shared"))
	switch {
	case forParties(cmd):
		return addParties(cmd)
	case cmd.IsSet("signing") && files == 0 && cmd.Args().Len() > 1:
		return changeSigning(cmd)
	}
	return addPatterns(cmd)
}

// addPatterns adds patterns with new keys.
func addPatterns(cmd *cli.Command) error {
	keyed, plain := cmd.Args().Slice(), []string(nil)
	if cmd.Bool("plain") {
		keyed, plain = nil, keyed
	}
	m, err := newMaking(cmd, keyed, plain)
	if err != nil {
		return err
	}
	all, err := newInitialized(cmd, len(keyed) > 0, m.signed != nil)
	if err != nil {
		return err
	}
	if err := m.forSigned(cmd, all); err != nil {
		return err
	}
	m.shared, m.originators = len(all.Shared) > 0, len(all.Originator)
	paths := all.paths()
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
	m.say(all.Patterns)
	if cmd.Bool("json") {
		return outputJSON(all)
	}
	return outputMade(all.Patterns)
}

// forSigned reads whose files get signed keys, and what of them is there already.
func (m *making) forSigned(cmd *cli.Command, all *initialized) (err error) {
	if m.signed == nil {
		if cmd.IsSet("signing") {
			return usagef(cmd, "-signing is for signed keys: give -signed too, or a pattern and its keyring file alone")
		}
		return nil
	}
	if m.signed.Parties, err = newParties(all); err != nil {
		return err
	}
	if cmd.IsSet("signing") {
		if m.signed.sign, err = readSigning(cmd.String("signing")); err != nil {
			return err
		}
	}
	if len(m.keyed) == 0 {
		return usagef(cmd, "-signed is for patterns that get a key")
	}
	return m.signed.check(cmd)
}

// newInitialized reads which files get the patterns. Keys come in halves, which go together;
// the parts of signed keys may be made apart, and one party may have those of both roles.
func newInitialized(cmd *cli.Command, keyed, signed bool) (*initialized, error) {
	all := &initialized{Originator: cmd.StringSlice("originator"), Responder: cmd.StringSlice("responder"), Shared: cmd.StringSlice("shared")}
	switch halves := len(all.Originator) + len(all.Responder); {
	case len(all.Shared) > 0 && halves > 0:
		return nil, usagef(cmd, "give -shared, or -originator and -responder")
	case len(all.paths()) == 0 && !keyed:
		return nil, usagef(cmd, "give a file, by -originator, -responder or -shared")
	case signed && halves == 0:
		return nil, usagef(cmd, "give the files that get a part of the key, by -originator and -responder")
	case len(all.Shared) == 0 && keyed && !signed && (len(all.Originator) == 0 || len(all.Responder) == 0):
		return nil, usagef(cmd, "-originator and -responder go together: each file has one half of the keys")
	}
	lists := [][]string{slices.Concat(all.Originator, all.Responder, all.Shared)}
	if signed {
		lists = [][]string{all.Originator, all.Responder}
	}
	for _, paths := range lists {
		known := map[string]bool{}
		for _, path := range paths {
			switch name := absolute(path); {
			case path == "":
				return nil, usagef(cmd, "the name of a file is empty")
			case known[name]:
				return nil, usagef(cmd, "the same file is named twice")
			default:
				known[name] = true
			}
		}
	}
	return all, nil
}
