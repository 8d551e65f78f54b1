package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
)

const realm = "realm1"

var silent = log.New(io.Discard, "", 0)

// startRouter starts a nexus router in this process, on a WebSocket of the loopback
// interface.
func startRouter() (nexus router.Router, url string, stop func() error, err error) {
	nexus, err = router.NewRouter(&router.Config{
		RealmConfigs: []*router.RealmConfig{{URI: realm, AnonymousAuth: true, AllowDisclose: true}},
	}, silent)
	if err != nil {
		return nil, "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		nexus.Close()
		return nil, "", nil, err
	}
	go func() { _ = http.Serve(listener, router.NewWebsocketServer(nexus)) }() // until stop
	stop = func() error {
		err := listener.Close()
		nexus.Close()
		return err
	}
	return nexus, "ws://" + listener.Addr().String() + "/", stop, nil
}

// serveRouter is a nexus router in a process of its own, until standard input ends. It
// begins with "ready URL". Each line is a procedure to call, whose answer nobody waits
// for.
func serveRouter(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	nexus, url, stop, err := startRouter()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	caller, err := client.ConnectLocal(nexus, client.Config{Realm: realm, Logger: silent})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fmt.Fprintln(out, "ready", url)
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
