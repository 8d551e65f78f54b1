package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
)

func lintCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "lint",
		Usage:     "look for what is wrong in keyring files, and between them",
		ArgsUsage: "FILE...",
		Description: `Looks for mistakes in keyring files, also in those that don't load, and in what
they say of the same patterns: give it the files of all parties. Prints one line
for each, and exits with 1 if there are any. A note is about what may be meant, and
doesn't count. The rules:

` + lint.Rules() + `
Keys are never shown.

` + accessHelp + `

Examples:

   $ wampbox lint keys/*.json
   $ wampbox lint responder.json -json | jq -r '.findings[].rule'`,
		Flags: slices.Concat(accessFlags(), []cli.Flag{jsonFlag()}),
	}, lintFiles)
}

func lintFiles(_ context.Context, cmd *cli.Command) error {
	paths, access, err := filesAndAccess(cmd, cmd.Args().Slice())
	if err != nil {
		return err
	}
	sources := make([]lint.Source, len(paths))
	for i, path := range paths {
		sources[i].Path = path
		if sources[i].Options, err = access.reading(path); err != nil {
			return err
		}
	}
	all, err := lint.Files(sources...)
	if err != nil {
		return err
	}
	if err := reportFindings(cmd, all); err != nil {
		return err
	}
	if slices.ContainsFunc(all, counts) {
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
	note("%s", count(all))
	return nil
}

// counts tells whether a finding is more than a note.
func counts(f lint.Finding) bool { return f.Level != lint.Note }

// count says how many findings and notes there are.
func count(all []lint.Finding) string {
	notes := len(slices.DeleteFunc(slices.Clone(all), counts))
	says := plural(len(all)-notes, "finding")
	if notes > 0 {
		says += ", " + plural(notes, "note")
	}
	return says
}

func plural(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
