package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
)

func lintCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "lint",
		Usage: "look for what is wrong in keyring files",
		Description: `Looks for mistakes in keyring files, also in those that don't load, and prints
one line for each. Exits with 1 if there are any. The rules:

   invalid        what a session refuses to load for other reasons than these
   permissions    others can read a file with secret keys, or write to it
   duplicate-id   an id stands for two versions, or for different keys
   two-active     two versions of a pattern are active
   weak-key       a key is zero, of low order, published, or looks made up
   no-role        an entry has public keys only, which serve nobody
   overlap        two patterns match some of the same URIs
   both-private   the private keys of both parties are in one file
   expired        the date of a retired version has passed; its keys are there
   no-end         a retired version has no date
   no-active      a pattern has keys, but none that seals

Keys are never shown.

` + accessHelp + `

Examples:

   $ wampbox lint -dir keys
   $ wampbox lint -keyring responder.json -json | jq -r '.findings[].rule'`,
		Flags: append(append(fileFlags(), accessFlags()...), jsonFlag()),
	}, lintFiles)
}

func lintFiles(_ context.Context, cmd *cli.Command) error {
	paths, err := files(cmd)
	if err != nil {
		return err
	}
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	all := []lint.Finding{}
	for _, path := range paths {
		opts, err := access.reading(path)
		if err != nil {
			return err
		}
		findings, err := lint.File(path, opts...)
		if err != nil {
			return err
		}
		all = append(all, findings...)
	}
	if err := reportFindings(cmd, all); err != nil {
		return err
	}
	if len(all) > 0 {
		return errFindings
	}
	return nil
}

func reportFindings(cmd *cli.Command, all []lint.Finding) error {
	if cmd.Bool("json") {
		return outputJSON(struct {
			Findings []lint.Finding `json:"findings"`
		}{all})
	}
	for _, f := range all {
		if err := outputLine(f.String()); err != nil {
			return err
		}
	}
	note("%s", count(len(all)))
	return nil
}

// count says how many findings there are.
func count(n int) string {
	switch n {
	case 0:
		return "no findings"
	case 1:
		return "1 finding"
	}
	return fmt.Sprintf("%d findings", n)
}
