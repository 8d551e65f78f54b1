package live

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// doctorPatience bounds what doctor does with a router.
const doctorPatience = 15 * time.Second

// Doctor is the command that looks for faults.
func Doctor(env Env) *cli.Command {
	flags := []cli.Flag{
		flags.Text("peer", "compare with `LIST`, what wampbox list -json prints at the other end"),
		flags.Text("pattern", "compare one `PATTERN` only, as where the other end has a few of many"),
		flags.Text("call", "call `PROCEDURE` of the peer, to see whether it takes that, and its clock"),
		&cli.BoolFlag{Name: "json", Usage: "print JSON on standard output"},
	}
	flags = append(flags, routerFlags()...)
	return env.command(&cli.Command{
		Name:      "doctor",
		Usage:     "find what keeps two ends from understanding each other",
		ArgsUsage: "[FILE]",
		Description: `Compares a keyring file with that of the other end, and looks at the router in
between. Each finding says how to put it right. Exits with 1 if one of them is an
error. A warning refuses nothing yet. A note is about what one end alone has, and may
be meant: each may have others to speak to.

The other end makes its list by wampbox list -json FILE > LIST. It holds patterns,
dates, ids, and names and verify keys of parties, and no secrets, which the keyring file itself does: never hand that
around. "-" stands for standard input. The rules for both ends:

   missing-pattern   one end says nothing of a pattern, or has another in its place
   plain, dialect    the ends don't send in the same way, or in another suite
   pair, secret      their keys don't belong together
   roles             both hold the same half
   missing-version   one end lacks a version that the other seals with, or will
   revoked           one end has revoked what the other uses
   dates             a version's dates differ, or end too early at one end
   parties           of a signed key, one end doesn't list the key that the other signs by
   no-active         one end seals nothing, or will
   transition        one end sends plain, or takes it
   scrambling        one end sends URIs in a form that the other doesn't take
   unkeyed           one end takes as plain what no pattern matches

For the router: unreachable, no-router, tls, realm, auth, feature (a dialect of the
file isn't carried), clock. What is wrong in one file alone is for wampbox lint.

With -call a procedure of the peer is called over the router, without arguments: one
that it refuses, or one that may run, because where the peer takes the call, it does.
What comes back sealed, a refusal too, says why, and what the peer's clock is. The
rules are call and clock.

Router, realm and file may also be given by the environment: WAMPBOX_ROUTER,
WAMPBOX_REALM and WAMPBOX_KEYRING. ` + authHelp + `

` + env.AccessHelp + `

Examples:

   $ wampbox list -json responder.json | wampbox doctor -peer - originator.json
   $ wampbox doctor -router wss://router.example.com/ws -realm realm1 originator.json
   $ wampbox doctor -router ws://localhost:8080/ws -realm realm1 -call com.myapp.add2 originator.json`,
		Flags: append(flags, env.AccessFlags()...),
	}, env.doctor)
}

// examination is what doctor looks at.
type examination struct {
	path       string
	ring       *keyring.Ring // of the file, nil where it doesn't load
	procedure  string        // to call, empty for none
	ours       compare.List
	peers      *compare.List // nil where it isn't given
	connection *connection   // nil likewise
	findings   []compare.Finding
}

func (env Env) doctor(ctx context.Context, cmd *cli.Command) error {
	e, err := env.newExamination(cmd)
	if err != nil {
		return err
	}
	if e.peers != nil && e.ours.Patterns != nil {
		e.findings = append(e.findings, compare.Lists(e.ours, *e.peers, time.Now())...)
	}
	if e.connection != nil {
		if err := env.examineRouter(ctx, e); err != nil {
			return err
		}
	}
	return env.printFindings(cmd.Bool("json"), e.findings)
}

