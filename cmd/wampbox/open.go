package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func openCommand() *cli.Command {
	flags := []cli.Flag{
		required(flags.Text("keyring", "the keyring `FILE`")),
		flags.Text("uri", "the topic, procedure or error `URI`, where the message doesn't name it"),
		encodingFlag(),
	}
	return command(&cli.Command{
		Name:      "open",
		Usage:     "open a captured payload",
		ArgsUsage: "[FILE]",
		Description: captured + `

Opens it with the keyring's key for the URI, in either direction: what this
party received and what it sent. The URI is that of -uri, else the one that the message
names. Of an answer to a call, an error too, it is the procedure, which no answer names;
but an error in a dialect of others goes by its own URI.

Prints the record in it as JSON on standard output: its head, as docs/FORMAT.md
names the items, and "uri", "args" and "kwargs"; in dialects of others there is no
head. "re" is the beginning of what it answers, as logs have it. Binary data is
written as WAMP does, "\u0000" and base64. Which key opened it goes to standard
error.

The record has to name the URI, or none. What else a session checks before it
believes a payload (kind, realm, age, replays) isn't checked here; the head is
shown for you to look at.

` + accessHelp + `

Examples:

   $ wampbox open -keyring responder.json -uri com.myapp.encrypted.hello payload.bin
   $ wampbox open -keyring responder.json -uri com.myapp.encrypted.hello < event.json | jq .args
   $ wampbox open -keyring responder.json publish.json`,
		Flags: append(flags, accessFlags()...),
	}, open)
}

func open(_ context.Context, cmd *cli.Command) error {
	c, err := readCapture(cmd)
	switch {
	case err != nil:
		return err
	case c.Format1:
		return errors.New("it is sealed in " + format1 + ", which nothing opens any more")
	case !c.Sealed() && c.Form == capture.Arguments:
		return errors.New("there is no enc argument: it was sent without encryption, or for others than this library: then give the whole message")
	case !c.Sealed():
		return errors.New("the payload is plain: it was sent without encryption")
	}
	o := opener{uri: cmd.String("uri")}
	if o.uri == "" {
		if o.uri = uriFor(c); o.uri == "" {
			return usagef(cmd, "the message doesn't name the URI that the payload is for: give -uri")
		}
	}
	if _, o.entry, err = lookup(cmd, o.uri); err != nil {
		return err
	}
	if c.Dialect == "" {
		return o.alone(c)
	}
	dialect, err := cryptobox.ParseDialect(c.Dialect)
	if err != nil {
		return err
	}
	if dialect.Foreign() {
		return o.foreign(dialect, c)
	}
	return o.ours(c)
}

// uriFor gives the URI that a message names, but for an error in our dialect: that one is
// sealed with the key of the procedure.
func uriFor(c *capture.Capture) string {
	if c.Type == wamp.ERROR && c.Dialect == cryptobox.Wampbox.String() {
		return ""
	}
	return c.URI
}

// lookup finds the key for a URI in the keyring that is named.
func lookup(cmd *cli.Command, uri string) (*keyring.Ring, *keyring.Entry, error) {
	access, err := newAccess(cmd)
	if err != nil {
		return nil, nil, err
	}
	ring, err := access.load(cmd.String("keyring"))
	if err != nil {
		return nil, nil, err
	}
	entry, err := ring.Lookup(uri)
	if err == nil && entry.Plain() {
		err = fmt.Errorf("%q is plain: %v has no key", uri, entry.Pattern())
	}
	return ring, entry, err
}

// opener opens one payload.
type opener struct {
	uri   string
	entry *keyring.Entry
}

