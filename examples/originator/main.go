// The originator is the calling end of Crossbar.io's cryptobox example: it calls
// procedures and publishes events, some plain, some encrypted, and checks what
// comes back. The responder is the other end.
//
// connect.go has flags, keys and the connection; add2.go, failme.go and hello.go
// hold one exchange each.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
)

const about = `Usage: originator [flags]

The calling end of Crossbar.io's cryptobox example. Start the responder first.
It does what follows once plain and once under com.myapp.encrypted.
(com.myapp.encrypted.add2 and so on), where payloads are encrypted end to end
and the router can't read or forge them:

  com.myapp.add2    calls it with 23 and 1, 2, 3
  com.myapp.failme  calls it with false and true, and expects errors
  com.myapp.hello   publishes three events, acknowledged

It prints each outcome with how it came, and succeeds if all values are right
and all that should be encrypted was. Between these programs an error that
answers an encrypted call is encrypted, and its URI too. Autobahn's goes by the
URI of the error.
`

func main() {
	log.SetFlags(0)
	log.SetPrefix("originator: ")
	o := parseFlags()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, fmt.Errorf("not done within %v; -timeout allows more", o.timeout))
	defer cancel()

	done := make(chan error, 1)
	go func() { done <- originate(ctx, o) }() // Publish and Close take no context
	select {
	case err := <-done:
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			log.Fatal(err)
		}
	case <-ctx.Done():
	}
	log.Fatal(context.Cause(ctx))
}

// originate does everything that -h lists, and stops at the first that is wrong.
func originate(ctx context.Context, o options) (err error) {
	session, dialect, err := connect(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	if err := callAdd2(ctx, session); err != nil {
		return err
	}
	if err := callFailMe(ctx, session, dialect); err != nil {
		return err
	}
	if err := publishHello(session); err != nil {
		return err
	}
	fmt.Println("all as expected")
	return nil
}
