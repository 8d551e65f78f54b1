package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// ErrSaid ends a command that has said on its outputs what is wrong: there is nothing to
// add but the exit status.
var ErrSaid = errors.New("what is wrong has been said")

// Env is what the tool around the commands gives them. All of it is needed.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer // written to by several goroutines, a line at a time

	// AccessFlags makes the flags that say how keyring files are read, AccessHelp
	// explains them, and Access gives what they say: the options for a file.
	AccessFlags func() []cli.Flag
	AccessHelp  string
	Access      func(cmd *cli.Command) (func(path string) ([]keyfile.Option, error), error)

	// Usage makes an error about how a command was called. OnUsageError is for those
	// that the parser finds.
	Usage        func(cmd *cli.Command, format string, args ...any) error
	OnUsageError cli.OnUsageErrorFunc
}

// command makes a command that ends when it is interrupted, or told to terminate.
func (env Env) command(cmd *cli.Command, do func(context.Context, *cli.Command) error) *cli.Command {
	cmd.HideHelpCommand = true
	cmd.OnUsageError = env.OnUsageError
	cmd.Action = func(ctx context.Context, cmd *cli.Command) error {
		ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer stop()
		return do(ctx, cmd)
	}
	return cmd
}

// note says something to the user.
func (env Env) note(format string, args ...any) {
	fmt.Fprintln(env.Stderr, words.Clean(fmt.Sprintf(format, args...)))
}
