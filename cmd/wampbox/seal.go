package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func sealCommand() *cli.Command {
	flags := []cli.Flag{
		required(flags.Text("keyring", "the keyring `FILE`")),
		required(flags.Text("uri", "the topic, procedure or error `URI` that the payload is for")),
		flags.OneOf("serializer", "of the record, `NAME` is json, msgpack or cbor", "json", "msgpack", "cbor"),
		flags.OneOf("framing", "print a whole PUBLISH message in JSON, framed as `NAME` says: enc, native or ppt", "enc", "native", "ppt"),
		flags.OneOf("encoding", "how a payload alone is printed, `NAME` is base64, hex or raw", "base64", "hex", "raw"),
		flags.OneOf("bind", "bind the record as a new message of `KIND` is: publish or call",
			"publish", "call"),
		flags.Text("realm", "the `REALM` to bind it to"),
	}
	return command(&cli.Command{
		Name:      "seal",
		Usage:     "seal a record",
		ArgsUsage: "[FILE]",
		Description: `The inverse of open. Reads a record as JSON, {"uri", "args", "kwargs", "bind"}, of
which each may be left out, from the file or from standard input; binary data is
written as WAMP does, "\u0000" and base64. Seals it with the active version of
the keyring's key for the URI, and prints the payload on standard output, or
with -framing a whole PUBLISH message that carries it.

Peers refuse a record without "bind", unless the key allows unbound peers, as
Autobahn is one. -bind makes a new one, of the present time and a sender of its
own; a "bind" in the record is sealed as it is.

` + accessHelp + `

Examples:

   $ echo '{"args": ["Hello", 23]}' | wampbox seal -keyring originator.json -uri com.myapp.encrypted.hello
   $ wampbox seal -keyring originator.json -uri com.myapp.encrypted.hello -framing enc \
       -bind publish -realm realm1 record.json`,
		Flags: append(flags, accessFlags()...),
	}, seal)
}

// sealing is what the flags of seal say.
type sealing struct {
	uri        string
	framing    wire.Framing // nil for a payload alone
	serializer cryptobox.Serializer
	encoding   capture.Encoding
	bind       *cryptobox.Bind // to be added
}

func seal(_ context.Context, cmd *cli.Command) error {
	s, err := newSealing(cmd)
	if err != nil {
		return err
	}
	entry, err := lookup(cmd)
	if err != nil {
		return err
	}
	version, err := sealer(entry)
	if err != nil {
		return err
	}
	rec, err := readRecord(cmd.Args().First())
	if err != nil {
		return err
	}
	if rec, err = s.completed(rec, entry); err != nil {
		return err
	}
	env, _, err := cryptobox.Seal(version.Cipher(), s.serializer, version.ID(), rec)
	if err != nil {
		return err
	}
	return s.output(env)
}

func newSealing(cmd *cli.Command) (*sealing, error) {
	s := &sealing{uri: cmd.String("uri"), serializer: cryptobox.JSON, encoding: capture.Base64}
	if cmd.IsSet("framing") {
		if cmd.IsSet("encoding") {
			return nil, usagef(cmd, "-encoding is for a payload alone, and -framing for a message in JSON")
		}
		s.framing = framingOf(cmd.String("framing"))
		s.serializer = s.framing.Traits().Serializers[0]
	}
	if cmd.IsSet("serializer") {
		s.serializer = cryptobox.Serializer(cmd.String("serializer"))
	}
	if s.framing != nil && !slices.Contains(s.framing.Traits().Serializers, s.serializer) {
		return nil, usagef(cmd, "-serializer: the framing %s doesn't carry %s", s.framing.Traits().Name, s.serializer)
	}
	if cmd.IsSet("encoding") {
		s.encoding = capture.Encoding(cmd.String("encoding"))
	}
	return s, s.newBind(cmd)
}

// newBind makes the bind that the flags ask for.
func (s *sealing) newBind(cmd *cli.Command) error {
	if cmd.IsSet("bind") != cmd.IsSet("realm") {
		return usagef(cmd, "-bind and -realm go together")
	}
	if !cmd.IsSet("bind") {
		return nil
	}
	kind := cryptobox.Kind(cmd.String("bind"))
	s.bind = &cryptobox.Bind{
		Kind: kind, Realm: cmd.String("realm"), From: cryptobox.NewSenderID(), N: 1, TS: time.Now().UnixMilli(),
	}
	return nil
}

func framingOf(name string) wire.Framing {
	for _, framing := range wire.Framings() {
		if framing.Traits().Name == name {
			return framing
		}
	}
	return nil
}

// sealer gives the version that seals, for whichever role the key serves.
func sealer(entry *keyring.Entry) (*keyring.Version, error) {
	version, err := entry.Sealer(keyring.RoleOriginator)
	if errors.Is(err, keyring.ErrWrongRole) {
		return entry.Sealer(keyring.RoleResponder)
	}
	return version, err
}

// completed gives the record with what it leaves to the flags.
func (s *sealing) completed(rec *cryptobox.Record, entry *keyring.Entry) (*cryptobox.Record, error) {
	if rec.URI() != "" && rec.URI() != s.uri {
		return nil, fmt.Errorf("the record is for %q and -uri says %q: make them the same, or leave the record's out", rec.URI(), s.uri)
	}
	bind := rec.Bind()
	if s.bind != nil {
		if bind != nil {
			return nil, errors.New(`the record has a "bind": take it out, or seal it without -bind`)
		}
		bind = s.bind
	}
	if bind == nil && !entry.Unbound() {
		note(`the record has no "bind", and the key doesn't allow unbound peers, so sessions refuse it: see -bind`)
	}
	return cryptobox.NewRecord(s.uri, rec.Args(), rec.Kwargs(), bind), nil
}
