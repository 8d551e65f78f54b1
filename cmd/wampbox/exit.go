package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
)

// Exit statuses.
const (
	statusFine    = 0
	statusFailure = 1 // or findings
	statusUsage   = 2
)

// errFindings ends a command that has said what it found.
var errFindings = errors.New("there are findings")

// usageError is about how the tool was called, not about what it found.
type usageError struct {
	command string // as the user has to write it
	err     error
}

// Error gives the cause.
func (e *usageError) Error() string { return e.err.Error() }

// Unwrap gives the cause.
func (e *usageError) Unwrap() error { return e.err }

// exitStatus says what went wrong on standard error, and gives the status.
func exitStatus(err error) int {
	var usage *usageError
	var helpless cli.ExitCoder // from the library's own help command
	if err == nil {
		return statusFine
	}
	says := words.Of(err)
	switch {
	case errors.Is(err, errFindings), errors.Is(err, live.ErrSaid):
		return statusFailure
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "%s: %s\n%[1]s -h says how to use it\n", usage.command, says)
		return statusUsage
	case errors.As(err, &helpless):
		fmt.Fprintf(os.Stderr, "%s: %s\n%[1]s -h lists the commands\n", name, says)
		return statusUsage
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", name, says)
	return statusFailure
}
