// Command setup makes the Python environment of the interop suite where it is
// missing, and says in one line what is in it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	env, err := interop.Make(ctx, os.Stderr)
	if err != nil {
		stop()
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("interop suite: %s\n", env.Versions)
}
