package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/traffic"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, in io.Reader, out, log io.Writer) int {
	o, err := parseOptions(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage())
		return 0
	case err != nil:
		fmt.Fprintf(log, "bench: %v\n\n%s", err, usage())
		return exitUsage
	}
	if o.router {
		err = traffic.ServeRouter(in, out)
	} else {
		err = bench(ctx, o, out, log)
	}
	if err != nil {
		fmt.Fprintln(log, err)
		return exitFailed
	}
	return 0
}

// bench measures, writes the files and prints the table.
func bench(ctx context.Context, o options, out, log io.Writer) (err error) {
	start := time.Now()
	s, done, err := o.settings(log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	r, err := measure(ctx, o, s, start)
	if err != nil {
		return err
	}
	if err := write(o.out, r); err != nil {
		return err
	}
	if err := r.WriteMarkdown(out); err != nil {
		return err
	}
	fmt.Fprintf(log, "bench: done in %v; the table, all figures and a plot are in %s\n", time.Since(start).Round(time.Second), o.out)
	return nil
}
