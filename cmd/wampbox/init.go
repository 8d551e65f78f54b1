package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func initCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "init",
		Usage:     "make the keyring files of both parties",
		ArgsUsage: "[PATTERN...]",
		Description: `Makes two keyring files that go together: originator.json for those that publish
and call, responder.json for those that subscribe and are called. Each pattern
has a pair of keys of its own; each file holds its own private keys and the
other's public ones. Only their owner can read them, and a file that exists is
never overwritten: add puts further patterns into it. The ids of the keys are
printed on standard output, a line each.

With -shared it is one file, shared.json, with secrets that all parties hold.

` + signedHelp + `
The parties have the names of their files, originator and responder. With -both there is
a third file, both.json, for who does all of that.

A pattern that ends with a dot is a prefix (com.myapp.), one with an empty
component within is a wildcard (com..orders), which matches any text there; any
other is one URI. URIs that no pattern matches are closed: what is sent in plain
is given with -plain, alone too. For a system that runs in plain, -plain-until begins to switch
it over; transition goes on from there.

With -scramble routers see the URIs below a prefix scrambled: scramble -h says how, and
what that asks of routers' rules.

For Autobahn at the other end, or for peers that use WAMP's payload passthru mode,
say so with -for. What such peers aren't protected from is in docs/AUTOBAHN.md,
"What stays open".

Examples:

   $ wampbox init com.myapp.orders.
   $ wampbox init -dir keys com.myapp.orders. com.myapp.add2 -plain com.myapp.public.
   $ wampbox init -shared -for autobahn com.myapp.encrypted.
   $ wampbox init -signed com.myapp.orders.
   $ wampbox init -scramble com.myapp. com.myapp.orders.`,
		Flags: slices.Concat([]cli.Flag{
			initial(flags.Text("dir", "write the files to `DIR`, which is made if need be"), "."),
			yes("shared", "make one file, with secrets of all parties"),
			flags.Text("scramble", "have routers see the URIs below `PREFIX` scrambled"),
			yes("both", "signed keys: make a file too of a party that has both roles"),
			&cli.StringSliceFlag{Name: "plain", Usage: "declare the URIs of `PATTERN` plain; may be given for several"},
		}, makingFlags(), []cli.Flag{jsonFlag()}),
	}, initialize)
}

// initialized is what init prints as JSON.
type initialized struct {
	Patterns   []made   `json:"patterns"`
	Originator []string `json:"originator,omitempty"`
	Responder  []string `json:"responder,omitempty"`
	Shared     []string `json:"shared,omitempty"`
}

// paths gives all files, each once: those of originators come first.
func (all *initialized) paths() []string {
	paths := slices.Clone(all.Originator)
	for _, path := range slices.Concat(all.Responder, all.Shared) {
		if !hasFile(all.Originator, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

func initialize(_ context.Context, cmd *cli.Command) error {
	m, err := newMaking(cmd, cmd.Args().Slice(), cmd.StringSlice("plain"))
	if err != nil {
		return err
	}
	if err := m.readScramble(cmd); err != nil {
		return err
	}
	dir := cmd.String("dir")
	var all initialized
	if m.shared = cmd.Bool("shared"); m.shared {
		all.Shared = []string{filepath.Join(dir, sharedFile)}
	} else {
		all.Originator, all.Responder = []string{filepath.Join(dir, originatorFile)}, []string{filepath.Join(dir, responderFile)}
	}
	if cmd.Bool("both") {
		path := filepath.Join(dir, bothFile)
		all.Originator, all.Responder = append(all.Originator, path), append(all.Responder, path)
	}
	if m.signed != nil {
		if m.signed.Parties, err = newParties(&all); err != nil {
			return err
		}
	} else if cmd.Bool("both") {
		return usagef(cmd, "-both is for signed keys: of others, a party's file can be the originator's of one pattern and the responder's of another")
	}
	m.originators = len(all.Originator)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if all.Patterns, err = m.create(all.paths()); err != nil {
		return err
	}
	if m.shared {
		note("%s is for all parties; take it to them in a safe way", all.Shared[0])
	} else {
		does := ""
		if cmd.Bool("both") {
			does = fmt.Sprintf(", %s for who does all of that", all.Originator[1])
		}
		note("%s is for those that publish and call, %s for those that subscribe and are called%s", all.Originator[0], all.Responder[0], does)
	}
	m.say(all.Patterns)
	if cmd.Bool("json") {
		return outputJSON(all)
	}
	return outputMade(all.Patterns)
}

// create makes all files, or none.
func (m *making) create(paths []string) ([]made, error) {
	open := make([]opened, len(paths))
	for i, path := range paths {
		if _, err := os.Lstat(path); err == nil {
			return nil, fmt.Errorf("%s exists and isn't overwritten: put further patterns into it with add, or give another -dir", path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		open[i] = opened{renewal.File{File: keyfile.New(keyfile.RelativeTo(filepath.Dir(path))), Path: path}}
		defer open[i].Wipe()
	}
	list, err := m.into(open)
	if err == nil {
		err = m.scrambleIn(open)
	}
	if err != nil {
		return nil, err
	}
	// The same order in all tools: where two meet, one gets all.
	for i, f := range open {
		if err := keyfile.Create(f.Path, f.File.File); err != nil {
			for _, made := range open[:i] {
				err = errors.Join(err, os.Remove(made.Path))
			}
			return nil, err
		}
	}
	return list, nil
}
