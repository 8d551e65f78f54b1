// The originator is the calling end of Crossbar.io's cryptobox example: it calls
// procedures and publishes events, some plain, some encrypted, and checks what
// comes back. The responder is the other end.
//
// This file connects; add2.go, failme.go and hello.go hold one exchange each.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const about = `The calling end of Crossbar.io's cryptobox example. Start the responder first.
It does what follows once plain and once under com.myapp.encrypted.
(com.myapp.encrypted.add2 and so on), where payloads are encrypted end to end
and the router can't read or forge them:

  com.myapp.add2    calls it with 23 and 1, 2, 3
  com.myapp.failme  calls it with false and true, and expects errors
  com.myapp.hello   publishes three events, acknowledged

It prints each outcome with how it came, and succeeds if all values are right
and all that should be encrypted was.
`

func main() {
	flags := party.NewFlags("originator", about, party.SampleOriginator)
	timeout := flags.Duration("timeout", 10*time.Second, "give up when not all is done after this `TIME`")
	settings := flags.Parse(os.Args[1:])
	if *timeout <= 0 {
		flags.Reject(errors.New("-timeout: give a time above 0, such as 10s"))
	}
	ctx, cancel := context.WithTimeoutCause(party.UntilSignal(), *timeout, fmt.Errorf("not done within %v; -timeout allows more", *timeout))
	defer cancel()
	settings.Exit(originate(ctx, settings))
}

func originate(ctx context.Context, settings *party.Settings) error {
	// An originator holds its own private key and the responder's public key.
	session, err := settings.Connect(ctx, keyring.Originator)
	if err != nil {
		return err
	}
	return party.Within(ctx, func() error {
		defer func() { _ = session.Close() }()
		return exchange(ctx, session, settings.Framing)
	})
}

// exchange does everything that -h lists, and stops at the first that is wrong.
func exchange(ctx context.Context, session *transparency.Session, framing transparency.Framing) error {
	if err := callAdd2(ctx, session); err != nil {
		return err
	}
	if err := callFailMe(ctx, session, framing); err != nil {
		return err
	}
	if err := publishHello(session); err != nil {
		return err
	}
	fmt.Println("all as expected")
	return nil
}
