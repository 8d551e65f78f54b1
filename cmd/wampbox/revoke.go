package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func revokeCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "revoke",
		Usage:     "end a version of a key at once, and destroy it",
		ArgsUsage: "ID FILE...",
		Description: `Ends a version at once, whatever its dates: nothing is opened or sealed with it
any more. Its keys are taken out of the file and can't be had back; its id
stays, so that messages under it are told from others. Files that the keyring
refers to (file:PATH) are left to you.

A version whose date to seal is still to come is taken out whole: it has sealed
nothing yet, and keeps no other from that date. So a rotation is cancelled, at all
peers and before its date, by

   $ wampbox revoke NEW keys/*.json
   $ wampbox retire OLD -at ever keys/*.json

where NEW and OLD are the ids that rotate told, and the second takes the end off again
that it has given the old version.

If the version was the one that seals, nothing is sent for its URIs until another
one's date comes, and nothing is sent in plain. If it is worse to send nothing,
rotate with "-activate now" first. Afterwards rotate works as long as the pattern
has a version that isn't revoked, and else add does.

Use it too for a version whose date has passed. With the last one that isn't signed
"allow_unsigned" goes, where a signed key has followed on it.

ID may be the beginning of an id, as list shows it. Patterns that share the id are
changed together, unless -pattern says which.

` + accessHelp + `

Examples:

   $ wampbox revoke pn2457 keys/*.json
   $ wampbox revoke pn2457 originator.json`,
		Flags: changeFlags(),
	}, func(_ context.Context, cmd *cli.Command) error { return changeVersions(cmd, revoke) })
}

// revoke ends a version, and says where nothing seals from some time on.
func revoke(v versionAt) error {
	end := v.file.Revoke
	if v.Dates.ActiveFrom.After(time.Now()) && len(v.file.Entry(v.pattern).Versions) > 1 {
		end = v.file.RemoveVersion
	}
	if err := end(v.pattern, v.ID); err != nil {
		return fmt.Errorf("%s: %w", v.file.Path, err)
	}
	if err := v.file.EndAllowUnsigned(v.pattern); err != nil {
		return err
	}
	left, err := v.file.OfPattern(v.pattern)
	if err != nil {
		return err
	}
	from, until, gap := lint.Unsealed(left, time.Now())
	if !gap {
		return nil
	}
	when := "until " + shown(until, "it gets another version")
	if from.After(time.Now()) {
		when = "from " + shown(from, "") + " on"
		if !until.IsZero() {
			when = "from " + shown(from, "") + " until " + shown(until, "")
		}
	}
	note("warning: %s: nothing seals for %v %s: %s", v.file.Path, v.pattern, when, mending(v.pattern, left))
	return nil
}

// mending says what closes the time in which nothing seals, of a pattern with these versions.
func mending(p keyring.Pattern, versions []keyring.VersionInfo) string {
	lives := false
	for i := len(versions) - 1; i >= 0; i-- { // those that begin first, first
		switch v := versions[i]; v.State {
		case keyring.StateActive:
			return fmt.Sprintf("wampbox retire %s -at ever FILE... has that one go on, and wampbox rotate makes another", v.ID)
		case keyring.StatePending:
			return fmt.Sprintf("wampbox activate %s FILE... has that one seal at once", v.ID)
		case keyring.StateRevoked:
		default:
			lives = true
		}
	}
	if lives {
		return fmt.Sprintf("wampbox rotate %q FILE... -activate now makes another", p.URI)
	}
	return "all its versions are revoked, and " + addsAnew(p)
}

// addsAnew says what gives a pattern a key of which all versions are revoked.
func addsAnew(p keyring.Pattern) string {
	return fmt.Sprintf("wampbox add %q gives it a new key, with all files of both parties as -originator and -responder, or with all as -shared", p.URI)
}

// saidUnused says what [renewal.File.DropUnused] has taken out of a file.
func saidUnused(path string, ids ...string) {
	for _, id := range ids {
		note("%s: %s was revoked before it sealed, and is taken out", path, id)
	}
}
