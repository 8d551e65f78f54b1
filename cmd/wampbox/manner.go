package main

import (
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
)

// dialects are the names of all.
var dialects = []string{cryptobox.Wampbox.String(), cryptobox.Autobahn.String(), cryptobox.Passthru.String()}

func suiteFlag(usage string) cli.Flag {
	return flags.OneOf("suite", usage, append([]string{cryptobox.SuiteBox.String(), cryptobox.SuiteXBox.String()}, signedSuites...)...)
}

// readManner takes what the flags -for, -suite and -id say. What they leave out stays.
func readManner(cmd *cli.Command, m *renewal.Manner) (err error) {
	if cmd.IsSet("for") {
		if m.Dialect, err = cryptobox.ParseDialect(cmd.String("for")); err != nil {
			return err
		}
		if m.Dialect.Foreign() {
			m.Suite = 0
		}
	}
	if cmd.IsSet("suite") {
		if m.Suite, err = cryptobox.ParseSuite(cmd.String("suite")); err != nil {
			return err
		}
	}
	m.ID = cmd.String("id")
	switch {
	case m.Suite != 0 && m.Dialect.Foreign():
		return usagef(cmd, "-suite is for our own dialect: %v has none", m.Dialect)
	case m.ID != "" && m.Dialect != cryptobox.Passthru:
		return usagef(cmd, "-id is for passthru: elsewhere the id follows from the keys")
	}
	return nil
}

// mannerFlags writes it as flags, for the other party's command.
func mannerFlags(m renewal.Manner) string {
	text := " -for " + m.Dialect.String()
	if m.Suite != 0 {
		text += " -suite " + m.Suite.String()
	}
	if m.ID != "" {
		text += fmt.Sprintf(" -id %q", m.ID)
	}
	return text
}
