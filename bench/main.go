package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// benchmark is one run of this program.
type benchmark struct {
	effort
	report
	scratch string // a folder for what is built and started
	log     io.Writer
}

// effort is how much is measured.
type effort struct {
	short    bool
	rounds   int           // how often each figure is measured
	inMemory time.Duration // the least that a run of work in memory takes
	traffic  time.Duration // the same of calls and events
	idle     int           // sessions that do nothing
	waiting  int           // invocations in flight
}

var efforts = map[string]effort{
	"full": {
		rounds: 7, inMemory: 100 * time.Millisecond, traffic: 700 * time.Millisecond, idle: 1_000, waiting: 10_000,
	},
	"short": {
		short: true, rounds: 2, inMemory: 2 * time.Millisecond, traffic: 20 * time.Millisecond, idle: 20, waiting: 200,
	},
}

// section is a part of the benchmark that can be run alone.
type section struct {
	name, what string
	measure    func(*benchmark, context.Context) error
}

var sections = []section{
	{"calls", "calls a second, router in the process", (*benchmark).calls},
	{"cpu", "CPU time and allocations of both clients, router in a process of its own", (*benchmark).cpu},
	{"events", "events a second, and how many are lost", (*benchmark).events},
	{"memory", "memory and goroutines of idle sessions and of invocations in flight", (*benchmark).memory},
	{"messages", "to seal and to open one message in memory", (*benchmark).messages},
	{"signed", "signed messages, beside Ed25519 and XChaCha20-Poly1305 alone", (*benchmark).signed},
	{"wire", "bytes that sealing adds", (*benchmark).wire},
	{"crossbar", "calls through Crossbar.io, beside Autobahn|Python", (*benchmark).crossbar},
}

func main() {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	mode := flags.String("mode", "full", "`full`, or short: a trial of the harness, whose figures say nothing")
	out := flags.String("out", filepath.Join("bench", "out"), "`folder` for bench.md and performance.svg")
	only := map[string]bool{}
	flags.Func("only", "`sections` to measure, separated by commas (default all)", func(list string) error {
		for name := range strings.SplitSeq(list, ",") {
			if !slices.ContainsFunc(sections, func(s section) bool { return s.name == name }) {
				return fmt.Errorf("there is no section %q", name)
			}
			only[name] = true
		}
		return nil
	})
	rounds := flags.Int("rounds", 0, "`number` of runs of each figure; 0 for the mode's own")
	router := flags.Bool("router", false, "be the nexus router that a benchmark starts, and nothing else")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), "Usage: bench [flags]\n\n")
		flags.PrintDefaults()
		fmt.Fprint(flags.Output(), "\nSections:\n")
		for _, s := range sections {
			fmt.Fprintf(flags.Output(), "  %-9s %s\n", s.name, s.what)
		}
	}
	_ = flags.Parse(os.Args[1:]) // exits where it fails
	e, known := efforts[*mode]
	if *rounds > 0 {
		e.rounds = *rounds
	}
	if !known || *rounds < 0 || *out == "" || flags.NArg() > 0 {
		fmt.Fprintln(flags.Output(), "bench: these flags can't be used:", os.Args[1:])
		flags.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if *router {
		err = serveRouter(ctx, os.Stdin, os.Stdout)
	} else {
		err = (&benchmark{effort: e, log: os.Stderr}).run(ctx, only, *out)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures, prints the tables and writes the files.
func (b *benchmark) run(ctx context.Context, only map[string]bool, out string) (err error) {
	b.facts = facts()
	if b.scratch, err = os.MkdirTemp("", "wampbox-bench-"); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.scratch)) }()
	for _, s := range sections {
		if len(only) == 0 || only[s.name] {
			if err := s.measure(b, ctx); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	markdown := b.markdown(b.effort)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(out, "bench.md"), []byte(markdown), 0o644); err != nil {
		return fmt.Errorf("write the tables: %w", err)
	}
	fmt.Print(markdown)
	return writePicture(filepath.Join(out, "performance.svg"), b.panels)
}
