// The responder is the answering end of Crossbar.io's cryptobox example: it
// registers procedures and subscribes to topics, some plain, some encrypted. The
// originator is the other end.
//
// This file connects; procedures.go and events.go hold what is served.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const about = `The answering end of Crossbar.io's cryptobox example. Start it first, then the
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
	settings := party.NewFlags("responder", about, party.SampleResponder).Parse(os.Args[1:])
	settings.Exit(respond(party.UntilSignal(), settings))
}

// respond serves until ctx ends, which is success, or the router goes away.
func respond(ctx context.Context, settings *party.Settings) error {
	// A responder holds its own private key and the originator's public key.
	session, err := settings.Connect(ctx, keyring.Responder)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	if err := serve(session); err != nil {
		return err
	}
	output.Print("session ready")

	select {
	case <-ctx.Done():
		leave(session)
		return nil
	case <-session.Done():
		return routerGone(session)
	}
}

func serve(session *transparency.Session) error {
	if err := registerProcedures(session); err != nil {
		return err
	}
	return subscribeToEvents(session)
}

// leave says goodbye to the router, but doesn't wait long for its answer.
func leave(session *transparency.Session) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = party.Within(ctx, session.Close)
}

func routerGone(session *transparency.Session) error {
	if goodbye := session.RouterGoodbye(); goodbye != nil {
		return fmt.Errorf("the router ended the session: %.200q", goodbye.Reason)
	}
	return errors.New("the connection to the router is lost")
}
