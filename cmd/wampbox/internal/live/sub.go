package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"slices"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Sub is the command that prints events.
func Sub(env Env) *cli.Command {
	return env.command(&cli.Command{
		Name:      "sub",
		Usage:     "subscribe to a topic, and print its events",
		ArgsUsage: "TOPIC",
		Description: `Prints each event as one line of JSON on standard output:

   topic, args, kwargs   what was published
   sealed                whether it came sealed
   proved                what that proved: the key with its dialect and suite, which
                         session sent it when, and how many of its events on this
                         topic are missing; of signed keys, which sender signed it, by
                         name and verify key; in dialects of others the key alone
   router_says           what the router says besides, such as the publisher where
                         that is disclosed: nothing of it is proved

The topic is a prefix where it ends with a dot, a wildcard where another component
is empty, and otherwise exact, unless -match says it.

Events that are refused are counted, and told on standard error with the reason,
the id of the key that they name, and who sent them, where the router discloses
that: it is the router's word. The keyring file is followed: when it
changes, it is loaded again, and a line on standard error says what that changed. So are
keys from a key service, from which sub waits for the first ones.
Keys that would let more plaintext through than before, or for longer, are refused until
sub is started again. A connection that is lost is made again.

It ends when it is interrupted (Ctrl-C, or SIGTERM), or after -n events, with a line
on standard error that counts. Exit status: 0, but 1 after a failure, and where it is
interrupted before -n events have come.

` + env.sessionHelp() + `

Examples:

   $ wampbox sub -router ws://localhost:8080/ws -realm realm1 -keyring responder.json com.myapp.
   $ wampbox sub -n 1 com.myapp.hello | jq .args
   $ wampbox sub -member desk.identity -authority ed25519:... com.myapp.`,
		Flags: env.sessionFlags(
			flags.OneOf("match", "how the topic matches, `NAME` is exact, prefix or wildcard", "exact", "prefix", "wildcard"),
			&cli.IntFlag{Name: "n", Usage: "end after `COUNT` events", OnlyOnce: true, HideDefault: true},
		),
	}, env.sub)
}

// event is what is printed of one.
type event struct {
	Topic      string          `json:"topic"`
	Args       json.RawMessage `json:"args"`
	Kwargs     json.RawMessage `json:"kwargs"`
	Sealed     bool            `json:"sealed"`
	Proved     *proved         `json:"proved,omitempty"`
	RouterSays routerSays      `json:"router_says"`
}

// routerSays is what nothing proves.
type routerSays struct {
	Publication wamp.ID `json:"publication"`
	Publisher   wamp.ID `json:"publisher,omitempty"`
	AuthID      string  `json:"publisher_authid,omitempty"`
	AuthRole    string  `json:"publisher_authrole,omitempty"`
	Retained    bool    `json:"retained,omitempty"`
}

func newEvent(topic string, e *wamp.Event) (*event, error) {
	out := &event{Topic: topic, Proved: provedOf(e.Details)}
	out.Sealed = out.Proved != nil
	if named, given := wamp.AsString(e.Details["topic"]); given {
		out.Topic = named
	}
	out.RouterSays.Publication = e.Publication
	out.RouterSays.Publisher, _ = wamp.AsID(e.Details["publisher"])
	out.RouterSays.AuthID, _ = wamp.AsString(e.Details["publisher_authid"])
	out.RouterSays.AuthRole, _ = wamp.AsString(e.Details["publisher_authrole"])
	out.RouterSays.Retained = wamp.OptionFlag(e.Details, "retained")
	var err error
	out.Args, out.Kwargs, err = jsonOf(e.Arguments, e.ArgumentsKw)
	return out, err
}

// subscription is what the command line asks for.
type subscription struct {
	pattern    keyring.Pattern
	count      int // 0 is no end
	keys       *keys
	connection *connection
}

