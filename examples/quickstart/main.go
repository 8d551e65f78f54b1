// Quickstart runs a router, an originator and a responder in one process and
// shows side by side what the router saw of each exchange and what the
// responder's handler, or the caller, got. It needs nothing else:
//
//	go run ./examples/quickstart
//
// It exits with 0 only if every scene came out right and nothing that was to be sealed
// was found in what crossed the connections.
package main

import (
	"bufio"
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

const usage = `Usage: quickstart

Starts a nexus router on a free loopback port, connects an originator and a
responder to it over RawSocket, and exchanges sealed events, calls, errors,
progressive results and a progressive call. Then an event goes to a topic that is
declared plain, and one to a topic with a typo, which isn't sent; and the router
passes the first event off as one of another topic. It prints what the router saw,
as captured from the connections, beside what the application got.

It takes no flags but -h. Exit code 0: everything came out right and nothing that
was to be sealed crossed the connections in plain; 1: something did not.
`

// patience bounds the whole run.
const patience = 30 * time.Second

func main() {
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "quickstart takes no arguments\n\n%s", usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out := bufio.NewWriter(os.Stdout)
	err := run(ctx, out)
	if err = errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run sets the stage, plays every scene and looks for plaintext.
func run(ctx context.Context, out io.Writer) error {
	st, err := newStage(ctx)
	if err != nil {
		return err
	}
	defer st.close()
	for _, scene := range scenes {
		got, err := scene.play(ctx, st)
		if err != nil {
			return fmt.Errorf("%s: %w", scene.title, err)
		}
		st.print(out, scene.title, got)
	}
	return st.search(out)
}
