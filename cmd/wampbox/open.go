package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func openCommand() *cli.Command {
	flags := []cli.Flag{
		required(flags.Text("keyring", "the keyring `FILE`")),
		required(flags.Text("uri", "the topic, procedure or error `URI` that the payload is for")),
		encodingFlag(),
		flags.OneOf("serializer", "of the record, for a payload alone; `NAME` is json, msgpack or cbor", "json", "msgpack", "cbor"),
		flags.Text("key-id", "open a payload alone with the version `ID` only"),
	}
	return command(&cli.Command{
		Name:      "open",
		Usage:     "open a captured payload",
		ArgsUsage: "[FILE]",
		Description: captured + `

Opens it with the keyring's key for the URI, in either direction: what this
party received and what it sent. Prints the record in it, {"uri", "args",
"kwargs", "bind"}, as JSON on standard output; binary data is written as WAMP
does, "\u0000" and base64. Which key opened it goes to standard error.

The record has to name the URI, or none. What else a session checks before it
believes a payload (kind, realm, age, replays) isn't checked here; "bind" is
shown for you to look at. Payloads without one, as Autobahn makes them, open as
well.

` + accessHelp + `

Examples:

   $ wampbox open -keyring responder.json -uri com.myapp.encrypted.hello payload.bin
   $ wampbox open -keyring responder.json -uri com.myapp.encrypted.hello < event.json | jq .args`,
		Flags: append(flags, accessFlags()...),
	}, open)
}

func open(_ context.Context, cmd *cli.Command) error {
	o := opener{uri: cmd.String("uri"), serializers: []cryptobox.Serializer{cryptobox.JSON, cryptobox.CBOR, cryptobox.MessagePack}}
	if cmd.IsSet("serializer") {
		o.serializers = []cryptobox.Serializer{cryptobox.Serializer(cmd.String("serializer"))}
	}
	entry, err := lookup(cmd)
	if err != nil {
		return err
	}
	c, err := readCapture(cmd)
	if err != nil {
		return err
	}
	if c.Form != capture.Payload && (cmd.IsSet("serializer") || cmd.IsSet("key-id")) {
		return usagef(cmd, "-serializer and -key-id are for a payload alone: this input says them itself")
	}
	if !c.Sealed() {
		return errors.New("the payload is plain: it was sent without encryption")
	}
	env := *c.Envelope
	if c.Form == capture.Payload {
		env.KeyID = cmd.String("key-id")
	} else {
		o.serializers = []cryptobox.Serializer{env.Serializer}
	}
	rec, err := o.open(entry, &env)
	if err != nil {
		return err
	}
	return outputRecord(rec)
}

// lookup finds the key for the URI in the keyring that is named.
func lookup(cmd *cli.Command) (*keyring.Entry, error) {
	access, err := newAccess(cmd)
	if err != nil {
		return nil, err
	}
	ring, err := access.load(cmd.String("keyring"))
	if err != nil {
		return nil, err
	}
	entry, err := ring.Lookup(cmd.String("uri"))
	if err != nil {
		return nil, err
	}
	if entry.Plain() {
		return nil, fmt.Errorf("%q is plain: %v has no key", cmd.String("uri"), entry.Pattern())
	}
	return entry, nil
}

// opener opens one payload.
type opener struct {
	uri         string
	serializers []cryptobox.Serializer // that the record may be in
}

// open tries the versions that may open the payload.
func (o opener) open(entry *keyring.Entry, env *cryptobox.Envelope) (*cryptobox.Record, error) {
	versions, err := openers(entry, env.KeyID)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		attempt := *env
		if attempt.Algorithm == "" {
			attempt.Algorithm = v.Algorithm()
		}
		rec, failure := o.with(v, &attempt)
		if errors.Is(failure, cryptobox.ErrOpen) || errors.Is(failure, cryptobox.ErrAlgorithm) {
			if err == nil || errors.Is(failure, cryptobox.ErrOpen) {
				err = failure
			}
			continue
		}
		if failure != nil {
			return nil, failure
		}
		note("opened with the key of %v, id %s, record in %s", entry.Pattern(), v.ID(), attempt.Serializer)
		return rec, o.check(rec, entry)
	}
	return nil, err
}

// with opens a payload with one version. The record's serializer is found out
// where it isn't known: a payload that opens is in one of them at most.
func (o opener) with(v *keyring.Version, env *cryptobox.Envelope) (rec *cryptobox.Record, err error) {
	for _, env.Serializer = range o.serializers {
		rec, _, err = cryptobox.Open(v.Cipher(), env)
		if !errors.Is(err, cryptobox.ErrMalformed) {
			return rec, err
		}
	}
	return nil, fmt.Errorf("the payload opens, so that it was sealed with this key, but what is in it is no record: %w", err)
}

// check refuses a record for another URI, as a session does, and says where one
// would ask for more.
func (o opener) check(rec *cryptobox.Record, entry *keyring.Entry) error {
	if rec.URI() != "" && rec.URI() != o.uri {
		return fmt.Errorf("the payload opens, but it was sealed for %q: who shows it as one for %q is mistaken, or lies", rec.URI(), o.uri)
	}
	if rec.Bind() == nil {
		note("it has no bind, so nothing tells where and when it was sent")
		if !entry.Unbound() {
			note("sessions refuse it: the key doesn't allow unbound peers")
		}
	}
	return nil
}

// openers gives the versions that may open, for whichever role the key serves.
func openers(entry *keyring.Entry, id string) ([]*keyring.Version, error) {
	versions, err := entry.Openers(keyring.RoleResponder, id)
	if errors.Is(err, keyring.ErrWrongRole) {
		return entry.Openers(keyring.RoleOriginator, id)
	}
	return versions, err
}