func (env Env) newSubscription(cmd *cli.Command) (*subscription, error) {
	if cmd.Args().Len() > 1 {
		return nil, env.Usage(cmd, "there is an argument too many") // not repeated: it might be a secret
	}
	topic := cmd.Args().First()
	s := &subscription{pattern: keyring.ParsePattern(topic), count: cmd.Int("n")}
	var err error
	if cmd.IsSet("match") {
		s.pattern.Match, _ = keyring.ParseMatch(cmd.String("match")) // the flag has looked
	}
	if topic != "" || !cmd.IsSet("match") {
		if err = env.checkPlace(cmd, "TOPIC", topic); err != nil {
			return nil, err
		}
	}
	var refused *keyring.Error
	if errors.As(s.pattern.Validate(), &refused) {
		return nil, env.Usage(cmd, "%.200q: %s", topic, refused.Cause())
	}
	if cmd.IsSet("n") && s.count <= 0 {
		return nil, env.Usage(cmd, "-n is how many events to end after, 1 or more: without it sub goes on until it is interrupted")
	}
	if s.connection, err = env.newConnection(cmd); err != nil {
		return nil, err
	}
	s.keys, err = env.loadKeys(cmd)
	return s, err
}

func (env Env) sub(ctx context.Context, cmd *cli.Command) (err error) {
	s, err := env.newSubscription(cmd)
	if err != nil {
		return err
	}
	session, end, err := env.begin(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	events := make(chan *wamp.Event)
	if err := session.SubscribeChan(s.pattern.URI, events, wamp.Dict{wamp.OptMatch: s.pattern.Match.String()}); err != nil {
		return err
	}
	env.note("subscribed to %v", s.pattern)
	printed := 0
	defer func() { env.note("%s", summary(printed, session.Stats())) }()
	for s.count == 0 || printed < s.count {
		select {
		case e := <-events:
			done, err := env.printEvent(s.pattern.URI, e)
			if err != nil {
				return err
			}
			if done {
				printed++
			}
		case <-ctx.Done():
			return s.interrupted(printed)
		case <-session.Done():
			return session.Err()
		}
	}
	return nil
}

// interrupted is the end that the user has called for, too early where a number of events
// was to come.
func (s *subscription) interrupted(printed int) error {
	if s.count == 0 {
		return nil
	}
	return fmt.Errorf("interrupted after %d of %d events", printed, s.count)
}

// begin joins with the keys of a file, and follows that, or with those that a service brings. end
// ends that, and leaves.
func (env Env) begin(ctx context.Context, s *subscription) (session *transparency.Session, end func() error, err error) {
	if s.keys.service != nil {
		if session, err = env.joinFor(ctx, s.connection, s.keys.ring); err == nil {
			end, err = env.bring(ctx, session, s.keys, 0)
		}
		if err == nil {
			if err = env.checkHalf(s); err != nil {
				err = errors.Join(err, end())
			}
		}
		return session, end, err
	}
	watcher, err := env.follow(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if err = env.checkHalf(s); err == nil {
		session, err = env.joinFor(ctx, s.connection, s.keys.ring)
	}
	if err != nil {
		watcher.Close()
		return nil, nil, err
	}
	return session, func() error { defer watcher.Close(); return leave(session) }, nil
}

// joinFor connects, and connects again.
func (env Env) joinFor(ctx context.Context, c *connection, ring *keyring.Ring) (*transparency.Session, error) {
	// Here the session itself tells of refusals, and of a connection that is lost.
	c.config.Logger = log.New(said{env.Stderr}, "", 0)
	return c.join(ctx, ring, transparency.WithReconnect(transparency.ReconnectPolicy{
		Dial:        c.dial,
		OnReconnect: func() { env.note("connected again") },
	}))
}

// said writes lines of a log in the words of the tool.
type said struct{ to io.Writer }

func (s said) Write(line []byte) (int, error) {
	if _, err := io.WriteString(s.to, words.Line(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}

// printEvent prints an event. One that can't be printed isn't the end of the others.
func (env Env) printEvent(topic string, e *wamp.Event) (done bool, err error) {
	out, err := newEvent(topic, e)
	if err != nil {
		env.note("an event of %q: %v", out.Topic, err)
		return false, nil
	}
	return true, env.print(out, "")
}

// summary says how many events were printed, how many refused, and why.
func summary(printed int, stats transparency.Stats) string {
	text := fmt.Sprintf("printed %d events", printed)
	if printed == 1 {
		text = "printed 1 event"
	}
	var said []string
	for _, reason := range slices.Sorted(maps.Keys(stats.Rejected)) {
		said = append(said, fmt.Sprintf("%d %v", stats.Rejected[reason], reason))
	}
	if len(said) > 0 {
		text += "; refused: " + strings.Join(said, ", ")
	}
	return text
}
