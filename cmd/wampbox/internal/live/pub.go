package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// jsonHelp explains how payloads are written.
const jsonHelp = `Each argument behind the first is one JSON value, so that a text has quotes of its
own: '"hello"'. One that is "-" stands for a value on standard input. Binary data is
written as WAMP does, "\u0000" and base64. Flags go before a negative number.`

// Pub is the command that publishes an event.
func Pub(env Env) *cli.Command {
	return env.command(&cli.Command{
		Name:      "pub",
		Usage:     "publish an event, sealed as the keyring says",
		ArgsUsage: "TOPIC [JSON...]",
		Description: `Publishes one event, and waits until the router has taken it. Says what it did on
standard error. With -json standard output has {"topic", "sealed", "key"}, where key is
the id of the key that sealed it; else nothing.

` + jsonHelp + `

With -retain the router keeps the event for later subscribers, if it can.

` + env.sessionHelp() + `

Examples:

   $ wampbox pub -router ws://localhost:8080/ws -realm realm1 -keyring originator.json \
       com.myapp.hello '"Hello"' 23
   $ wampbox pub -member shop.identity -authority ed25519:... com.myapp.hello '"Hello"'
   $ echo '{"big": [1, 2]}' | wampbox pub -kwargs '{"from": "me"}' com.myapp.hello -`,
		Flags: env.sessionFlags(
			flags.Text("kwargs", "the keyword arguments, a JSON `OBJECT`"),
			&cli.BoolFlag{Name: "retain", Usage: "have the router keep the event"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON on standard output"},
		),
	}, env.pub)
}

// message is what pub and call send.
type message struct {
	uri        string
	payload    payload
	keys       *keys
	connection *connection
}

// newMessage reads the command line of pub and call.
func (env Env) newMessage(cmd *cli.Command, what string) (*message, error) {
	m := &message{uri: cmd.Args().First()}
	err := env.checkURI(cmd, what, m.uri)
	if err != nil {
		return nil, err
	}
	if m.connection, err = env.newConnection(cmd); err != nil {
		return nil, err
	}
	if m.payload, err = env.newPayload(cmd.Args().Tail(), cmd.String("kwargs")); err != nil {
		return nil, env.Usage(cmd, "%v", err)
	}
	if m.keys, err = env.loadKeys(cmd); err != nil {
		return nil, err
	}
	if m.keys.service == nil {
		err = m.prepare()
	}
	return m, err
}

// prepare makes of the payload what is sent, by the keys that are there.
func (m *message) prepare() (err error) {
	if m.keys.sendsPlain(m.uri) {
		m.payload, err = m.payload.plain(m.connection.config.Serialization)
	}
	return err
}

// servicePatience is how long a message waits for keys from a service where nothing else says it.
const servicePatience = 30 * time.Second

// cachePatience is how long one that has keys in its cache waits for newer ones: it would end
// before they are there, each time.
const cachePatience = 3 * time.Second

// join joins with the message's keys. end leaves.
func (env Env) join(ctx context.Context, m *message) (session *transparency.Session, end func() error, err error) {
	if session, err = m.connection.join(ctx, m.keys.ring); err != nil {
		return nil, nil, err
	}
	if m.keys.service == nil {
		return session, func() error { return leave(session) }, nil
	}
	cancel := func() {}
	if _, given := ctx.Deadline(); !given {
		ctx, cancel = context.WithTimeoutCause(ctx, servicePatience, fmt.Errorf("no keys from the key service within %v", servicePatience))
	}
	leaving, err := env.bring(ctx, session, m.keys, cachePatience)
	if err == nil {
		if err = m.prepare(); err != nil {
			err = errors.Join(err, leaving())
		}
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return session, func() error { defer cancel(); return leaving() }, nil
}

func (env Env) pub(ctx context.Context, cmd *cli.Command) (err error) {
	m, err := env.newMessage(cmd, "TOPIC")
	if err != nil {
		return err
	}
	session, end, err := env.join(ctx, m)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	options := wamp.Dict{wamp.OptAcknowledge: true}
	if cmd.Bool("retain") {
		options["retain"] = true
		if !session.HasFeature(wamp.RoleBroker, "event_retention") {
			env.note("the router doesn't announce event retention: it may not keep the event")
		}
	}
	how, key := m.keys.howSent(m.uri), m.keys.sealsWith(m.uri)
	// Publish knows no context.
	stop := context.AfterFunc(ctx, func() { _ = session.Close() })
	defer stop()
	if err := session.Publish(m.uri, options, m.payload.args, m.payload.kwargs); err != nil {
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		return err
	}
	env.note("published to %s, %s, acknowledged", m.uri, how)
	if !cmd.Bool("json") {
		return nil
	}
	return env.print(struct {
		Topic  string `json:"topic"`
		Sealed bool   `json:"sealed"`
		Key    string `json:"key,omitempty"`
	}{m.uri, key != "", key}, "")
}

// leave closes a session that may be closed already.
func leave(session *transparency.Session) error {
	err := session.Close()
	if errors.Is(err, client.ErrAlreadyClosed) {
		return nil
	}
	return err
}
