// The responder is the answering end of Crossbar.io's cryptobox example: it
// registers procedures and subscribes to topics, some plain, some encrypted. The
// originator is the other end.
//
// connect.go has flags, keys and the connection; procedures.go and events.go hold
// what is served.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const about = `Usage: responder [flags]

The answering end of Crossbar.io's cryptobox example. Start it first, then the
originator. It serves what follows, each a second time under
com.myapp.encrypted. (com.myapp.encrypted.add2 and so on), where payloads are
encrypted end to end and the router can't read or forge them:

  com.myapp.add2    procedure: the sum of two integers
  com.myapp.failme  procedure: raises com.myapp.encrypted.error1 for true,
                    com.myapp.error1 for false
  com.myapp.hello   topic: events are printed, with how they came

It prints "session ready" when it can be called, and ends at Ctrl-C or SIGTERM.
`

// output gets whole lines, also from handlers that run at the same time.
var output = log.New(os.Stdout, "", 0)

func main() {
	log.SetFlags(0)
	log.SetPrefix("responder: ")
	o := parseFlags()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := respond(ctx, o); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

// respond serves until ctx ends or the router goes away.
func respond(ctx context.Context, o options) error {
	session, err := connect(ctx, o)
	if err != nil {
		return err
	}
	if err := registerProcedures(session); err != nil {
		return err
	}
	if err := subscribeToEvents(session); err != nil {
		return err
	}
	output.Print("session ready")

	select {
	case <-ctx.Done():
		time.AfterFunc(2*time.Second, func() { os.Exit(0) }) // a router that hangs doesn't keep us
		return session.Close()
	case <-session.Done():
		if goodbye := session.RouterGoodbye(); goodbye != nil {
			return fmt.Errorf("the router ended the session: %.200q", goodbye.Reason)
		}
		return errors.New("the connection to the router is lost")
	}
}
