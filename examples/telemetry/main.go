// Telemetry is a program whose metrics Prometheus can scrape. It runs a router, a shop and a
// customer in one process, and needs nothing else:
//
//	go run ./examples/telemetry
//	curl http://127.0.0.1:9464/metrics
//
// The customer calls and publishes, sealed. Somebody without keys publishes in plain, which is
// refused for some URIs and taken for others. The keys are in a file that both follow, and are
// rotated. dashboard.json shows all of it in Grafana, and docs/TELEMETRY.md says what it means.
//
// Whoever can scrape it learns how much goes on, and with -patterns which URIs there are. So it
// listens on the loopback interface, unless -listen says otherwise. Ctrl-C ends it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `Usage: telemetry [flags]

Starts a nexus router, two sessions that send one another sealed messages, and an HTTP
server with their metrics under /metrics, until it is interrupted.

`

// options are what the flags say.
type options struct {
	listen        string
	every, rotate time.Duration
	patterns      int
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:9464", "`host:port` for scrapes")
	flag.DurationVar(&o.every, "every", 200*time.Millisecond, "the `TIME` between rounds of messages")
	flag.DurationVar(&o.rotate, "rotate", time.Minute, "the `TIME` between rotations of the key")
	flag.IntVar(&o.patterns, "patterns", 0, "tell so many `PATTERNS` and keys apart; 0 for none")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 || o.every <= 0 || o.rotate <= 0 {
		fmt.Fprintln(os.Stderr, "telemetry: it takes no arguments, and times above zero; -h tells the flags")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "telemetry:", err)
		os.Exit(1)
	}
}

// run works until ctx ends.
func run(ctx context.Context, o options, out io.Writer) error {
	m, err := newMetrics(o.patterns)
	if err != nil {
		return err
	}
	defer m.close()
	s, err := newStage(ctx, m.Telemetry)
	if err != nil {
		return err
	}
	defer s.close()
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: m.handler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(out, "http://%s/metrics\n", listener.Addr())

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	played := make(chan error, 1)
	go func() { played <- s.play(ctx, o.every, o.rotate) }()
	select {
	case err = <-played:
		return errors.Join(err, server.Close(), closed(<-ended))
	case err = <-ended:
		cancel()
		return errors.Join(err, <-played)
	}
}

// closed is nil for a server that was closed.
func closed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
