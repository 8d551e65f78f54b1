package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// Ends of the names of files.
const (
	identityEnd  = ".identity"
	enrolmentEnd = ".enrolment"
)

func identityCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "identity",
		Usage:     "make the identities of programs that get their keys from a key service",
		ArgsUsage: "[NAME...]",
		Description: `Makes the identity of each member that is named: a program, or several replicas of one,
that is to get its keys through the router. NAME.identity is the member's own. Its owner
alone can read it, and no authority ever sees it. NAME.enrolment has the line that an
authority needs of the member, which is printed on standard output too. It is no secret,
but whoever swaps it gets the member's keys: hand it over by another way than the router.
Nothing that exists is overwritten, and all are made or none.

A name has letters and digits, and behind the first one also . _ -. An authority tells
members by their names, so none of its members can have this one.

The keys are an Ed25519 key, by which the member asks for its keys and signs messages
where keys are signed ones, and an age key, to which its keys are encrypted. With -pq that
withstands quantum computers, as members have to that read under keys of suite signed-pq.

With -show it makes nothing, and prints the line of an identity again.

Examples:

   $ wampbox identity shop desk
   $ wampbox identity -pq -dir /etc/myapp shop
   $ wampbox identity -o /etc/myapp/me.identity shop
   $ wampbox identity -show shop.identity`,
		Flags: []cli.Flag{
			initial(flags.Text("dir", "write the files to `DIR`, which is made if need be"), "."),
			flags.Text("o", "write the identity to `FILE`, of one member"),
			yes("pq", "withstand quantum computers"),
			flags.Text("show", "print the line of the identity in `FILE` again"),
			yes("readable-by-others", "with -show, accept a file that others can read"),
			yes("writable-by-others", "with -show, accept a file that others own, can write to or replace"),
			jsonFlag(),
		},
	}, makeIdentities)
}

// newMember is an identity as the command prints it as JSON.
type newMember struct {
	Name          string `json:"name"`
	File          string `json:"file"`
	EnrolmentFile string `json:"enrolment_file,omitempty"`
	Key           string `json:"key"`
	Recipient     string `json:"recipient"`
	Enrolment     string `json:"enrolment"`

	identity *keyservice.Identity
}

// describe fills in what others may know.
func (m *newMember) describe() error {
	e, err := m.identity.Enrolment()
	if err != nil {
		return err
	}
	m.Name, m.Key, m.Recipient, m.Enrolment = e.Name, e.Key.String(), e.Recipient, e.String()
	return nil
}

func makeIdentities(_ context.Context, cmd *cli.Command) error {
	if cmd.IsSet("show") {
		return showIdentity(cmd)
	}
	members, err := newMembers(cmd)
	if err != nil {
		return err
	}
	for i := range members {
		m := &members[i]
		if m.identity, err = keyservice.GenerateIdentity(m.Name, cmd.Bool("pq")); err != nil {
			return err
		}
		if err := m.describe(); err != nil {
			return err
		}
	}
	if err := createMembers(members); err != nil {
		return err
	}
	for _, m := range members {
		note("%s is %s's own: take it to where the program runs, and to nobody else", m.File, m.Name)
	}
	note("hand each line to the operator of the authority, by another way than the router; wampbox authority enrol takes it")
	return printMembers(cmd, members)
}

// newMembers reads which ones are to be made, and where.
func newMembers(cmd *cli.Command) ([]newMember, error) {
	names := cmd.Args().Slice()
	switch {
	case len(names) == 0:
		return nil, usagef(cmd, "NAME is missing")
	case cmd.IsSet("o") && len(names) > 1:
		return nil, usagef(cmd, "-o is for one member: give -dir for several")
	case cmd.IsSet("o") && cmd.IsSet("dir"):
		return nil, usagef(cmd, "give -o or -dir, not both")
	case cmd.IsSet("readable-by-others"), cmd.IsSet("writable-by-others"):
		return nil, usagef(cmd, "-readable-by-others and -writable-by-others are for -show")
	}
	var members []newMember
	for i, name := range names {
		if keyfile.Conceal(name) != name {
			return nil, usagef(cmd, "there is what looks like a key where a NAME is wanted: others may have seen it on the command line, so use it no more")
		}
		if strings.HasSuffix(name, identityEnd) || strings.HasSuffix(name, enrolmentEnd) {
			return nil, usagef(cmd, "give the name of a member, without %s; -show prints the line of an identity", filepath.Ext(name))
		}
		for _, before := range names[:i] {
			if strings.EqualFold(before, name) {
				return nil, usagef(cmd, "two names are the same but for small and capital letters: no authority takes both")
			}
		}
		path := filepath.Join(cmd.String("dir"), name+identityEnd)
		if cmd.IsSet("o") {
			path = cmd.String("o")
		}
		members = append(members, newMember{Name: name, File: path, EnrolmentFile: strings.TrimSuffix(path, identityEnd) + enrolmentEnd})
	}
	return members, nil
}

// createMembers writes the files of all, or of none.
func createMembers(members []newMember) (err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, path := range made {
				err = errors.Join(err, os.Remove(path))
			}
		}
	}()
	for _, m := range members {
		for _, path := range []string{m.File, m.EnrolmentFile} {
			if _, err := os.Lstat(path); err == nil {
				return fmt.Errorf("%s exists and isn't overwritten: remove it first, or give another name", path)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if err := os.MkdirAll(filepath.Dir(m.File), 0o700); err != nil {
			return err
		}
		if err := m.identity.Save(m.File); err != nil {
			return err
		}
		made = append(made, m.File)
		if err := createEnrolment(m.EnrolmentFile, m.Enrolment); err != nil {
			return err
		}
		made = append(made, m.EnrolmentFile)
	}
	return nil
}

// createEnrolment writes a line that is no secret, and where nothing is.
func createEnrolment(path, line string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(line + "\n")
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// showIdentity prints the line of an identity that there is.
func showIdentity(cmd *cli.Command) error {
	switch {
	case cmd.Args().Present():
		return usagef(cmd, "-show makes no identity: give no NAME")
	case cmd.IsSet("o"), cmd.IsSet("dir"), cmd.IsSet("pq"):
		return usagef(cmd, "-show makes no identity: leave -o, -dir and -pq out")
	}
	m := newMember{File: cmd.String("show")}
	var err error
	if m.identity, err = keyservice.LoadIdentity(m.File, identityAccess(cmd)...); err != nil {
		return openError(m.File, err)
	}
	if err := m.describe(); err != nil {
		return err
	}
	return printMembers(cmd, []newMember{m})
}

// identityAccess gives what the flags say of the files of identities.
func identityAccess(cmd *cli.Command) (opts []keyservice.IdentityOption) {
	if cmd.Bool("readable-by-others") {
		opts = append(opts, keyservice.IdentityReadableByOthers())
	}
	if cmd.Bool("writable-by-others") {
		opts = append(opts, keyservice.IdentityWritableByOthers())
	}
	return opts
}

func printMembers(cmd *cli.Command, members []newMember) error {
	if cmd.Bool("json") {
		return outputJSON(struct {
			Identities []newMember `json:"identities"`
		}{members})
	}
	for _, m := range members {
		if err := outputLine(m.Enrolment); err != nil {
			return err
		}
	}
	return nil
}