// alone opens a payload that doesn't say which dialect it is in: ours if it names one of
// the pattern's versions, else one of those that the versions have.
func (o opener) alone(c *capture.Capture) error {
	dialects, err := ofRole(o.entry.Dialects)
	if err != nil {
		return err
	}
	if _, err := o.version(c.KeyID); c.Suite == 0 || errors.Is(err, keyring.ErrUnknownID) {
		for _, dialect := range dialects {
			if !dialect.Foreign() {
				continue
			}
			if err = o.foreign(dialect, &capture.Capture{Payload: c.Payload}); !errors.Is(err, cryptobox.ErrOpen) {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
	return o.ours(c)
}

// version gives the version that has an id.
func (o opener) version(id string) (*keyring.Version, error) {
	return ofRole(func(role keyring.Role) (*keyring.Version, error) { return o.entry.Named(role, id) })
}

// ofRole asks for whichever role the key serves.
func ofRole[T any](ask func(keyring.Role) (T, error)) (T, error) {
	v, err := ask(keyring.RoleResponder)
	if errors.Is(err, keyring.ErrWrongRole) {
		return ask(keyring.RoleOriginator)
	}
	return v, err
}

// ours opens what is in our dialect, in the direction that it was sealed for.
func (o opener) ours(c *capture.Capture) error {
	suite, id, err := cryptobox.SuiteAndID(c.Payload)
	if err != nil {
		return err
	}
	v, err := o.version(id.String())
	switch {
	case err != nil:
		return err
	case v.Suite() != suite:
		return cryptobox.ErrOpen
	}
	var in cryptobox.Opened
	defer in.Release()
	err = v.Key().Open(c.Payload, cryptobox.Message, &in)
	if opens := errors.Is(err, cryptobox.ErrOpen); opens || errors.As(err, new(*cryptobox.WrongKindError)) {
		if answer := v.Key().Open(c.Payload, cryptobox.Answer, &in); answer == nil || opens {
			err = answer
		}
	}
	if err != nil {
		return err
	}
	note("opened with the key of %v, id %s, suite %v", o.entry.Pattern(), v.ID(), suite)
	note("sealed as %v %d of the session %v, at %s by its clock", in.Kind, in.N, in.From, time.UnixMilli(in.TS).UTC().Format(time.RFC3339Nano))
	switch in.Kind {
	case cryptobox.KindError, cryptobox.KindRefusal: // an error is opened with the call's key, and has its own URI
	default:
		if err := o.check(in.URI()); err != nil {
			return err
		}
	}
	args, kwargs, err := in.Values()
	if err != nil {
		return err
	}
	return outputRecord(newHead(&in), in.URI(), args, kwargs)
}

// foreign opens what is in another dialect.
func (o opener) foreign(dialect cryptobox.Dialect, c *capture.Capture) error {
	versions, err := ofRole(func(role keyring.Role) ([]*keyring.Version, error) {
		return o.entry.ForeignOpeners(role, dialect, c.KeyID)
	})
	if err != nil {
		return err
	}
	var other string // an algorithm of the key
	for _, v := range versions {
		if algorithm := v.Cipher().Algorithm(dialect); c.Algorithm != "" && c.Algorithm != algorithm {
			other = algorithm
			continue
		}
		var rec *cryptobox.ForeignRecord
		if rec, _, err = cryptobox.OpenForeign(v.Cipher(), dialect, c.Payload); errors.Is(err, cryptobox.ErrOpen) {
			continue
		}
		if err != nil {
			return fmt.Errorf("the payload opens, so that it was sealed with this key, but what is in it is no record: %w", err)
		}
		note("opened with the key of %v, id %s, for %v", o.entry.Pattern(), v.ID(), dialect)
		note("nothing in it tells where and when it was sent")
		if err := o.check(rec.URI()); err != nil {
			return err
		}
		return outputRecord(nil, rec.URI(), rec.Args(), rec.Kwargs())
	}
	if err == nil {
		return fmt.Errorf("it says that it is sealed by %.64q, which is not the algorithm of the key, %s", c.Algorithm, other)
	}
	return err
}

// check refuses a record for another URI, as a session does.
func (o opener) check(uri string) error {
	if uri != "" && uri != o.uri {
		return fmt.Errorf("the payload opens, but it was sealed for %q: who shows it as one for %q is mistaken, or lies", uri, o.uri)
	}
	return nil
}
