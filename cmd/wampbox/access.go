package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"filippo.io/age"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// accessHelp explains the flags of accessFlags, in the help of each command
// that has them.
const accessHelp = `A keyring file may be encrypted with age. Its passphrase is asked for on the
terminal, or read from the first line of -passphrase-file or from the
environment variable that -passphrase-env names; a file that is encrypted to a
recipient needs -identity. A plain file with private keys that others can read
is refused: chmod 600 FILE, or give -readable-by-others. So is a file that another
user owns, or that others can write to or replace; -writable-by-others is for
containers in which nobody else is.`

// accessFlags say how keyring files are read.
func accessFlags() []cli.Flag {
	return append(decryptFlags(),
		yes("readable-by-others", "accept files that others can read"),
		yes("writable-by-others", "accept files that others own, can write to or replace"),
	)
}

// decryptFlags say how files are decrypted.
func decryptFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "identity", Usage: "decrypt with the age identities in `FILE`"},
		flags.Text("passphrase-file", "decrypt with the passphrase in `FILE`"),
		flags.Text("passphrase-env", "decrypt with the passphrase in the environment variable `NAME`"),
	}
}

// access is how a command reads and writes keyring files.
type access struct {
	readable   bool
	writable   bool
	making     bool // files that are changed may be missing
	identities []age.Identity
	passphrase func() (string, error) // asks at most once
}

func newAccess(cmd *cli.Command) (*access, error) {
	if cmd.IsSet("passphrase-file") && cmd.IsSet("passphrase-env") {
		return nil, usagef(cmd, "give -passphrase-file or -passphrase-env, not both")
	}
	a := &access{
		readable: cmd.Bool("readable-by-others"), writable: cmd.Bool("writable-by-others"),
		passphrase: sync.OnceValues(func() (string, error) {
			return readPassphrase(cmd.String("passphrase-file"), cmd.String("passphrase-env"))
		}),
	}
	for _, path := range cmd.StringSlice("identity") {
		identities, err := readIdentities(path)
		if err != nil {
			return nil, fmt.Errorf("-identity: %w", err)
		}
		a.identities = append(a.identities, identities...)
	}
	return a, nil
}

// maxIdentityFile is room for some hundred identities.
const maxIdentityFile = 1 << 20

func readIdentities(path string) ([]age.Identity, error) {
	text, err := readInput(path, maxIdentityFile)
	if err != nil {
		return nil, unnamed(err)
	}
	defer clear(text)
	identities, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		// What age says repeats no line.
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return identities, nil
}

// load makes a ring of a keyring file.
func (a *access) load(path string) (*keyring.Ring, error) {
	opts, err := a.reading(path)
	if err != nil {
		return nil, err
	}
	return keyfile.Load(path, opts...)
}

// parse reads what a keyring file says, if it is one that a session would load. The
// caller wipes it.
func (a *access) parse(path string) (*keyfile.File, error) {
	opts, sealed, err := a.options(path)
	if err != nil {
		return nil, err
	}
	if sealed == nil { // who reads it matters, and to read it twice costs little
		if _, err := keyfile.Load(path, opts...); err != nil {
			return nil, err
		}
	}
	return keyfile.ParseFile(path, opts...)
}

// reading gives the options for reading a file.
func (a *access) reading(path string) ([]keyfile.Option, error) {
	opts, _, err := a.options(path)
	return opts, err
}

// changing gives the options for changing a file. One that is encrypted is
// written back encrypted in the same way, or refused.
func (a *access) changing(path string) ([]keyfile.Option, error) {
	opts, sealed, err := a.options(path)
	if err != nil || sealed == nil {
		return opts, err
	}
	encrypt, err := a.encrypter(path, sealed)
	if err != nil {
		return nil, err
	}
	return append(opts, keyfile.WithEncrypter(encrypt)), nil
}

// encrypter gives what encrypts a changed file as it was encrypted.
func (a *access) encrypter(path string, sealed *header) (func(io.Writer) (io.WriteCloser, error), error) {
	recipient, err := a.recipient(path, sealed)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer) (io.WriteCloser, error) { return sealed.encrypt(w, recipient) }, nil
}

// options gives those for reading a file, and how it is encrypted, nil if it
// isn't.
func (a *access) options(path string) ([]keyfile.Option, *header, error) {
	var opts []keyfile.Option
	if a.readable {
		opts = append(opts, keyfile.AllowReadableByOthers())
	}
	if a.writable {
		opts = append(opts, keyfile.AllowWritableByOthers())
	}
	if a.making {
		opts = append(opts, keyfile.CreateMissing())
	}
	sealed, err := readHeader(path)
	if a.making && errors.Is(err, fs.ErrNotExist) {
		return opts, nil, nil
	}
	if err != nil || sealed == nil {
		return opts, nil, err
	}
	decrypt, err := a.decrypter(path, sealed)
	if err != nil {
		return nil, nil, err
	}
	return append(opts, keyfile.WithDecrypter(decrypt)), sealed, nil
}

// decrypter gives what decrypts a file.
func (a *access) decrypter(path string, sealed *header) (func(io.Reader) (io.Reader, error), error) {
	if sealed.passphrase {
		passphrase, err := a.passphrase()
		if err != nil {
			return nil, fmt.Errorf("%s is encrypted with a passphrase: %w", path, err)
		}
		return agefile.PassphraseDecrypter(passphrase), nil
	}
	if len(a.identities) == 0 {
		return nil, fmt.Errorf("%s is encrypted to a recipient: give the -identity that opens it", path)
	}
	return agefile.IdentitiesDecrypter(a.identities...), nil
}

// recipient gives whom a changed file is encrypted to. That has to be all of
// those whom it was encrypted to, so they have to be known.
func (a *access) recipient(path string, sealed *header) (age.Recipient, error) {
	if sealed.passphrase {
		passphrase, err := a.passphrase()
		if err != nil {
			return nil, err
		}
		return age.NewScryptRecipient(passphrase)
	}
	if sealed.recipients == 1 {
		for _, identity := range a.identities {
			if _, err := age.DecryptHeader(sealed.raw, identity); err == nil {
				return recipientOf(path, identity)
			}
		}
		return nil, fmt.Errorf("%s: %w", path, agefile.ErrDecrypt)
	}
	return nil, fmt.Errorf("%s is encrypted to %d recipients, of whom an identity gives one only: "+
		"decrypt it with age, change it, and encrypt it to all of them again", path, sealed.recipients)
}

func recipientOf(path string, identity age.Identity) (age.Recipient, error) {
	switch identity := identity.(type) {
	case *age.X25519Identity:
		return identity.Recipient(), nil
	case *age.HybridIdentity:
		return identity.Recipient(), nil
	}
	return nil, fmt.Errorf("%s is encrypted to a kind of recipient that can't be encrypted to again: "+
		"decrypt it with age, change it, and encrypt it again", path)
}

// openKeyring opens a keyring file for its first bytes. It doesn't wait for who might write
// to a pipe.
func openKeyring(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file: a keyring is read from its file, not from a folder, a pipe or a device", path)
	}
	if err != nil {
		return nil, openError(path, err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	return file, nil
}
