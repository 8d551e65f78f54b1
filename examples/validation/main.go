// Validation shows what becomes of payloads that don't meet their schemas, at both ends. It runs
// a router, a shop and customers in one process, and needs nothing else:
//
//	go run ./examples/validation
//
// The shop and a careful customer have the schemas of the folder schemas, a careless customer
// has none. The program prints what each of them gets. It exits with 0 only if all of it came
// out as it must.
package main

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/validation"
)

const usage = `Usage: validation

Starts a nexus router in this process, a shop that validates what it gets and what it
answers, a customer that validates what it sends, and one that doesn't. It prints what
becomes of calls and events that are valid, and of such as aren't.

It takes no flags but -h. Exit code 0: everything came out right; 1: something did not.
`

//go:embed schemas
var schemas embed.FS

// patience bounds the whole run.
const patience = 30 * time.Second

func main() {
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "validation takes no arguments\n\n%s", usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out := bufio.NewWriter(os.Stdout)
	err := run(ctx, out)
	if err = errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "validation:", err)
		os.Exit(1)
	}
}

// run loads the schemas, and plays every scene. A program of your own loads a folder by
// validation.Load("schemas").
func run(ctx context.Context, out io.Writer) error {
	folder, err := fs.Sub(schemas, "schemas")
	if err != nil {
		return err
	}
	v, err := validation.LoadFS(folder)
	if err != nil {
		return err
	}
	s, err := newStage(v)
	if err != nil {
		return err
	}
	defer s.close()
	return s.play(ctx, out)
}
