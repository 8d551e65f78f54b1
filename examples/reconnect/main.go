// Reconnect is a program that outlives its router: start one, and this, and take the
// router away for a while.
//
//	go run ./examples/router
//	go run ./examples/reconnect -health 127.0.0.1:8090
//
// Once a second it calls a procedure, sealed, which it serves itself, and prints what
// came of that: an answer, or that nothing was sent, or that nobody knows whether the call
// has run. It says when the connection is lost and when everything is back in place, and
// http://127.0.0.1:8090/ tells that to a health check. Ctrl-C has it end what runs, and leave.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	prefix    = "com.myapp.encrypted."
	procedure = prefix + "echo"

	// joinTime is how long the router may take to welcome us at first, leaveTime what
	// handlers may still take in the end.
	joinTime  = 10 * time.Second
	leaveTime = 5 * time.Second
)

func main() {
	log.SetFlags(0)
	router := flag.String("router", "ws://127.0.0.1:8080/ws", "`URL` of the router: ws://, wss://, tcp://, tcps:// or unix://")
	realm := flag.String("realm", "realm1", "WAMP `REALM` to join")
	every := flag.Duration("every", time.Second, "the `TIME` between calls")
	health := flag.String("health", "", "tell health checks at this `ADDRESS`, such as 127.0.0.1:8090, whether all is in place")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *router, *realm, *health, *every); err != nil {
		log.Fatal("reconnect: ", err)
	}
}

func run(ctx context.Context, router, realm, health string, every time.Duration) error {
	ring := keyring.New()
	if err := ring.Set(keyring.Prefix(prefix), keyring.Shared(cryptobox.GenerateSymmetricKey())); err != nil {
		return err
	}
	session, err := connect(ctx, router, realm, ring)
	if err != nil {
		return err
	}
	defer func() { _ = session.Close() }()
	if err := session.Register(procedure, echo, nil); err != nil {
		return err
	}
	if health != "" {
		server := &http.Server{Addr: health, Handler: checks(session), ReadHeaderTimeout: time.Second}
		go func() { log.Print("health checks: ", server.ListenAndServe()) }()
		defer func() { _ = server.Close() }()
	}
	if err := work(ctx, session, every); err != nil {
		return err
	}
	leaving, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	return session.Shutdown(leaving)
}

// connect joins, and stays: the policy says how to come back. What the session reports goes
// to standard error, as records.
func connect(ctx context.Context, router, realm string, ring *keyring.Ring) (*transparency.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	policy := transparency.ReconnectPolicy{
		Min:          200 * time.Millisecond,
		Max:          5 * time.Second,
		OnDisconnect: func(err error) { fmt.Println("lost:", err) },
		OnReconnect:  func() { fmt.Println("connected again") },
		// Dial would give another URL, or a fresh ticket, for each attempt.
	}
	return transparency.ConnectNet(ctx, router, client.Config{Realm: realm}, ring,
		transparency.WithReconnect(policy),
		transparency.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))))
}

func echo(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	return client.InvokeResult{Args: inv.Arguments}
}

// work calls until ctx ends, or the session for good.
func work(ctx context.Context, session *transparency.Session, every time.Duration) error {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for n := 1; ; n++ {
		result, err := session.Call(ctx, procedure, nil, wamp.List{n}, nil, nil)
		switch {
		case err == nil:
			fmt.Println("answered:", result.Arguments[0])
		case errors.Is(err, transparency.ErrNotConnected):
			fmt.Println("not sent:", n) // it can be tried again
		case errors.Is(err, transparency.ErrInterrupted):
			fmt.Println("may have run:", n) // only what may run twice can be tried again
		case ctx.Err() == nil:
			fmt.Println("failed:", n, err)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		case <-session.Done():
			return session.Err()
		}
	}
}

// checks answers 200 where all is in place, and 503 with what is missing.
func checks(session *transparency.Session) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := session.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
}
