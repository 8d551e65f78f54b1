package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// Serve is the command that serves grants.
func Serve(env Env) *cli.Command {
	return env.command(&cli.Command{
		Name:  "serve",
		Usage: "serve the grants of a key service to its members",
		Description: `Answers what the members of a key service ask, from the folder of grants that wampbox
authority issue writes, or a copy of it. Each grant is encrypted to its member, and signed.
The folder has no secret of anybody but the fresh key, by which this server proves that a
grant is the one of now: so it may run anywhere, and several of them may.

Whenever the folder changes, members are told to ask again: replace it by a copy, file by
file or as a whole, while this runs. What members say that they hold is written to
receipts/ in the folder, for wampbox authority collect.

Says on standard error, in a line each, whom it has answered, which grant the member held
and which one it got (no keys), what it has refused, and what the operator should look
after: grants and a fresh key that have expired or end soon. A connection that is lost is
made again.

Servers that share a realm have to say the same -invoke. A router that doesn't share
registrations takes one server, and refuses another.

It ends when it is interrupted (Ctrl-C, or SIGTERM), with a line that counts. Exit status:
0, but 1 after a failure.

Router and realm may also be given by the environment: WAMPBOX_ROUTER and WAMPBOX_REALM.
` + authHelp + `

Examples:

   $ wampbox serve -router ws://localhost:8080/ws -realm realm1
   $ wampbox serve -router wss://router.example/ws -realm realm1 -dir /srv/grants \
       -auth ticket:file:/etc/wampbox/ticket -authid keys`,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "dir", Usage: "the `FOLDER` of grants", Value: "grants", OnlyOnce: true, Validator: flags.Text("dir", "").Validator},
			servicePrefixFlag(),
			flags.OneOf("invoke", "how the router shares among servers, `POLICY` is roundrobin, random, first, last or single",
				"roundrobin", "random", "first", "last", "single"),
		}, routerFlags()...),
	}, env.serve)
}

func (env Env) serve(ctx context.Context, cmd *cli.Command) (err error) {
	if cmd.Args().Present() {
		return env.Usage(cmd, "there is an argument too many")
	}
	o := keyservice.ServeOptions{
		Prefix: cmd.String(prefixFlag), Invoke: cmd.String("invoke"),
		OnError: env.noteError, Logger: slog.New(lines{to: said{env.Stderr}}),
	}
	if o.Prefix != "" && !strings.HasSuffix(o.Prefix, ".") {
		return env.Usage(cmd, "-prefix has to end with a dot")
	}
	connection, err := env.newConnection(cmd)
	if err != nil {
		return err
	}
	session, err := env.joinFor(ctx, connection, keyring.New())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave(session)) }()
	server, err := keyservice.Serve(ctx, session, cmd.String("dir"), o)
	if err != nil {
		return err
	}
	env.note("serving the grants of %d members from %s", server.Stats().Members, cmd.String("dir"))
	select {
	case <-ctx.Done():
		err = server.Close()
	case <-session.Done():
		err = errors.Join(session.Err(), server.Close())
	}
	env.note("%s", served(server.Stats()))
	return err
}

// served says how many gets were answered, how many refused, and why.
func served(stats keyservice.ServerStats) string {
	text := fmt.Sprintf("answered %d gets", stats.Answered)
	if stats.Answered == 1 {
		text = "answered 1 get"
	}
	var refused []string
	for _, why := range slices.Sorted(maps.Keys(stats.Refused)) {
		refused = append(refused, fmt.Sprintf("%d %s", stats.Refused[why], why))
	}
	if len(refused) > 0 {
		text += "; refused: " + strings.Join(refused, ", ")
	}
	return text
}

// lines writes a log in lines for people. Errors are told by callbacks.
type lines struct{ to io.Writer }

// Enabled implements [slog.Handler].
func (lines) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo && level < slog.LevelError
}

// Handle implements [slog.Handler].
func (l lines) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		value := a.Value.String()
		if strings.ContainsAny(value, " \"=\n") {
			value = strconv.Quote(value)
		}
		text += " " + a.Key + "=" + value
		return true
	})
	_, err := io.WriteString(l.to, words.Line(text+"\n"))
	return err
}

// WithAttrs implements [slog.Handler]: there are none.
func (l lines) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements [slog.Handler]: there are none.
func (l lines) WithGroup(string) slog.Handler { return l }
