// Signed shows what signed keys are for: who publishes can't read, who reads can't publish,
// and each message proves who sent it. It runs a router and all parties in one process, and
// needs nothing else:
//
//	go run ./examples/signed
//
// Three sensors publish, an archive and a display subscribe, an office and others call, and a
// service opens valves for those who may. While all that goes on, one sensor is taken off the
// lists, and the parties try what they have no right to. The program prints who could do what,
// and why not. It exits with 0 only if all of it came out as it must, and no honest message
// was lost.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

const usage = `Usage: signed [-suite SUITE] [-once]

Starts a nexus router in this process, and parties with signed keys at it: three
sensors that publish, two subscribers, callers, and a service. Each right and each
refusal is tried for real, while the others go on. It prints a table of who could do
what, and how it came out.

`

// patience bounds the whole run.
const patience = 30 * time.Second

func main() {
	suite := cryptobox.SuiteSigned
	flag.Func("suite", "the `SUITE`: signed, or signed-pq, whose payloads stay closed to quantum computers (default signed)", func(name string) (err error) {
		if suite, err = cryptobox.ParseSuite(name); err == nil && !suite.Signed() {
			err = errors.New("it isn't signed")
		}
		return err
	})
	once := flag.Bool("once", false, "sign calls and answers once an hour, not each: several times as fast, and who reads a caller's calls\ncan make up others in its name for that hour")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
		fmt.Fprintln(flag.CommandLine.Output(), "\nExit codes: 0 all came out as it must, 1 something did not, 2 wrong flags.")
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "signed takes no arguments\n\n")
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out := bufio.NewWriter(os.Stdout)
	err := run(ctx, out, suite, *once)
	if err = errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "signed:", err)
		os.Exit(1)
	}
}

// run has honest traffic go on while a sensor is removed and everything is tried.
func run(ctx context.Context, out io.Writer, suite cryptobox.Suite, once bool) error {
	p, err := newPlant(suite, once)
	if err != nil {
		return err
	}
	defer p.close()
	return p.play(ctx, out)
}

func (p *plant) play(ctx context.Context, out io.Writer) error {
	traffic, err := p.startTraffic(ctx)
	if err != nil {
		return err
	}
	tried, err := p.tryMeanwhile(ctx, traffic)
	if err = errors.Join(err, traffic.end()); err != nil {
		return err
	}
	counted, err := traffic.count(ctx)
	if err != nil {
		return err
	}
	return printTable(out, append(counted, tried...))
}

// tryMeanwhile removes a sensor and has everything tried, with enough traffic before and after.
func (p *plant) tryMeanwhile(ctx context.Context, traffic *traffic) ([]row, error) {
	if err := traffic.await(ctx, enough); err != nil {
		return nil, err
	}
	if err := traffic.removeEast(); err != nil {
		return nil, err
	}
	tried, err := p.tryAll(ctx)
	if err != nil {
		return nil, err
	}
	return tried, traffic.await(ctx, traffic.until+enough)
}
