// Command router runs a WAMP router for trying things out: a nexus router with
// anonymous clients, WebSocket and RawSocket, without TLS.
//
//	go run ./examples/router
//	go run ./examples/router -show
//	go run ./examples/router -listen 127.0.0.1:9000 -rawsocket "" -realm realm1,realm2
//
// It knows nothing of encryption: sealed payloads pass through it like others.
// Keep it on the loopback interface. It authenticates nobody, and a client can
// end a nexus router with a malformed RawSocket frame.
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
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // couldn't listen
	exitUsage  = 2 // flags that make no sense
)

func main() {
	// A second signal ends the program at once: the first one restores the default.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program from flags to exit code. It ends with ctx.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseOptions(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage())
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "router: %v\nrouter: -h shows the flags\n", err)
		return exitUsage
	}
	s, err := start(opts, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "router: %v\n", err)
		return exitFailed
	}
	for _, url := range s.urls {
		fmt.Fprintln(stdout, "listening on", url)
	}
	for _, realm := range opts.realms {
		fmt.Fprintln(stdout, "realm", realm)
	}
	fmt.Fprintln(stdout, "router ready")
	<-ctx.Done()
	s.stop()
	fmt.Fprintln(stdout, "router stopped")
	return exitOK
}
