package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/operator"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
)

// authorityAccessHelp explains decryptFlags to who has an authority's folder.
const authorityAccessHelp = `The folder may be encrypted with age, by a passphrase or to a recipient. The passphrase is
asked for on the terminal, or read from the first line of -passphrase-file or from the
environment variable that -passphrase-env names; a recipient needs its -identity. What is
encrypted stays so.`

func authorityCommand() *cli.Command {
	return &cli.Command{
		Name:  "authority",
		Usage: "decide who holds which keys, and issue them: the operator's part of a key service",
		Description: `Looks after an authority: a folder, without any network, from which programs get their keys
through the router that they use them on, which can't read or change them.

To begin, with members and the router as they are:

   $ wampbox identity shop desk
   $ wampbox authority init -both shop.enrolment -both desk.enrolment com.myapp.hello.
   $ wampbox serve -router ws://127.0.0.1:8080/ws -realm realm1 -dir grants

Then each program runs with its own identity and the authority's key, as in sub and pub:

   $ wampbox sub -member desk.identity -authority ed25519:... com.myapp.hello.

Later on:

   enrol, grant     take members in, and say what they hold
   rotate           give a pattern its next key, by dates or regularly
   scramble         have routers see URIs scrambled, and change the secret
   revoke           end what a member holds, at once
   issue            write all that into the folder of grants, for the servers: regularly
   collect, status  who has fetched what, and who hasn't before a date
   rekey, recover   when the authority's key changes, or its folder is lost

` + authorityAccessHelp + `

Examples:

   $ wampbox authority show
   $ wampbox authority rotate com.myapp.hello. && wampbox authority issue`,
		Commands:        operator.Commands(operatorEnv()),
		Action:          unknown,
		OnUsageError:    onUsageError,
		HideHelpCommand: true,
	}
}

func operatorEnv() operator.Env {
	return operator.Env{
		Stdout: os.Stdout, Stderr: os.Stderr,
		AccessFlags: decryptFlags, AccessHelp: authorityAccessHelp,
		Sealing: sealingOf, NewSealing: newSealing, Identities: readIdentities,
		Read: readInput, Pattern: pattern, MatchFlag: matchFlag,
		Command: command, Usage: usagef, Findings: errFindings,
	}
}

// sealingOf gives how a file is decrypted and encrypted.
func sealingOf(cmd *cli.Command, path string) (s operator.Sealing, err error) {
	a, err := newAccess(cmd)
	if err != nil {
		return s, err
	}
	sealed, err := readHeader(path)
	if err != nil || sealed == nil {
		return s, err
	}
	if s.Decrypt, err = a.decrypter(path, sealed); err != nil {
		return s, err
	}
	s.Encrypt, err = a.encrypter(path, sealed)
	return s, err
}

// newSealing gives how files are encrypted that there are not yet: to an identity, or by a
// passphrase, which is asked for twice where it is typed.
func newSealing(cmd *cli.Command) (s operator.Sealing, err error) {
	a, err := newAccess(cmd)
	if err != nil {
		return s, err
	}
	var to age.Recipient
	switch len(a.identities) {
	case 0:
		passphrase, err := a.newPassphrase(cmd)
		if err != nil {
			return s, err
		}
		if to, err = age.NewScryptRecipient(passphrase); err != nil {
			return s, err
		}
		s.Decrypt = agefile.PassphraseDecrypter(passphrase)
	case 1:
		if to, err = recipientOf("the folder", a.identities[0]); err != nil {
			return s, err
		}
		s.Decrypt = agefile.IdentitiesDecrypter(a.identities...)
	default:
		return s, usagef(cmd, "there are %d identities, and a folder is encrypted to one: give a file with one", len(a.identities))
	}
	s.Encrypt = func(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, to) }
	return s, nil
}

// newPassphrase is one that is used for the first time.
func (a *access) newPassphrase(cmd *cli.Command) (string, error) {
	passphrase, err := a.passphrase()
	if err != nil {
		return "", fmt.Errorf("the folder is to be encrypted with a passphrase: %w", err)
	}
	if passphrase == "" {
		return "", errors.New("the passphrase is empty")
	}
	if cmd.IsSet("passphrase-file") || cmd.IsSet("passphrase-env") {
		return passphrase, nil
	}
	note("once more, as it isn't shown:")
	again, err := askPassphrase()
	if err == nil && again != passphrase {
		err = errors.New("the passphrases differ: run it again")
	}
	return passphrase, err
}
