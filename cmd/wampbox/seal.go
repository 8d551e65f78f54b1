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
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func sealCommand() *cli.Command {
	kind := flags.OneOf("kind", "seal it for a message of `KIND`: publish or call", "publish", "call")
	kind.Value = "publish"
	flags := []cli.Flag{
		required(flags.Text("keyring", "the keyring `FILE`")),
		required(flags.Text("uri", "the topic or procedure `URI` that it is for")),
		flags.Text("realm", "the `REALM` that it is for; dialects of others don't have it"),
		kind,
		flags.OneOf("dialect", "seal with the newest version for `NAME`: wampbox, autobahn or passthru", dialects...),
		yes("message", "print a whole message in JSON"),
		flags.OneOf("encoding", "how a payload alone is printed, `NAME` is base64, hex or raw", "base64", "hex", "raw"),
	}
	return command(&cli.Command{
		Name:      "seal",
		Usage:     "seal a payload",
		ArgsUsage: "[FILE]",
		Description: `Reads {"args", "kwargs", "uri"} as JSON, of which each may be left out, from the file
or from standard input; binary data is written as WAMP does, "\u0000" and base64.
Seals it with the version of the keyring's key for the URI that seals now, in the
dialect of that, and prints the payload on standard output, or with -message a
whole PUBLISH or CALL that carries it. Where the versions of a pattern differ in
dialect, -dialect takes one that doesn't seal now.

In our own dialect its head is that of a new message: of the present time, and the
first one of a session of its own. So a peer takes it, once.

` + accessHelp + `

Examples:

   $ echo '{"args": ["Hello", 23]}' | wampbox seal -keyring originator.json -realm realm1 \
       -uri com.myapp.encrypted.hello
   $ wampbox seal -keyring originator.json -uri com.myapp.add2 -realm realm1 -kind call -message args.json`,
		Flags: append(flags, accessFlags()...),
	}, seal)
}

// sealing is what is to be sealed, and how.
type sealing struct {
	payload
	uri, realm string
	kind       cryptobox.Kind
	version    *keyring.Version
}

func seal(_ context.Context, cmd *cli.Command) error {
	if cmd.Bool("message") && cmd.IsSet("encoding") {
		return usagef(cmd, "-encoding is for a payload alone, and -message is JSON")
	}
	s := sealing{uri: cmd.String("uri"), realm: cmd.String("realm"), kind: cryptobox.KindPublish}
	if cmd.String("kind") == cryptobox.KindCall.String() {
		s.kind = cryptobox.KindCall
	}
	ring, err := loadRing(cmd)
	if err != nil {
		return err
	}
	entry, err := keyed(ring, s.uri)
	if err != nil {
		return err
	}
	if s.version, err = sealer(ring, entry, cmd.String("dialect")); err != nil {
		return err
	}
	if ours := !s.version.Dialect().Foreign(); ours && s.realm == "" {
		return usagef(cmd, "-realm is missing: what is sealed is tied to it")
	} else if !ours && s.realm != "" {
		return usagef(cmd, "-realm is for our own dialect: what is sealed for %v isn't tied to one", s.version.Dialect())
	}
	if s.payload, err = readPayload(cmd.Args().First(), s.uri); err != nil {
		return err
	}
	env, err := s.seal()
	if err != nil {
		return err
	}
	note("sealed with the key of %v, id %s, for %v", entry.Pattern(), s.version.ID(), s.version.Dialect())
	if cmd.Bool("message") {
		return s.message(env)
	}
	return outputPayload(env.Payload, capture.Encoding(cmd.String("encoding")))
}

// sealer gives the version that seals now, or the newest one of a dialect.
func sealer(ring *keyring.Ring, entry *keyring.Entry, dialect string) (*keyring.Version, error) {
	seals := entry.Sealer
	if dialect != "" {
		seals = func(role keyring.Role) (*keyring.Version, error) {
			for _, v := range ring.Versions(entry.Pattern()) {
				if v.Dialect.String() == dialect && v.State != keyring.StateRevoked && v.State != keyring.StateExpired {
					return entry.Named(role, v.ID)
				}
			}
			return nil, fmt.Errorf("%v has no version for %s", entry.Pattern(), dialect)
		}
	}
	version, wrong := seals(keyring.RoleOriginator)
	if !errors.Is(wrong, keyring.ErrWrongRole) {
		return version, wrong
	}
	// Who answers in a dialect of others says so by nothing but the key.
	if version, err := seals(keyring.RoleResponder); err != nil || version.Dialect().Foreign() {
		return version, err
	}
	return nil, wrong
}

// seal seals what was read.
func (s *sealing) seal() (*wire.Envelope, error) {
	dialect := s.version.Dialect()
	if dialect.Foreign() {
		cipher := s.version.Cipher()
		enc, _, err := cryptobox.SealForeign(cipher, dialect, cryptobox.NewForeignRecord(s.uri, s.args, s.kwargs))
		env := &wire.Envelope{Dialect: dialect, Algorithm: cipher.Algorithm(dialect), Payload: enc}
		if dialect == cryptobox.Passthru {
			env.KeyID = s.version.ID()
		}
		return env, err
	}
	head := cryptobox.Head{Kind: s.kind, From: cryptobox.NewSenderID(), N: 1, TS: time.Now().UnixMilli()}
	record := cryptobox.NewRecord(head, s.realm, s.uri, s.args, s.kwargs)
	enc, _, err := s.version.Key().Seal(nil, &record)
	return &wire.Envelope{Payload: enc}, err
}

// message prints a PUBLISH or CALL that carries what was sealed.
func (s *sealing) message(env *wire.Envelope) error {
	kind := wamp.PUBLISH
	if s.kind == cryptobox.KindCall {
		kind = wamp.CALL
	}
	return outputMessage(kind, s.uri, env)
}
