package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func pubkeyCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "pubkey",
		Usage:     "print the public keys of private keys, for the other party",
		ArgsUsage: "[FILE]",
		Description: `Prints the public key of each private key in a keyring file, in base64, a line each, once.
Whose it is, and of which pattern and version, goes to standard error; -pattern
prints those of one pattern. The other party writes such a key into its own file, as
"public" of the side that is named, or gives it to rotate by -peer. Versions that were
revoked or have expired are left out. A secret that all parties share has no public half.

Of a signed key they are the verify key, by which the other side lists this party (add
-sender, add -answerer), and where the file has the reading key, the public half of that,
which is for who publishes and calls (add -reading, rotate -peer).

The file may also be a private key alone, of any kind, as keygen makes it. Where no
file is named, or "-", standard input is read.

` + accessHelp + `

Examples:

   $ wampbox pubkey responder.json -pattern com.myapp.orders.
   $ wampbox pubkey responder.key
   $ wampbox keygen | tee private.key | wampbox pubkey`,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "pattern", Usage: "of a keyring file: only the keys of this `PATTERN`", OnlyOnce: true}, // "" is one
		}, accessFlags(), []cli.Flag{jsonFlag()}),
	}, pubkey)
}

// publicKey is a public key as pubkey prints it as JSON. That of a private key alone has
// nothing else.
type publicKey struct {
	Public  string  `json:"public"`
	Side    string  `json:"side,omitempty"` // originator, responder; of signed keys signing, reading
	Pattern *string `json:"pattern,omitempty"`
	Match   string  `json:"match,omitempty"`
	ID      string  `json:"id,omitempty"`
	State   string  `json:"state,omitempty"`
}

func pubkey(_ context.Context, cmd *cli.Command) error {
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	keys, err := access.publicKeys(cmd)
	if err != nil {
		return err
	}
	if cmd.Bool("json") {
		return outputJSON(struct {
			Keys []publicKey `json:"keys"`
		}{keys})
	}
	said := map[string]bool{}
	for _, k := range keys {
		again := said[k.Public]
		said[k.Public] = true
		if k.Pattern != nil {
			of := fmt.Sprintf("%s %q, %s version %s: %s", k.Match, *k.Pattern, k.State, k.ID, k.says())
			if again {
				of += ", as above"
			}
			note("%s", clean(keyfile.Conceal(of)))
		}
		if again {
			continue
		}
		if err := outputLine(k.Public); err != nil {
			return err
		}
	}
	return nil
}

// says what the key is.
func (k publicKey) says() string {
	switch k.Side {
	case sideSigning:
		return "the verify key, by which others list this party"
	case sideReading:
		return "the public half of the reading key, for who publishes and calls"
	}
	return "the public key of the " + k.Side
}

// What the private keys of a signed key are called.
const (
	sideSigning = "signing"
	sideReading = "reading"
)

// signedPublics gives the public keys of the private ones of a version of a signed key.
func signedPublics(v keyring.VersionInfo) []publicKey {
	var found []publicKey
	if !v.Signed.Verify.IsZero() {
		found = append(found, publicKey{Public: v.Signed.Verify.String(), Side: sideSigning})
	}
	if v.Signed.Responds {
		found = append(found, publicKey{Public: v.Signed.Reading.String(), Side: sideReading})
	}
	return found
}

// publicKeys gives those of what the command line names.
func (a *access) publicKeys(cmd *cli.Command) ([]publicKey, error) {
	path := cmd.Args().First()
	text, err := readInput(path, maxKeyring)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	if public, err := publicText(string(text)); err == nil {
		if cmd.IsSet("pattern") {
			return nil, usagef(cmd, "-pattern is for keyring files, and this is a private key alone")
		}
		return []publicKey{{Public: public}}, nil
	} else if !isKeyring(text) {
		return nil, fmt.Errorf("it is no keyring file, and as a private key it won't do: %w", err)
	}
	var f *keyfile.File
	if path == "" || path == stdin {
		f, err = keyfile.Parse(text, keyfile.RelativeTo("."))
	} else {
		f, err = a.parse(path)
	}
	if errors.Is(err, keyfile.ErrEncrypted) {
		return nil, errors.New("what comes by standard input is encrypted with age: name the file")
	}
	if err != nil {
		return nil, err
	}
	defer f.Wipe()
	return publicOf(f, cmd)
}

// publicText gives the public key of a private one of any kind.
func publicText(private string) (string, error) {
	switch kind, _, _ := strings.Cut(strings.TrimSpace(private), ":"); kind {
	case "ed25519":
		key, err := cryptobox.ParseSigningKey(private)
		return key.Public().String(), err
	case "x25519", "xwing":
		key, err := cryptobox.ParseReadingKey(private)
		return key.Public().String(), err
	}
	key, err := cryptobox.ParsePrivateKey(private)
	return key.Public().String(), err
}

// isKeyring tells whether a text begins as keyring files do, encrypted ones too.
func isKeyring(text []byte) bool {
	start := strings.TrimSpace(string(text[:min(len(text), 64)]))
	return slices.ContainsFunc([]string{"{", "age-encryption.org/", "-----BEGIN AGE"}, func(begin string) bool {
		return strings.HasPrefix(start, begin)
	})
}

// publicOf gives the public keys of the private ones in a keyring file.
func publicOf(f *keyfile.File, cmd *cli.Command) ([]publicKey, error) {
	infos, err := f.List()
	if err != nil {
		return nil, err
	}
	var found []publicKey
	has, meant := []string{}, false
	for i, info := range infos {
		has = append(has, info.Pattern.String())
		if cmd.IsSet("pattern") && info.Pattern.URI != cmd.String("pattern") {
			continue
		}
		meant = true
		for j, v := range info.Versions {
			if v.State == keyring.StateRevoked || v.State == keyring.StateExpired || renewal.IsShared(f.Entries[i].Versions[j]) {
				continue
			}
			keys := signedPublics(v.VersionInfo)
			if v.Kind != kindSigned {
				if keys, err = publicSides(f, f.Entries[i].Versions[j]); err != nil {
					return nil, err
				}
			}
			for _, k := range keys {
				k.Pattern, k.Match, k.ID, k.State = &info.Pattern.URI, info.Pattern.Match.String(), v.ID, v.State.String()
				found = append(found, k)
			}
		}
	}
	switch {
	case !meant:
		return nil, fmt.Errorf("the file doesn't have the pattern %q, but %s", cmd.String("pattern"), strings.Join(has[:min(len(has), maxListed)], ", "))
	case len(found) == 0:
		return nil, errors.New("there is no private key of a pair in use: secrets that all parties share have no public half")
	}
	return found, nil
}

// publicSides gives the public keys of the sides of which a version has the private one.
func publicSides(f *keyfile.File, v *keyfile.Version) ([]publicKey, error) {
	var found []publicKey
	for _, side := range []struct {
		name string
		*keyfile.Side
	}{{"originator", v.Originator}, {"responder", v.Responder}} {
		if !renewal.HasPrivate(side.Side) {
			continue
		}
		b, err := f.UnsafeKey(side.Private)
		if err != nil {
			return nil, err
		}
		key, err := cryptobox.NewPrivateKey(b)
		clear(b)
		if err != nil {
			return nil, err
		}
		found = append(found, publicKey{Public: key.Public().String(), Side: side.name})
	}
	return found, nil
}
