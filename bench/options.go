package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/settings"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// Modes.
const (
	modeFull  = "full"
	modeShort = "short"
)

// options are what the flags say.
type options struct {
	mode   string
	out    string
	only   sectionList
	rounds int
	router bool
}

// sectionList is a flag that takes a comma list of sections.
type sectionList []string

func (l *sectionList) String() string { return strings.Join(*l, ",") }

// Set implements [flag.Value].
func (l *sectionList) Set(text string) error {
	for name := range strings.SplitSeq(text, ",") {
		if !slices.Contains(sectionNames(), name) {
			return fmt.Errorf("there is no section %q: give some of %s", name, strings.Join(sectionNames(), ","))
		}
		*l = append(*l, name)
	}
	return nil
}

func newFlags(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run reports errors and help itself
	flags.StringVar(&o.mode, "mode", modeFull, "`full`, or short: a trial of the harness, whose figures say nothing")
	flags.StringVar(&o.out, "out", filepath.Join("bench", "out"), "`folder` for bench.md, bench.csv and bench.svg")
	flags.Var(&o.only, "only", "`sections` to measure, separated by commas: "+strings.Join(sectionNames(), ",")+" (default all)")
	flags.IntVar(&o.rounds, "rounds", 0, "`number` of runs of each figure; 0 for the mode's own")
	flags.BoolVar(&o.router, "router", false, "be the nexus router that a benchmark starts, and nothing else")
	return flags
}

// parseOptions returns flag.ErrHelp for -h.
func parseOptions(args []string) (options, error) {
	var o options
	flags := newFlags(&o)
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	switch {
	case flags.NArg() > 0:
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.mode != modeFull && o.mode != modeShort:
		return options{}, fmt.Errorf("-mode %q: give full or short", o.mode)
	case o.rounds < 0:
		return options{}, errors.New("-rounds: give a number of runs, or 0")
	case o.out == "":
		return options{}, errors.New("-out: give a folder")
	}
	if len(o.only) == 0 {
		o.only = sectionNames()
	}
	return o, nil
}

// settings prepares what is needed, and returns what removes it.
func (o options) settings(log io.Writer) (s settings.Settings, done func() error, err error) {
	s = settings.Full()
	if o.mode == modeShort {
		s = settings.Short()
	}
	if o.rounds > 0 {
		s.Rounds = o.rounds
	}
	program, err := os.Executable()
	if err != nil {
		return s, nil, fmt.Errorf("bench: find this program, to start the router: %w", err)
	}
	s.RouterStart = []string{program, "-router"}
	if s.Scratch, err = os.MkdirTemp("", "wampbox-bench-"); err != nil {
		return s, nil, fmt.Errorf("bench: make a folder: %w", err)
	}
	start := time.Now()
	s.Progress = func(text string) {
		fmt.Fprintf(log, "bench: %4.0f s  %s\n", time.Since(start).Seconds(), text)
	}
	if !s.Short {
		python(&s)
	}
	return s, func() error { return os.RemoveAll(s.Scratch) }, nil
}

// python finds Crossbar.io and Autobahn, or notes why they can't be had.
func python(s *settings.Settings) {
	var err error
	if s.Python, err = interop.Interpreter(); err != nil {
		s.NoPython = err.Error()
	}
}

func usage() string {
	var text strings.Builder
	text.WriteString(`Measures what sealing costs, beside the NaCl box alone, libsodium, Autobahn|Python
and plain nexus. Prints a Markdown table; progress goes to standard error.

Usage: bench [flags]

`)
	flags := newFlags(&options{})
	flags.SetOutput(&text)
	flags.PrintDefaults()
	text.WriteString(`
Exit codes: 0 measured, 1 something failed or came out wrong, 2 wrong flags. Goals
that are missed and comparators that aren't installed are in the table.
`)
	return text.String()
}
