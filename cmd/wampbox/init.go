package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func initCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "init",
		Usage: "make the keyring files of both parties for a pattern",
		Description: `Makes a key pair for each party, and writes two keyring files that go together:
originator.json for those that call and publish, responder.json for those that
are called and subscribe. Each holds its own private key and the other's public
key. Only their owner can read them, and a file that exists is never
overwritten.

The pattern is matched as WAMP does it: exact (the URI itself), prefix
(character by character, so end it with a dot) or wildcard (empty components
match any). The key's id is printed on standard output.

With -allow-unbound peers may be Autobahn, or others that write no binding: see
the README for what such peers aren't protected from.

Examples:

   $ wampbox init -dir keys -pattern com.myapp.encrypted. -match prefix
   $ wampbox init -pattern com.myapp.add2 -json | jq -r .id`,
		Flags: []cli.Flag{
			initial(text("dir", "write the files to `DIR`, which is made if need be"), "."),
			required(text("pattern", "the key is for topics and procedures like `URI`")),
			matchFlag(),
			text("id", "give the key this `ID` instead of one that follows from the keys"),
			text("comment", "write `TEXT` into both files"),
			yes("allow-unbound", "peers may write no binding, as Autobahn"),
			jsonFlag(),
		},
	}, initialize)
}

func matchFlag() cli.Flag {
	return text("match", "how the pattern matches, `NAME` is exact (if none is given), prefix or wildcard")
}

// initialized is what init prints as JSON.
type initialized struct {
	ID         string `json:"id"`
	Pattern    string `json:"pattern"`
	Match      string `json:"match"`
	Originator string `json:"originator"`
	Responder  string `json:"responder"`
}

func initialize(_ context.Context, cmd *cli.Command) error {
	match, err := keyring.ParseMatch(cmd.String("match"))
	if err != nil {
		return usagef(cmd, "-match: use exact, prefix or wildcard")
	}
	pattern := keyring.Pattern{URI: cmd.String("pattern"), Match: match}
	if err := pattern.Validate(); err != nil {
		return usagef(cmd, "-pattern: %v", err)
	}
	dir := cmd.String("dir")
	made := initialized{
		Pattern: pattern.URI, Match: match.String(),
		Originator: filepath.Join(dir, originatorFile), Responder: filepath.Join(dir, responderFile),
	}
	entry := keyfile.Entry{
		Pattern: pattern, ID: cmd.String("id"), Created: now(),
		AllowUnbound: cmd.Bool("allow-unbound"), Comment: cmd.String("comment"),
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if made.ID, err = createBoth(made, entry); err != nil {
		return err
	}
	note("%s is for those that call and publish, %s for those that are called and subscribe",
		made.Originator, made.Responder)
	if cmd.Bool("json") {
		return outputJSON(made)
	}
	return outputLine(made.ID)
}

// now is the time as keyring files have it.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// createBoth makes two files with the halves of new keys, or none, and gives
// the key's id.
func createBoth(made initialized, entry keyfile.Entry) (string, error) {
	originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	ours, theirs := entry, entry
	ours.Originator, ours.Responder = privateSide(originator), publicSide(responder.Public())
	theirs.Originator, theirs.Responder = publicSide(originator.Public()), privateSide(responder)
	for _, path := range []string{made.Originator, made.Responder} {
		if _, err := os.Lstat(path); err == nil {
			return "", fmt.Errorf("%s exists and isn't overwritten: give another -dir, or add a version to it with rotate", path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	// The same order in all tools: where two meet, one gets both.
	id, err := create(made.Originator, &ours)
	if err != nil {
		return "", err
	}
	if _, err := create(made.Responder, &theirs); err != nil {
		return "", errors.Join(err, os.Remove(made.Originator))
	}
	return id, nil
}

// create makes a keyring file of one entry, and gives its id.
func create(path string, entry *keyfile.Entry) (string, error) {
	f := keyfile.New(keyfile.RelativeTo(filepath.Dir(path)))
	defer f.Wipe()
	f.Keys = []*keyfile.Entry{entry}
	id, err := f.ID(entry)
	if err != nil {
		return "", err
	}
	return id, keyfile.Create(path, f)
}

func privateSide(key cryptobox.PrivateKey) *keyfile.Side {
	return &keyfile.Side{Private: keyfile.PrivateKey(key)}
}

func publicSide(key cryptobox.PublicKey) *keyfile.Side {
	return &keyfile.Side{Public: keyfile.PublicKey(key)}
}
