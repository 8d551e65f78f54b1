package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// changed is one version after a change, as activate, retire and revoke print
// it as JSON.
type changed struct {
	File       string     `json:"file"`
	Pattern    string     `json:"pattern"`
	Match      string     `json:"match"`
	ID         string     `json:"id"`
	State      string     `json:"state"`
	ActiveFrom *time.Time `json:"active_from,omitempty"`
	NotAfter   *time.Time `json:"not_after,omitempty"`
}

// changeFlags are those of the commands that change versions.
func changeFlags(more ...cli.Flag) []cli.Flag {
	return slices.Concat(more, []cli.Flag{
		flags.Text("pattern", "only the version of this `PATTERN`, where several have the id"),
	}, accessFlags(), []cli.Flag{jsonFlag()})
}

// changeVersions carries out a change of every version with the id that the command line
// names, in all files that it names, and prints what has changed.
func changeVersions(cmd *cli.Command, do func(versionAt) error) error {
	paths, access, err := filesAndAccess(cmd, cmd.Args().Tail())
	if err != nil {
		return err
	}
	list := []changed{}
	err = access.update(paths, func(open []opened) error {
		before, err := states(open)
		if err != nil {
			return err
		}
		meant, err := withID(open, cmd.Args().First())
		if err == nil {
			meant, err = narrowed(cmd, meant)
		}
		if err != nil {
			return err
		}
		for _, v := range meant {
			if err := do(v); err != nil {
				return err
			}
		}
		after, err := states(open)
		list = difference(before, after)
		return err
	})
	if err != nil {
		return err
	}
	return report(cmd, list)
}

// stateRemoved is that of a version which is no longer there.
const stateRemoved = "removed"

// difference gives what has changed, and what is gone.
func difference(before, after []changed) []changed {
	list := []changed{}
	for _, then := range before {
		at := slices.IndexFunc(after, func(now changed) bool {
			return now.File == then.File && now.Pattern == then.Pattern && now.Match == then.Match && now.ID == then.ID
		})
		switch {
		case at < 0:
			then.State = stateRemoved
			list = append(list, then)
		case !after[at].same(then):
			list = append(list, after[at])
		}
	}
	return list
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
		var b strings.Builder
		lives := c.State != keyring.StateRevoked.String() && c.State != stateRemoved
		if c.ActiveFrom != nil && lives {
			b.WriteString(", seals from " + shown(*c.ActiveFrom, ""))
		}
		if c.NotAfter != nil && lives {
			b.WriteString(", opens until " + shown(*c.NotAfter, ""))
		}
		note("%s: %s %q id %s is %s%s", c.File, c.Match, c.Pattern, c.ID, c.State, b.String())
	}
	return nil
}

// states gives all versions of the files as they are.
func states(open []opened) ([]changed, error) {
	all, err := versions(open)
	list := make([]changed, 0, len(all))
	for _, v := range all {
		list = append(list, changed{
			File: v.file.Path, Pattern: v.pattern.URI, Match: v.pattern.Match.String(),
			ID: v.ID, State: v.State.String(), ActiveFrom: dated(v.Dates.ActiveFrom), NotAfter: dated(v.Dates.NotAfter),
		})
	}
	return list, err
}

// same tells whether nothing of the version differs.
func (c changed) same(other changed) bool {
	same := sameDate(c.ActiveFrom, other.ActiveFrom) && sameDate(c.NotAfter, other.NotAfter)
	c.ActiveFrom, c.NotAfter, other.ActiveFrom, other.NotAfter = nil, nil, nil, nil
	return same && c == other
}

func sameDate(a, b *time.Time) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Equal(*b))
}

// setDates moves a version's dates. It refuses what would leave the pattern a time in which
// nothing seals, and warns of an end that comes too early.
func (v versionAt) setDates(dates keyring.Dates) error {
	before, err := v.file.OfPattern(v.pattern)
	if err != nil {
		return err
	}
	if err := v.file.SetDates(v.pattern, v.ID, dates); err != nil {
		return fmt.Errorf("%s: %w", v.file.Path, err)
	}
	after, err := v.file.OfPattern(v.pattern)
	if err != nil {
		return err
	}
	_, _, gapped := lint.Unsealed(before, time.Now())
	switch from, until, gap := lint.Unsealed(after, time.Now()); {
	case gapped: // it isn't this change's
	case gap && until.IsZero():
		return fmt.Errorf("%s: from %s on nothing would seal for %v: rotate first, or activate another version", v.file.Path, shown(from, ""), v.pattern)
	case gap:
		return fmt.Errorf("%s: from %s to %s nothing would seal for %v: retire the older version later first", v.file.Path, shown(from, ""), shown(until, ""), v.pattern)
	}
	if text := early(after, time.Now()); text != "" {
		note("warning: %s: %s", v.file.Path, text)
	}
	return nil
}
