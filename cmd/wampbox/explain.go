package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func explainCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "explain",
		Usage:     "tell what would happen to messages of a URI",
		ArgsUsage: "URI FILE...",
		Description: `Tells which pattern of each keyring file counts for a URI, why that one, and what
would happen now: sealed with which version, plain, or refused because no pattern
matches, with the one that it nearly matches. With the files of several parties it
also tells whether one opens what another seals. Of signed keys it says who may send and
who may answer, and whether the files list each other's keys. If two of them say something of the URI,
the others may say nothing: they are of parties that take no part. Of a scrambled URI it
tells with -realm what the routers of that realm see, and whether all parties take that.

Exits with 1 if messages of the URI would fail.

` + accessHelp + `

Examples:

   $ wampbox explain com.myapp.orders.new keys/*.json
   $ wampbox explain com.myapp.orders.new keys/*.json -realm realm1
   $ wampbox explain com.myapp.orders.new originator.json -json | jq .faults`,
		Flags: slices.Concat([]cli.Flag{
			flags.Text("realm", "of a scrambled URI, tell what the routers of `REALM` see"),
		}, accessFlags(), []cli.Flag{jsonFlag()}),
	}, explain)
}

// explanation is what explain prints as JSON.
type explanation struct {
	URI    string        `json:"uri"`
	Files  []explainFile `json:"files"`
	Faults []string      `json:"faults"`
}

func explain(_ context.Context, cmd *cli.Command) error {
	paths, access, err := filesAndAccess(cmd, cmd.Args().Tail())
	if err != nil {
		return err
	}
	all := explanation{URI: cmd.Args().First(), Faults: []string{}}
	if all.URI == "" {
		return usagef(cmd, "the URI is empty")
	}
	uri := all.URI
	all.URI = keyfile.Conceal(uri)
	for _, path := range paths {
		f, err := access.explain(path, uri, cmd.String("realm"))
		if err != nil {
			return err
		}
		all.Files = append(all.Files, f)
	}
	taking := all.takingPart()
	for i := range taking {
		all.Faults = append(all.Faults, taking[i].faults(taking)...)
	}
	if len(all.Faults) == 0 {
		all.Faults = append(all.Faults, oneSided(taking)...)
	}
	if err := all.print(cmd); err != nil {
		return err
	}
	if len(all.Faults) > 0 {
		return errFindings
	}
	return nil
}

// explain tells what one file means for a URI.
func (a *access) explain(path, uri, realm string) (explainFile, error) {
	file, err := a.parse(path)
	if err != nil {
		return explainFile{}, err
	}
	defer file.Wipe()
	ring, err := file.Ring()
	if err != nil {
		return explainFile{}, fmt.Errorf("%s: %w", path, err)
	}
	f := explainFile{File: path, Grant: newListedGrant(file.Grant, time.Now())}
	f.look(ring, uri)
	f.scrambles(ring, realm, uri)
	return f, nil
}

// print says it all on standard output.
func (x explanation) print(cmd *cli.Command) error {
	if cmd.Bool("json") {
		return outputJSON(x)
	}
	taking := x.takingPart()
	for _, f := range taking {
		if err := outputLine(f.File); err != nil {
			return err
		}
		for _, line := range [][2]string{
			{"pattern", f.pattern()}, {"why", f.Why}, {"closed", f.Closed}, {"scrambled", f.Scrambled}, {"publishes, calls", f.Sends},
			{"subscribes, serves", f.Serves}, {"for a time", f.Transition}, {"for a time", f.Unsigned}, {"grant", f.Grant.says()},
		} {
			if line[1] == "" {
				continue
			}
			if err := outputLine(fmt.Sprintf("  %-19s %s", line[0], clean(line[1]))); err != nil {
				return err
			}
		}
	}
	if aside := x.aside(len(taking)); aside != "" {
		if err := outputLine(clean(aside)); err != nil {
			return err
		}
	}
	for _, fault := range x.Faults {
		if err := outputLine("fault: " + clean(fault)); err != nil {
			return err
		}
	}
	return nil
}

// takingPart gives the files that say something of the URI, if there are two or they go
// together; else all, so that it is said what each lacks.
func (x explanation) takingPart() []explainFile {
	var some []explainFile
	for _, f := range x.Files {
		if f.entry != nil {
			some = append(some, f)
		}
	}
	if len(some) > 1 || len(some) == 1 && some[0].alone() {
		return some
	}
	return x.Files
}

// aside names the files that don't take part, where some do.
func (x explanation) aside(taking int) string {
	if taking == len(x.Files) {
		return ""
	}
	var names []string
	for _, f := range x.Files {
		switch {
		case f.entry != nil:
		case f.Near != "":
			names = append(names, f.File+" (it has "+f.Near+", which is nearly the same)")
		default:
			names = append(names, f.File)
		}
	}
	if more := len(names) - maxListed; more > 0 {
		names = append(names[:maxListed], fmt.Sprintf("%d more", more))
	}
	return "takes no part: " + strings.Join(names, ", ")
}
