package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"

	"github.com/gammazero/nexus/v3/client"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

const realm = "realm1"

var silent = log.New(io.Discard, "", 0)

// serveRouter is a nexus router in a process of its own, until standard input ends. It
// begins with "ready URL". Each line is a procedure to call, whose answer nobody waits
// for.
func serveRouter(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	r, err := testrouter.New(realm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	caller, err := client.ConnectLocal(r.Router(), client.Config{Realm: realm, Logger: silent})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fmt.Fprintln(out, "ready", r.WebSocketURL())
	for lines := bufio.NewScanner(in); lines.Scan(); {
		procedure := lines.Text()
		go func() { _, _ = caller.Call(ctx, procedure, nil, nil, nil, nil) }()
	}
	return nil
}

// startRouterProcess starts one. Its banner is its URL.
func startRouterProcess(ctx context.Context) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program, to start the router: %w", err)
	}
	return startProcess(ctx, exec.Command(program, "-router"))
}
