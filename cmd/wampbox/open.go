package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
		flags.Text("realm", "of a scrambled URI, the `REALM` of the router that shows it"),
		flags.Text("call", "of an answer under a signed key, the message of its call in `FILE`"),
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
but an error in a dialect of others goes by its own URI. One that is scrambled, as routers
show it, is looked up with -realm; the record has the real one.

Prints the record in it as JSON on standard output: its head, as docs/FORMAT.md
names the items, and "uri", "args" and "kwargs"; in dialects of others there is no
head. "re" is the beginning of what it answers, as logs have it. Binary data is
written as WAMP does, "\u0000" and base64. Which key opened it goes to standard
error.

Under a signed key, a publish or call opens with the file of one who receives, if one of
its senders has signed it; who that is goes to standard error. What one sends, it can't
open itself. An answer opens in the exchange of its call: give the first message of that
by -call, as it was captured.

The record has to name the URI, or none. What else a session checks before it
believes a payload (kind, realm, age, replays) isn't checked here; the head is
shown for you to look at.

` + accessHelp + `

Examples:

   $ wampbox open -keyring responder.json -uri com.myapp.encrypted.hello payload.bin
   $ wampbox open -keyring responder.json -uri com.myapp.encrypted.hello < event.json | jq .args
   $ wampbox open -keyring responder.json publish.json
   $ wampbox open -keyring responder.json -uri com.myapp.add2 -call call.json result.json`,
		Flags: append(flags, accessFlags()...),
	}, open)
}

func open(_ context.Context, cmd *cli.Command) error {
	captures, err := readCaptures(cmd)
	if err != nil {
		return err
	}
	if len(captures) > 1 {
		all := len(captures)
		captures = slices.DeleteFunc(captures, func(c *capture.Capture) bool { return c.Err == nil && !c.Sealed() })
		if len(captures) == 0 {
			return fmt.Errorf("all of the %d messages are plain: they were sent without encryption", all)
		}
		if plain := all - len(captures); plain > 0 {
			note("passed over, as they are plain: %s", plural(plain, "message"))
		}
	}
	var rings *rings
	return each(captures, func(c *capture.Capture) error {
		o, err := newOpener(cmd, c)
		if err != nil {
			return err
		}
		if rings == nil {
			if rings, err = loadRings(cmd); err != nil {
				return err
			}
		}
		if err := o.find(rings.Ring, cmd.String("realm")); err != nil {
			return err
		}
		o.rings = rings
		return o.open(c)
	})
}

// newOpener refuses what isn't sealed, and finds out which URI it is for.
func newOpener(cmd *cli.Command, c *capture.Capture) (*opener, error) {
	switch {
	case c.Format1:
		return nil, errors.New("it is sealed in " + format1 + ", which nothing opens any more")
	case !c.Sealed() && c.Form == capture.Arguments:
		return nil, errors.New("there is no enc argument: it was sent without encryption, or for others than this library: then give the whole message")
	case !c.Sealed():
		return nil, errors.New("the payload is plain: it was sent without encryption")
	}
	o := &opener{uri: cmd.String("uri")}
	if o.uri == "" {
		o.uri = uriFor(c)
	}
	if o.uri == "" {
		return nil, usagef(cmd, "the message doesn't name the URI that the payload is for: give -uri")
	}
	return o, nil
}

// uriFor gives the URI that a message names, but for an error in our dialect: that one is
// sealed with the key of the procedure.
func uriFor(c *capture.Capture) string {
	if c.Type == wamp.ERROR && c.Dialect == cryptobox.Wampbox.String() {
		return ""
	}
	return c.URI
}

// loadRing makes a ring of the keyring that is named.
func loadRing(cmd *cli.Command) (*keyring.Ring, error) {
	access, err := newAccess(cmd)
	if err != nil {
		return nil, err
	}
	return access.load(cmd.String("keyring"))
}

// keyed finds the key for a URI.
func keyed(ring *keyring.Ring, uri string) (*keyring.Entry, error) {
	entry, err := ring.Lookup(uri)
	if err == nil && entry.Plain() {
		err = fmt.Errorf("%q is plain: %v has no key", uri, entry.Pattern())
	}
	return entry, err
}

// opener opens one payload.
type opener struct {
	uri   string
	entry *keyring.Entry
	forms []*keyring.Form // in which the URI may be scrambled; none where it isn't
	rings *rings
}

// open opens it in the dialect that it says it is in.
func (o opener) open(c *capture.Capture) error {
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

// alone opens a payload that doesn't say which dialect it is in: ours if it names one of
// the pattern's versions, else one of those that the versions have.
func (o opener) alone(c *capture.Capture) error {
	dialects, err := ofRole(o.entry.Dialects)
	if err != nil {
		return err
	}
	_, unknown := o.version(c.KeyID)
	if c.Suite != 0 && !errors.Is(unknown, keyring.ErrUnknownID) {
		return o.ours(c)
	}
	for _, dialect := range dialects {
		if !dialect.Foreign() {
			continue
		}
		if err = o.foreign(dialect, &capture.Capture{Payload: c.Payload}); !errors.Is(err, cryptobox.ErrOpen) {
			return err
		}
	}
	switch ours := slices.Contains(dialects, cryptobox.Wampbox); {
	case err != nil:
		return fmt.Errorf("it does not open with a key of %v: the ends' keys don't match, or it was altered or cut short on its way, "+
			"if it is a sealed payload at all, as nothing in it says", o.entry.Pattern())
	case c.Suite == 0 && ours:
		return fmt.Errorf("it is no payload that a key of %v seals: those begin with a suite and a key id; give the whole message, or the payload from its first byte", o.entry.Pattern())
	}
	return unknown
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
	by := ""
	if v.Signed() {
		by, err = o.signed(v, c, &in)
	} else {
		err = unsigned(v, c, &in)
	}
	if err != nil {
		return err
	}
	note("opened with the key of %v, id %s, suite %v", o.entry.Pattern(), v.ID(), suite)
	if by != "" {
		note("%s", by)
	}
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

// unsigned opens what is sealed under a key of suites that aren't signed, in either direction.
func unsigned(v *keyring.Version, c *capture.Capture, in *cryptobox.Opened) error {
	err := v.Key().Open(c.Payload, cryptobox.Message, in)
	if opens := errors.Is(err, cryptobox.ErrOpen); opens || errors.As(err, new(*cryptobox.WrongKindError)) {
		if answer := v.Key().Open(c.Payload, cryptobox.Answer, in); answer == nil || opens {
			err = answer
		}
	}
	return err
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
	if uri != "" && !o.means(uri) {
		return fmt.Errorf("the payload opens, but it was sealed for %q: who shows it as one for %q is mistaken, or lies", uri, o.uri)
	}
	return nil
}
