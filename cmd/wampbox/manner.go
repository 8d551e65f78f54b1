package main

import (
	"cmp"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// dialects are the names of all.
var dialects = []string{cryptobox.Wampbox.String(), cryptobox.Autobahn.String(), cryptobox.Passthru.String()}

// manner is how a version seals that is being made.
type manner struct {
	dialect cryptobox.Dialect
	suite   cryptobox.Suite // of a pair in our dialect, where 0 is box, or of a signed key
	id      string          // given in passthru, and empty where one follows from the keys
}

func suiteFlag(usage string) cli.Flag {
	return flags.OneOf("suite", usage, append([]string{cryptobox.SuiteBox.String(), cryptobox.SuiteXBox.String()}, signedSuites...)...)
}

// read takes what the flags -for, -suite and -id say. What they leave out stays.
func (m *manner) read(cmd *cli.Command) (err error) {
	if cmd.IsSet("for") {
		if m.dialect, err = cryptobox.ParseDialect(cmd.String("for")); err != nil {
			return err
		}
		if m.dialect.Foreign() {
			m.suite = 0
		}
	}
	if cmd.IsSet("suite") {
		if m.suite, err = cryptobox.ParseSuite(cmd.String("suite")); err != nil {
			return err
		}
	}
	m.id = cmd.String("id")
	switch {
	case m.suite != 0 && m.dialect.Foreign():
		return usagef(cmd, "-suite is for our own dialect: %v has none", m.dialect)
	case m.id != "" && m.dialect != cryptobox.Passthru:
		return usagef(cmd, "-id is for passthru: elsewhere the id follows from the keys")
	}
	return nil
}

// version gives an empty version of this manner.
func (m *manner) version() *keyfile.Version {
	v := &keyfile.Version{ID: m.id, Created: now(), Dialect: m.dialect, Suite: m.suite}
	if m.suite == cryptobox.SuiteBox {
		v.Suite = 0 // what the file says by saying nothing
	}
	return v
}

// pairID gives the id of a pair of keys.
func (m *manner) pairID(originator, responder cryptobox.PublicKey) string {
	switch suite := m.suite; {
	case m.id != "":
		return m.id
	case m.dialect.Foreign():
		return cryptobox.PairID(0, originator, responder).String()
	case suite == 0:
		return cryptobox.PairID(cryptobox.SuiteBox, originator, responder).String()
	default:
		return cryptobox.PairID(suite, originator, responder).String()
	}
}

// share gives a version a new secret of all parties, and tells its id.
func (m *manner) share(v *keyfile.Version) string {
	if m.dialect == cryptobox.Autobahn { // which has pairs alone
		both := cryptobox.GenerateKey()
		v.Originator, v.Responder = privateSide(both), privateSide(both)
		return m.pairID(both.Public(), both.Public())
	}
	key := cryptobox.GenerateSymmetricKey()
	v.Shared = keyfile.SymmetricKey(key)
	return cmp.Or(m.id, cryptobox.SharedID(key).String())
}

// name gives versions their id where the file needs one.
func (m *manner) name(id string, versions ...*keyfile.Version) {
	for _, v := range versions {
		if v.ID = ""; m.dialect == cryptobox.Passthru {
			v.ID = id
		}
	}
}

// same tells whether a version is of this manner.
func (m *manner) same(v keyring.VersionInfo) bool {
	return m.dialect == v.Dialect && (m.suite == v.Suite || m.suite == 0 && v.Suite != cryptobox.SuiteXBox)
}

// asFlags writes it as flags, for the other party's command.
func (m *manner) asFlags() string {
	text := " -for " + m.dialect.String()
	if m.suite != 0 {
		text += " -suite " + m.suite.String()
	}
	if m.id != "" {
		text += fmt.Sprintf(" -id %q", m.id)
	}
	return text
}
