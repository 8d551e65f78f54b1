// Rotation changes the keys of a running system several times, under load, and
// counts: no message may be lost, none refused.
//
//	go run ./examples/rotation
//
// It starts a router, and four processes that exchange sealed events and calls all
// the time, each with a keyring file of its own, which it follows. Meanwhile it
// changes the files with the wampbox tool, as an operator would: add the next key
// everywhere, then seal with it, then let the old one end.
//
// This file has the command line; conductor.go rotates, originator.go and
// responder.go are the load, worker.go is what they share.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `Usage: rotation [flags]

Starts a router and four processes, two originators and two responders, that
exchange sealed events and calls all the time, each with a keyring file of its
own. Meanwhile the keys are rotated with wampbox, without a restart, and it
prints each step as it happens. In the end it counts what was sealed and what
arrived.

Flags:
`

const exitCodes = `
Exit status: 0 nothing was lost or refused, 1 something was, or failed,
2 unusable flags.
`

// options are what the flags say.
type options struct {
	messages  uint64
	rotations int
	timeout   time.Duration
	tool      string

	// Of the four processes, which this program starts.
	worker, name, keyring, router string
}

func main() {
	opts, err := parse(os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "rotation: %v\nrotation: -h prints how to use this program\n", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if opts.worker != "" {
		err = work(ctx, opts)
	} else {
		err = conduct(ctx, opts, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rotation:", err)
		os.Exit(1)
	}
}

func parse(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("rotation", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Uint64Var(&o.messages, "messages", 100_000, "go on until so `many` messages were sealed")
	flags.IntVar(&o.rotations, "rotations", 3, "rotate so `many` times")
	flags.DurationVar(&o.timeout, "timeout", 5*time.Minute, "give up after this `TIME`")
	flags.StringVar(&o.tool, "wampbox", "", "`PATH` of the wampbox tool; by default it is built")
	flags.StringVar(&o.worker, "worker", "", "for the processes that this program starts: originator or responder")
	flags.StringVar(&o.name, "name", "", "for those: which one")
	flags.StringVar(&o.keyring, "keyring", "", "for those: the keyring file")
	flags.StringVar(&o.router, "router", "", "for those: the router")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(out)
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
		fmt.Fprint(out, exitCodes)
		return o, err
	case err != nil:
		return o, err
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.rotations < 1 || o.timeout <= 0:
		return o, errors.New("-rotations and -timeout have to be above 0")
	}
	return o, nil
}
