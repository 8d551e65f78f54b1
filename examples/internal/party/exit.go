package party

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Exit statuses besides 0.
const (
	failure    = 1
	usageError = 2
)

// UntilSignal returns a context that ends at SIGINT (Ctrl-C) or SIGTERM. A
// second one ends the program at once, whatever it is doing.
func UntilSignal() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}

// Exit ends the program, with a message and the status that fit err.
func (s *Settings) Exit(err error) {
	if err == nil {
		os.Exit(0)
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", s.Program, err)
	if errors.Is(err, transparency.ErrOption) {
		os.Exit(usageError)
	}
	os.Exit(failure)
}
