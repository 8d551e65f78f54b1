package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func removeCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "remove",
		Usage:     "take a pattern and its keys out of keyring files, or a party out of a signed key",
		ArgsUsage: "PATTERN FILE...",
		Description: `Takes a pattern out of keyring files, with all versions of its key. The keys
can't be had back, so without -yes nothing is changed, and what would be is said.
PATTERN is the whole pattern as list shows it. Either all files are changed, or
none. Files that the keyring refers to (file:PATH) are left to you.

The URIs of the pattern are closed from then on: nothing is sent or taken for
them. That holds at once in programs that follow their file (keywatch), in others
when they are started again. Where another pattern of the file matches the URIs
too, that one counts for them in programs that are started anew; remove says so, and
what it makes of them: plain, or sealed with another key.

To end one version of a key and keep the pattern, use revoke. To give the pattern
another key, use rotate.

With -sender or -answerer it takes parties out of the lists of a signed key, in all
versions of it, and the pattern stays: nothing more is taken from them, in calls that are
under way too. NAME means all keys of the party, NAME=KEY one of them. A party that has the
reading key reads on: against that, rotate.

` + accessHelp + `

Examples:

   $ wampbox remove com.myapp.orders. keys/*.json
   $ wampbox remove com.myapp.orders. keys/*.json -yes
   $ wampbox remove -sender billing com.myapp.orders. keys/*.json`,
		Flags: slices.Concat([]cli.Flag{
			yes("yes", "change the files"),
			matchFlag(),
		}, partyFlags("take out", "NAME or NAME=KEY"), accessFlags(), []cli.Flag{jsonFlag()}),
	}, remove)
}

// removed is a pattern that was taken out of a file, as remove prints it as JSON.
type removed struct {
	File    string   `json:"file"`
	Pattern string   `json:"pattern"`
	Match   string   `json:"match"`
	IDs     []string `json:"ids"`
	Then    string   `json:"then"`         // what its URIs are: closed, plain or sealed
	By      string   `json:"by,omitempty"` // the pattern that says so
}

// thenClosed is what URIs are that no pattern matches.
const thenClosed = "closed"

func remove(_ context.Context, cmd *cli.Command) error {
	p, err := pattern(cmd, cmd.Args().First())
	if err != nil {
		return err
	}
	paths, err := files(cmd, cmd.Args().Tail())
	if err != nil {
		return err
	}
	if forParties(cmd) {
		return removeParties(cmd, p, paths)
	}
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	var list []removed
	if err := access.update(paths, func(open []opened) error {
		open, err := having(open, p)
		if err != nil {
			return err
		}
		for _, f := range open {
			r, err := f.remove(p)
			if err != nil {
				return err
			}
			list = append(list, r)
		}
		if cmd.Bool("yes") {
			return nil
		}
		for _, r := range list {
			note("%s: %v would be taken out%s; its URIs would be %s", r.File, p, r.keys(), r.then())
		}
		return errors.New("nothing is changed: give -yes if this is meant")
	}); err != nil {
		return err
	}
	if cmd.Bool("json") {
		return outputJSON(struct {
			Removed []removed `json:"removed"`
		}{list})
	}
	for _, r := range list {
		note("%s: %v is taken out%s; its URIs are %s", r.File, p, r.keys(), r.then())
	}
	if slices.ContainsFunc(list, func(r removed) bool { return r.Then != thenClosed && len(r.IDs) > 0 }) {
		note("programs that follow their file (keywatch) have them closed until they are started again")
		return nil
	}
	note("that holds at once in programs that follow their file (keywatch); in others when they are started again")
	return nil
}

// remove takes a pattern out of a file.
func (f opened) remove(p keyring.Pattern) (removed, error) {
	r := removed{File: f.Path, Pattern: p.URI, Match: p.Match.String(), IDs: []string{}}
	versions, err := f.OfPattern(p)
	if err != nil {
		return r, err
	}
	for _, v := range versions {
		r.IDs = append(r.IDs, v.ID)
	}
	if len(f.Entries) == 1 {
		return r, fmt.Errorf("%s has no other pattern than %v, and a keyring file needs one: delete the file in its place", f.Path, p)
	}
	if err := f.Remove(p); err != nil {
		return r, fmt.Errorf("%s: %w", f.Path, err)
	}
	ring, err := f.Ring()
	if err != nil {
		return r, fmt.Errorf("%s: %w", f.Path, err)
	}
	entry, err := ring.Lookup(someURI(p))
	switch {
	case err != nil:
		r.Then = thenClosed
	case entry.Plain():
		r.Then, r.By = "plain", entry.Pattern().String()
	default:
		r.Then, r.By = "sealed", entry.Pattern().String()
	}
	return r, nil
}

// someURI gives a URI that a pattern matches, and none that is more specific.
func someURI(p keyring.Pattern) string {
	const component = "any-of-these-uris"
	switch p.Match {
	case keyring.MatchPrefix:
		return p.URI + component
	case keyring.MatchWildcard:
		parts := strings.Split(p.URI, ".")
		for i, part := range parts {
			if part == "" {
				parts[i] = component
			}
		}
		return strings.Join(parts, ".")
	}
	return p.URI
}

// keys names the keys that are gone with the pattern.
func (r removed) keys() string {
	switch len(r.IDs) {
	case 0:
		return ""
	case 1:
		return ", with the key " + r.IDs[0]
	}
	return ", with the keys " + strings.Join(r.IDs, ", ")
}

// then says what becomes of the URIs.
func (r removed) then() string {
	switch r.Then {
	case "plain":
		return "PLAIN in programs that load the file anew, as " + r.By + " declares"
	case "sealed":
		return "sealed with the key of " + r.By + " in programs that load the file anew"
	}
	return "closed: nothing is sent or taken for them"
}
