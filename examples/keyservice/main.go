// Keyservice shows how keys reach their holders by themselves, through a router that nobody
// has to trust. In a checkout of this repository it needs nothing else:
//
//	go run ./examples/keyservice
//
// A router, the server of the keys and three members run as processes of their own, and the
// tool wampbox is the operator's. The shop calls the desk and publishes to it and to the archive,
// all the time. Meanwhile the key is rotated, the archive's rights are taken away, and the server
// is gone for a while. Whatever the processes and the tool say is printed, and all messages are
// counted: the program exits with 0 only if none was lost that had to arrive, and none arrived
// that mustn't.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const usage = `Usage: keyservice [-every TIME] [-lead TIME] [-away TIME] [-wampbox FILE]

Starts a router, a key server and three members as processes, hands the members their keys
through the router, rotates the key, revokes a member and stops the server for a while, all
while messages go on. It builds wampbox with the go command, unless -wampbox names the tool.

`

// timing is how long things take here. In real systems lead is a day or more.
type timing struct {
	every time.Duration // between messages
	lead  time.Duration // from a rotation to the date on which the new key seals
	away  time.Duration // for which the server is gone
}

func main() {
	var t timing
	flag.DurationVar(&t.every, "every", 10*time.Millisecond, "the `TIME` between two messages")
	flag.DurationVar(&t.lead, "lead", 6*time.Second, "the `TIME` from a rotation to the moment from which the new key seals")
	flag.DurationVar(&t.away, "away", 8*time.Second, "the `TIME` for which the server is gone")
	tool := flag.String("wampbox", "", "the tool, a `FILE`; without it, the go command builds it")
	part := flag.String("part", "", "be a `PROCESS` of those that this program starts, and nothing else: router or member")
	var own own
	own.flags(flag.CommandLine)
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
		fmt.Fprintln(flag.CommandLine.Output(), "\nExit codes: 0 all came out as it must, 1 something did not, 2 wrong flags.")
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch *part {
	case "router":
		err = serveRouter(ctx)
	case "member":
		err = own.run(ctx, t.every)
	case "":
		err = show(ctx, t, *tool)
	default:
		err = errors.New("-part is router or member")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyservice:", err)
		stop()
		os.Exit(1)
	}
}

// show runs it all in a folder that is removed in the end.
func show(ctx context.Context, t timing, tool string) error {
	dir, err := os.MkdirTemp("", "keyservice")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if tool == "" {
		tool = filepath.Join(dir, "wampbox")
		build := exec.CommandContext(ctx, "go", "build", "-o", tool, "github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building wampbox, which needs the go command and a checkout: %w", err)
		}
	}
	s := &stage{timing: t, dir: dir, tool: tool}
	defer s.stop()
	return s.play(ctx)
}
