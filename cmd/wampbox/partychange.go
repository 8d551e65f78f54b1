package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// addParties adds parties to the lists of a signed key.
func addParties(cmd *cli.Command) error {
	for _, name := range []string{"originator", "responder", "shared", "signed", "suite", "reading", "signing", "plain", "plain-until", "for", "id", "any-answerer", "signed-once", "comment"} {
		if cmd.IsSet(name) {
			return usagef(cmd, "-%s is for patterns with new keys, and -sender and -answerer are for those that have one: give the keyring files behind the pattern", name)
		}
	}
	p, paths, err := patternAndFiles(cmd)
	if err != nil {
		return err
	}
	c := &partyChange{pattern: p, missing: func(error) bool { return false }}
	if c.parties, err = readParties(cmd, false); err != nil {
		return err
	}
	c.change = func(f opened, l listed) error { return f.AddParty(p, l.role, l.Party) }
	list, err := c.run(cmd, paths)
	if err != nil {
		return err
	}
	return printParties(cmd, list, func(p changedParty) string {
		says := p.Name + " may publish and call"
		if p.Role != "sender" {
			says = "answers of " + p.Name + " are taken"
		}
		for _, other := range p.others {
			says += fmt.Sprintf(", with this key too: when it signs with it, take the other one out by\n   wampbox remove -%s %s %s %s",
				p.Role, words.Argument(p.Name+"="+other), words.Argument(p.Pattern), words.Argument(p.File))
		}
		return says
	})
}

// patternAndFiles reads a pattern and the files behind it.
func patternAndFiles(cmd *cli.Command) (keyring.Pattern, []string, error) {
	p, err := pattern(cmd, cmd.Args().First())
	if err != nil {
		return p, nil, err
	}
	if cmd.Args().Len() < 2 {
		return p, nil, usagef(cmd, "FILE is missing: name the keyring files behind the pattern")
	}
	paths, err := files(cmd, cmd.Args().Tail())
	return p, paths, err
}

// removeParties takes parties out of the lists of a signed key.
func removeParties(cmd *cli.Command, p keyring.Pattern, paths []string) (err error) {
	c := &partyChange{pattern: p, missing: func(err error) bool { return errors.Is(err, keyring.ErrNoParty) }}
	if c.parties, err = readParties(cmd, true); err != nil {
		return err
	}
	c.change = func(f opened, l listed) error { return f.RemoveParty(p, l.role, l.Party) }
	list, err := c.run(cmd, paths)
	if err != nil {
		return err
	}
	return printParties(cmd, list, func(p changedParty) string {
		which := ""
		if len(p.others) > 0 {
			which = " with the key " + p.Key
		}
		if p.Role == "sender" {
			return p.Name + which + " is heard no more"
		}
		return "answers of " + p.Name + which + " are taken no more"
	})
}
