package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// backupSuffix ends the name of what convert leaves of the old file.
const backupSuffix = ".v1"

func convertCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "convert",
		Usage:     "make a keyring file of version 1 one of version 2",
		ArgsUsage: "FILE",
		Description: `Rewrites a keyring file of the format's first version, with the same keys, ids,
dates and comments. The old file is kept beside it, as FILE.v1: remove it when
all is well, since it holds the keys too. With -o the file stays as it is, and the
new one goes to another, or to standard output for "-".

What to look at is said on standard error: first of all that URIs without a
pattern are closed now, and were plain.

` + accessHelp + `

Examples:

   $ wampbox convert originator.json
   $ wampbox convert originator.json -o new.json`,
		Flags: slices.Concat([]cli.Flag{flags.Text("o", "write to `FILE`, which is new, or to standard output for -")}, accessFlags()),
	}, convert)
}

func convert(_ context.Context, cmd *cli.Command) error {
	path := cmd.Args().First()
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	var notes []string
	if cmd.IsSet("o") {
		notes, err = access.convertTo(path, cmd.String("o"))
	} else {
		notes, err = access.convertInPlace(path)
	}
	for _, n := range notes {
		note("%s", keyfile.Conceal(n))
	}
	return err
}

// convertInPlace keeps the old file beside the new one.
func (a *access) convertInPlace(path string) ([]string, error) {
	opts, err := a.changing(path)
	if err != nil {
		return nil, err
	}
	backup := path + backupSuffix
	text, err := readInput(path, maxKeyring)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	if err := createSecret(backup, string(text)); err != nil {
		return nil, err
	}
	notes, err := keyfile.ConvertFile(path, time.Now(), opts...)
	if err != nil {
		return nil, errors.Join(err, os.Remove(backup))
	}
	return append(notes, fmt.Sprintf("the old file is %s: remove it when all is well", backup)), nil
}

// maxKeyring is what keyfile reads at most.
const maxKeyring = 32 << 20

// convertTo writes the new file elsewhere.
func (a *access) convertTo(path, to string) ([]string, error) {
	opts, err := a.changing(path)
	if err != nil {
		return nil, err
	}
	text, err := readInput(path, maxKeyring)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	if to == stdin && agefile.Encrypted(text) {
		return nil, fmt.Errorf("%s is encrypted, and would be printed in plain: give -o a FILE, or decrypt it with age", path)
	}
	f, notes, err := keyfile.Convert(text, time.Now(), append(opts, keyfile.RelativeTo(filepath.Dir(path)))...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer f.Wipe()
	if to != stdin {
		return notes, keyfile.Create(to, f)
	}
	warnReadable(os.Stdout)
	made, err := f.Marshal()
	if err != nil {
		return nil, err
	}
	defer clear(made)
	return notes, output(made)
}
