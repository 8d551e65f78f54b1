package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// matchFlag is for patterns that aren't matched as their text says.
func matchFlag() cli.Flag {
	return flags.OneOf("match", "match patterns as `HOW` says, not their text: exact, prefix or wildcard",
		"exact", "prefix", "wildcard")
}

// pattern reads a pattern from the command line.
func pattern(cmd *cli.Command, text string) (keyring.Pattern, error) {
	p := keyring.ParsePattern(text)
	if cmd.IsSet("match") {
		p.Match, _ = keyring.ParseMatch(cmd.String("match")) // the flag has looked
	}
	if text == "" && !cmd.IsSet("match") {
		return p, usagef(cmd, `the pattern is empty: for all URIs that no other pattern matches say so by -match prefix ""`)
	}
	if err := noKey(cmd, text); err != nil {
		return p, err
	}
	if err := p.Validate(); err != nil {
		return p, usagef(cmd, "%v: %s", p, cause(err))
	}
	return p, nil
}

// noKey refuses a key where a pattern or URI is wanted.
func noKey(cmd *cli.Command, text string) error {
	_, private := publicText(text)
	if _, secret := cryptobox.ParseScrambleSecret(text); private == nil || secret == nil {
		return usagef(cmd, "there is a key where a pattern is wanted: others may have seen it on the command line, so use it no more")
	}
	return nil
}

// cause is what a keyring's error says without what it was about.
func cause(err error) string {
	if known, ok := err.(*keyring.Error); ok {
		return words.InFile(known.Cause())
	}
	return words.Of(err)
}

// aloud says what a pattern matches.
func aloud(p keyring.Pattern) string {
	switch {
	case p == keyring.Prefix(""):
		return fmt.Sprintf("%v: every URI that no other pattern matches", p)
	case p.Match == keyring.MatchPrefix:
		return fmt.Sprintf("%v: every URI that begins with it", p)
	case p.Match == keyring.MatchWildcard:
		return fmt.Sprintf("%v: every URI with any text in place of the empty components", p)
	}
	return fmt.Sprintf("%v: this URI alone; for all below it write %s.", p, p.URI)
}

// warnNoDot warns of a prefix that matches more than what lies below a name.
func warnNoDot(p keyring.Pattern) {
	if p.Match == keyring.MatchPrefix && p.URI != "" && !strings.HasSuffix(p.URI, ".") {
		note("warning: %v doesn't end with a dot, so that it matches %sx too", p, p.URI)
	}
}