func (env Env) newExamination(cmd *cli.Command) (*examination, error) {
	e := &examination{path: cmd.Args().First(), procedure: cmd.String("call")}
	if cmd.Args().Len() > 1 {
		return nil, env.Usage(cmd, "there is an argument too many") // not repeated: it might be a secret
	}
	if e.path == "" {
		e.path = os.Getenv(keyringVariable)
	}
	if e.path == "" {
		return nil, env.Usage(cmd, "the keyring file is missing: name it, or set %s", keyringVariable)
	}
	if !cmd.IsSet("peer") && cmd.String(routerFlag) == "" {
		return nil, env.Usage(cmd, "give -peer LIST to compare with, -router URL to look at, or both")
	}
	if e.procedure != "" {
		if err := env.checkURI(cmd, "the procedure of -call", e.procedure); err != nil {
			return nil, err
		}
		if cmd.String(routerFlag) == "" {
			return nil, env.Usage(cmd, "-call goes over the router: give -router URL, or set %s", routerVariable)
		}
	}
	if cmd.String(routerFlag) != "" {
		var err error
		if e.connection, err = env.newConnection(cmd); err != nil {
			return nil, err
		}
	}
	if cmd.IsSet("peer") {
		peers, err := readList(cmd.String("peer"), env)
		if err != nil {
			return nil, err
		}
		e.peers = &peers
	}
	if err := env.readOurs(cmd, e); err != nil {
		return nil, err
	}
	return e, env.narrow(cmd, e)
}

// readOurs reads the keyring file. One that doesn't load is a finding.
func (env Env) readOurs(cmd *cli.Command, e *examination) error {
	reading, err := env.Access(cmd)
	if err != nil {
		return err
	}
	opts, err := reading(e.path)
	if err != nil {
		return err
	}
	if e.ring, err = keyfile.Load(e.path, opts...); err != nil {
		e.findings = append(e.findings, compare.Finding{
			Level: compare.Error, Rule: fileRule, Message: words.Of(err), Fix: "see wampbox lint for all that is wrong in the file",
		})
		return nil
	}
	file, err := keyfile.ParseFile(e.path, opts...)
	if err != nil {
		return err
	}
	defer file.Wipe()
	e.ours, err = compare.NewList(file)
	return err
}

// narrow leaves one pattern, where one is asked for.
func (env Env) narrow(cmd *cli.Command, e *examination) error {
	if !cmd.IsSet("pattern") {
		return nil
	}
	p := keyring.ParsePattern(cmd.String("pattern"))
	if err := p.Validate(); err != nil {
		return env.Usage(cmd, "-pattern: %v", err)
	}
	if e.peers == nil {
		e.ours = compare.Only(p, e.ours)[0]
		return nil
	}
	both := compare.Only(p, e.ours, *e.peers)
	if len(both[0].Patterns)+len(both[1].Patterns) == 0 {
		return fmt.Errorf("neither end has %v", p)
	}
	e.ours, e.peers = both[0], &both[1]
	return nil
}

// readList reads the peer's list, from standard input for "-".
func readList(path string, env Env) (compare.List, error) {
	input := env.Stdin
	if path != fromStdin {
		file, err := os.Open(path)
		if err != nil {
			return compare.List{}, fmt.Errorf("-peer: %w", err)
		}
		defer func() { _ = file.Close() }()
		input = file
	}
	list, err := compare.ReadList(input)
	if err != nil {
		return compare.List{}, fmt.Errorf("-peer: %w", err)
	}
	return list, nil
}

// printFindings prints them, the errors first and the notes last.
func (env Env) printFindings(asJSON bool, findings []compare.Finding) error {
	levels := []compare.Level{compare.Error, compare.Warning, compare.Note}
	slices.SortStableFunc(findings, func(a, b compare.Finding) int {
		return slices.Index(levels, a.Level) - slices.Index(levels, b.Level)
	})
	if asJSON {
		if findings == nil {
			findings = []compare.Finding{}
		}
		if err := env.print(map[string][]compare.Finding{"findings": findings}, "  "); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			if _, err := fmt.Fprintln(env.Stdout, words.Clean(f.String())); err != nil {
				return fmt.Errorf("write to standard output: %w", err)
			}
		}
		if len(findings) == 0 {
			env.note("no findings")
		}
	}
	if slices.ContainsFunc(findings, func(f compare.Finding) bool { return f.Level == compare.Error }) {
		return ErrSaid
	}
	return nil
}
