package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// choice is what the command line says of the patterns that are meant.
type choice struct {
	uri   string
	match keyring.Match // 0 is any
}

// choiceFlags narrow a command to one pattern.
func choiceFlags() []cli.Flag {
	return []cli.Flag{
		text("pattern", "only the pattern `URI`; needed where the file has several"),
		text("match", "only the pattern that matches so, `NAME` is exact, prefix or wildcard"),
	}
}

func newChoice(cmd *cli.Command) (choice, error) {
	c := choice{uri: cmd.String("pattern")}
	if !cmd.IsSet("match") {
		return c, nil
	}
	match, err := keyring.ParseMatch(cmd.String("match"))
	if err != nil {
		return c, usagef(cmd, "-match: use exact, prefix or wildcard")
	}
	if c.uri == "" {
		return c, usagef(cmd, "-match goes with -pattern")
	}
	c.match = match
	return c, nil
}

// fits tells whether a pattern is meant.
func (c choice) fits(p keyring.Pattern) bool {
	return (c.uri == "" || c.uri == p.URI) && (c.match == 0 || c.match == p.Match)
}

// one gives the pattern that is meant, of those that a file has.
func (c choice) one(f opened) (keyring.Pattern, error) {
	var meant []keyring.Pattern
	for _, e := range f.Keys {
		if c.fits(e.Pattern) && !slices.Contains(meant, e.Pattern) {
			meant = append(meant, e.Pattern)
		}
	}
	switch {
	case len(meant) == 1:
		return meant[0], nil
	case len(meant) == 0:
		return keyring.Pattern{}, fmt.Errorf("%s has no such pattern", f.path)
	}
	return keyring.Pattern{}, fmt.Errorf("%s has %d patterns that fit: say which one with -pattern and -match", f.path, len(meant))
}

// withID gives the patterns that are meant and have a version of an id. There
// is at least one.
func (c choice) withID(f opened, id string) ([]keyring.Pattern, error) {
	list, err := f.List()
	if err != nil {
		return nil, err
	}
	var meant []keyring.Pattern
	var has []string
	for _, item := range list {
		switch {
		case !c.fits(item.Pattern):
		case item.Info.ID == id:
			meant = append(meant, item.Pattern)
		case len(has) < maxListed:
			has = append(has, fmt.Sprintf("%s (%v)", item.Info.ID, item.Info.State))
		}
	}
	if len(meant) > 0 {
		return meant, nil
	}
	return nil, fmt.Errorf("%s has no version with the id %q: there are %s", f.path, id, strings.Join(has, ", "))
}

// maxListed bounds what an error lists.
const maxListed = 20
