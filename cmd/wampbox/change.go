package main

import (
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// changed is one version after a change, as activate, retire and revoke print
// it as JSON.
type changed struct {
	File     string     `json:"file"`
	Pattern  string     `json:"pattern"`
	Match    string     `json:"match"`
	ID       string     `json:"id"`
	State    string     `json:"state"`
	NotAfter *time.Time `json:"not_after,omitempty"`
}

// stateFlags are those of the commands that change a version's state.
func stateFlags(more ...cli.Flag) []cli.Flag {
	flags := append(fileFlags(), required(text("id", "the `ID` of the version")))
	flags = append(flags, more...)
	flags = append(flags, choiceFlags()...)
	return append(append(flags, accessFlags()...), jsonFlag())
}

// order is a change of one version in one file.
type order func(f opened, p keyring.Pattern, id string) error

// changeState carries out an order for every version with the id, in all files
// that are named, and prints what changed.
func changeState(cmd *cli.Command, do order) error {
	paths, err := files(cmd)
	if err != nil {
		return err
	}
	meant, err := newChoice(cmd)
	if err != nil {
		return err
	}
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	list := []changed{}
	err = access.update(paths, func(open []opened) error {
		for _, f := range open {
			before, err := f.states()
			if err != nil {
				return err
			}
			patterns, err := meant.withID(f, cmd.String("id"))
			if err != nil {
				return err
			}
			for _, p := range patterns {
				if err := do(f, p, cmd.String("id")); err != nil {
					return err
				}
			}
			after, err := f.since(before)
			if err != nil {
				return err
			}
			list = append(list, after...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return report(cmd, list)
}

// report says what changed.
func report(cmd *cli.Command, list []changed) error {
	if cmd.Bool("json") {
		return outputJSON(struct {
			Changed []changed `json:"changed"`
		}{list})
	}
	if len(list) == 0 {
		note("nothing to change")
	}
	for _, c := range list {
		until := ""
		if c.NotAfter != nil {
			until = " until " + c.NotAfter.Format(time.RFC3339)
		}
		note("%s: %s %q id %s is %s%s", c.File, c.Match, c.Pattern, c.ID, c.State, until)
	}
	return nil
}

// states gives all versions of a file as they are, in the file's order.
func (f opened) states() ([]changed, error) {
	list, err := f.List()
	states := make([]changed, 0, len(list))
	for _, item := range list {
		c := changed{
			File: f.path, Pattern: item.Pattern.URI, Match: item.Pattern.Match.String(),
			ID: item.Info.ID, State: item.Info.State.String(),
		}
		if until := item.Info.NotAfter; !until.IsZero() {
			c.NotAfter = &until
		}
		states = append(states, c)
	}
	return states, err
}

// since gives the versions that aren't as they were.
func (f opened) since(before []changed) ([]changed, error) {
	after, err := f.states()
	return slices.DeleteFunc(after, func(now changed) bool {
		return slices.ContainsFunc(before, now.same)
	}), err
}

// same tells whether nothing of the version differs.
func (c changed) same(other changed) bool {
	if (c.NotAfter == nil) != (other.NotAfter == nil) || c.NotAfter != nil && !c.NotAfter.Equal(*other.NotAfter) {
		return false
	}
	c.NotAfter, other.NotAfter = nil, nil
	return c == other
}
