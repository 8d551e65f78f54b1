package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/values"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// defaultTimeout is for all of a call.
const defaultTimeout = 10 * time.Second

// Call is the command that calls a procedure.
func Call(env Env) *cli.Command {
	return env.command(&cli.Command{
		Name:      "call",
		Usage:     "call a procedure, sealed as the keyring says",
		ArgsUsage: "PROCEDURE [JSON...]",
		Description: `Calls a procedure, and prints the result on standard output as one line of JSON: the
value itself where it is a single argument, null where there is none, and
otherwise {"args": [...], "kwargs": {...}}. With -full it is always an object, which
also says whether the result was sealed and what that proved: under a signed key, which
answerer signed it too, by name and verify key. How the call was
sent is said on standard error.

An error that the procedure raises is printed on standard error as one line,
{"error": URI, "args", "kwargs", "sealed", "proved"}, and the exit status is 1. Where
the callee refuses the call, and has its key, it says why, and what its clock is. "ref"
names the call in errors and logs of both ends.

` + jsonHelp + `

` + env.sessionHelp() + `

Examples:

   $ wampbox call -router ws://localhost:8080/ws -realm realm1 -keyring originator.json \
       com.myapp.add2 23 7
   $ wampbox call -member shop.identity -authority ed25519:... com.myapp.add2 23 7
   $ wampbox call -timeout 1m -progress com.myapp.report '{"year": 2026}' | jq .`,
		Flags: env.sessionFlags(
			flags.Text("kwargs", "the keyword arguments, a JSON `OBJECT`"),
			flags.Duration("timeout", "give up after this `TIME`, connecting included", defaultTimeout),
			&cli.BoolFlag{Name: "progress", Usage: "print progressive results as well, each in a line"},
			&cli.BoolFlag{Name: "full", Usage: "print what was proved of the result too"},
		),
	}, env.call)
}

// answer is a result with all that is known of it.
type answer struct {
	Error  string          `json:"error,omitempty"`
	Args   json.RawMessage `json:"args"`
	Kwargs json.RawMessage `json:"kwargs"`
	Sealed bool            `json:"sealed"`
	Proved *proved         `json:"proved,omitempty"`
}

func newAnswer(details wamp.Dict, args wamp.List, kwargs wamp.Dict) (answer, error) {
	a := answer{Proved: provedOf(details)}
	a.Sealed = a.Proved != nil
	var err error
	a.Args, a.Kwargs, err = jsonOf(args, kwargs)
	return a, err
}

// short gives the result as it is printed without -full.
func short(a answer, args, kwargs int) any {
	switch {
	case args == 0 && kwargs == 0:
		return nil
	case args == 1 && kwargs == 0:
		return a.Args[1 : len(a.Args)-1] // between the brackets
	}
	return struct {
		Args   json.RawMessage `json:"args"`
		Kwargs json.RawMessage `json:"kwargs"`
	}{a.Args, a.Kwargs}
}

// printResult prints a result, or progress.
func (env Env) printResult(result *wamp.Result, full bool) error {
	a, err := newAnswer(result.Details, result.Arguments, result.ArgumentsKw)
	switch {
	case err != nil:
		return err
	case full:
		return env.print(a, "")
	}
	return env.print(short(a, len(result.Arguments), len(result.ArgumentsKw)), "")
}

func (env Env) call(ctx context.Context, cmd *cli.Command) (err error) {
	timeout := cmd.Duration("timeout")
	if timeout <= 0 {
		return env.Usage(cmd, "-timeout has to be above 0: give %s", flags.DurationHelp)
	}
	m, err := env.newMessage(cmd, "PROCEDURE")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %v; -timeout allows more", timeout))
	defer cancel()
	session, end, err := env.join(ctx, m)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()

	full := cmd.Bool("full")
	var progress client.ProgressHandler
	failed := make(chan error, 1) // to print progress
	if cmd.Bool("progress") {
		progress = func(result *wamp.Result) {
			if err := env.printResult(result, full); err != nil {
				select {
				case failed <- err:
				default:
				}
				cancel()
			}
		}
	}
	how := m.keys.howSent(m.uri)
	result, err := session.Call(ctx, m.uri, nil, m.payload.args, m.payload.kwargs, progress)
	select {
	case err := <-failed:
		return err
	default:
	}
	if err != nil {
		return env.callError(ctx, how, err)
	}
	env.note("called %s, %s", m.uri, how)
	return env.printResult(result, full)
}

// mostOften is why the other end refuses without a word.
const mostOften = "most often the two ends hold different keys, or, of a signed key, the other end doesn't list this one as a sender"

// callError says why a call has failed.
func (env Env) callError(ctx context.Context, how string, err error) error {
	var raised client.RPCError
	var refused *transparency.Error
	switch {
	case errors.As(err, &raised) && raised.Err != nil:
		return env.raised(how, raised.Err)
	case errors.As(err, &refused) && refused.Reason == transparency.Refused && refused.Peer == nil:
		env.note("the call was sent %s: "+mostOften+", which wampbox doctor -peer finds", how)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return err
}

// raised prints an error of the callee, or of the router.
func (env Env) raised(how string, e *wamp.Error) error {
	a, err := newAnswer(e.Details, e.Arguments, e.ArgumentsKw)
	if err != nil {
		return err
	}
	a.Error = string(e.Error)
	line, err := values.Text(a, "")
	if err != nil {
		return err
	}
	_, _ = env.Stderr.Write(line)
	switch e.Error {
	case transparency.URINoPayloadCodec, transparency.URIDecryptError, transparency.URISealedOnly:
		env.note("the call was sent %s, and its callee refuses that: "+
			mostOften+", which wampbox doctor -peer finds", how)
	case wamp.ErrNoSuchProcedure:
		env.note("nobody serves the procedure at present, or its name is another one, as under another scramble secret: wampbox doctor -peer compares those")
	}
	return ErrSaid
}
