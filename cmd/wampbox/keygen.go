package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func keygenCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "keygen",
		Usage: "make a private key",
		Description: `Makes a private key and prints it in base64, as keyring files, the examples and
Autobahn take it. Its public key, which is for the other party, goes to standard
error.

With -o the key goes to a new file that only its owner can read. A file that
exists is never overwritten.

With -symmetric it is a secret key for all parties, which has no public half. With -scramble
it is a secret that scrambles URIs, which wampbox scramble -secret writes into keyring files.

Of signed keys there are two kinds, and their texts begin with what they are. A party
that sends or answers has a -signing key of its own. Its public half, the verify key, is
for the other side, who lists the party by it. Those who receive have one -reading key,
the same for all of them. Its public half is for who sends. With -suite signed-pq it
withstands quantum computers.

Examples:

   $ wampbox keygen -o responder.key
   Public key: GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=

   $ wampbox keygen -json -o originator.key | jq -r .public
   $ wampbox keygen -signing -o billing.key
   Public key: ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=`,
		Flags: []cli.Flag{
			flags.Text("o", "write the private key to a new `FILE`"),
			yes("symmetric", "make a secret key that all parties share"),
			yes("scramble", "make a secret that scrambles URIs"),
			yes("signing", "make the key with which a party signs"),
			yes("reading", "make the key with which those read who receive what is signed"),
			flags.OneOf("suite", "a reading key is of suite `NAME`: signed, or signed-pq (quantum-safe)", signedSuites...),
			jsonFlag(),
		},
	}, keygen)
}

// newKey is what keygen prints as JSON.
type newKey struct {
	File      string `json:"file,omitempty"`
	Private   string `json:"private,omitempty"`
	Symmetric string `json:"symmetric,omitempty"`
	Scramble  string `json:"scramble,omitempty"`
	Public    string `json:"public,omitempty"`
}

func keygen(_ context.Context, cmd *cli.Command) error {
	secret, public, err := generate(cmd)
	if err != nil {
		return err
	}
	key := newKey{File: cmd.String("o"), Public: public}
	if key.File != "" {
		if err := createSecret(key.File, secret+"\n"); err != nil {
			return err
		}
	} else {
		warnReadable(os.Stdout)
	}
	if key.Public != "" {
		note("Public key: %s", key.Public)
	}
	switch {
	case cmd.Bool("json"):
		switch {
		case key.File != "":
		case key.Public != "":
			key.Private = secret
		case cmd.Bool("scramble"):
			key.Scramble = secret
		default:
			key.Symmetric = secret
		}
		return outputJSON(key)
	case key.File == "":
		return outputLine(secret)
	}
	return nil
}

// signedSuites are the names of those that signed keys have.
var signedSuites = []string{cryptobox.SuiteSigned.String(), cryptobox.SuiteSignedPQ.String()}

// generate makes a key of the kind that is asked for, and gives its texts: the public one is
// empty for a symmetric key and a secret that scrambles.
func generate(cmd *cli.Command) (secret, public string, err error) {
	kinds := 0
	for _, kind := range []string{"symmetric", "scramble", "signing", "reading"} {
		if cmd.Bool(kind) {
			kinds++
		}
	}
	reading := cmd.Bool("reading")
	switch {
	case kinds > 1:
		return "", "", usagef(cmd, "give one of -symmetric, -scramble, -signing and -reading: each is a key of another kind")
	case cmd.IsSet("suite") && !reading:
		return "", "", usagef(cmd, "-suite is for a -reading key: the others are the same in all suites")
	case cmd.Bool("scramble"):
		return cryptobox.GenerateScrambleSecret().UnsafeText(), "", nil
	case cmd.Bool("symmetric"):
		return base64.StdEncoding.EncodeToString(cryptobox.GenerateSymmetricKey().UnsafeBytes()), "", nil
	case cmd.Bool("signing"):
		key := cryptobox.GenerateSigningKey()
		return key.UnsafeText(), key.Public().String(), nil
	case reading:
		suite := cryptobox.SuiteSigned
		if cmd.IsSet("suite") {
			suite, _ = cryptobox.ParseSuite(cmd.String("suite")) // the flag has looked
		}
		key, err := cryptobox.GenerateReadingKey(suite)
		if err != nil {
			return "", "", err
		}
		return key.UnsafeText(), key.Public().String(), nil
	}
	key := cryptobox.GenerateKey()
	return base64.StdEncoding.EncodeToString(key.UnsafeBytes()), key.Public().String(), nil
}

// createSecret writes a file that nobody else can read, and that wasn't there.
func createSecret(path, content string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists, and a key is never overwritten: remove it yourself, or write to another file", path)
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(content)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(path) // what is there is no whole key
	}
	return err
}

// warnReadable warns of a shell's redirection into a file that others can read.
func warnReadable(file *os.File) {
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		note("warning: others can read the file that the private key goes to; -o makes one that they can't")
	}
}
