// Scrambling shows what a router sees of URIs that are scrambled, beside what programs see. It
// runs a router and all parties in one process, and needs nothing else:
//
//	go run ./examples/scrambling
//
// Tills publish what they sell, and ask how much is left. Their head office and a branch
// subscribe, by prefix and by wildcard. The secret is changed while that goes on, and parties
// without it try what they can. The program prints two tables. It exits with 0 only if all of
// it came out as it must.
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

const usage = `Usage: scrambling

Starts a nexus router in this process that notes each URI it gets, and parties at it
whose URIs are scrambled. It prints a table of the URIs that programs use and those
that the router sees, and one of what comes of a change of the secret, and of parties
that don't hold it.

It takes no flags but -h. Exit code 0: all came out as it must; 1: something did not.
`

// patience bounds the whole run.
const patience = 30 * time.Second

func main() {
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "scrambling takes no arguments\n\n%s", usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out := bufio.NewWriter(os.Stdout)
	err := run(ctx, out)
	if err = errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "scrambling:", err)
		os.Exit(1)
	}
}

// run has everything happen, and prints it.
func run(ctx context.Context, out io.Writer) error {
	s, err := newShop()
	if err != nil {
		return err
	}
	defer s.close()
	return s.play(ctx, out)
}

func (s *shop) play(ctx context.Context, out io.Writer) error {
	seen, err := s.work(ctx)
	if err != nil {
		return err
	}
	printURIs(out, seen)
	rows, err := s.rotate(ctx)
	if err != nil {
		return err
	}
	tried, err := s.tryAll(ctx)
	if err != nil {
		return err
	}
	return printRows(out, append(rows, tried...))
}
