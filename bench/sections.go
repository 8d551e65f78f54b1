package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/machine"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/messages"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/rings"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/settings"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/traffic"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// section is a part of the benchmark that can be run alone.
type section struct {
	name    string
	measure func(context.Context, settings.Settings, *report.Report) error
	goals   func() []report.Goal
}

var sections = []section{
	{report.Messages, messages.Measure, messages.Goals},
	{report.Nexus, traffic.MeasureNexus, traffic.Goals},
	{report.Crossbar, traffic.MeasureCrossbar, traffic.CrossbarGoals},
	{report.Overhead, traffic.MeasureOverhead, noGoals},
	{report.Keyring, rings.Measure, rings.Goals},
}

func noGoals() []report.Goal { return nil }

func sectionNames() []string {
	names := make([]string, len(sections))
	for i, s := range sections {
		names[i] = s.name
	}
	return names
}

// measure runs the sections that were asked for.
func measure(ctx context.Context, o options, s settings.Settings, now time.Time) (*report.Report, error) {
	r := &report.Report{Facts: machine.Facts(now), Notes: notes(s)}
	if s.Python != "" {
		versions, err := interop.VersionsOf(ctx, s.Python)
		if err != nil {
			return nil, err
		}
		r.Facts = append(r.Facts, [2]string{"interop", versions.String()})
	}
	for _, sec := range sections {
		if !slices.Contains(o.only, sec.name) {
			continue
		}
		if err := sec.measure(ctx, s, r); err != nil {
			return nil, err
		}
		if !s.Short { // a trial's ratios say nothing
			r.Goals = append(r.Goals, sec.goals()...)
		}
	}
	return r, nil
}

// notes is what a reader has to know to trust the figures.
func notes(s settings.Settings) []string {
	all := []string{
		fmt.Sprintf("%d runs of each figure; a run in memory takes at least %v, one through a router %v. Before, each has a tenth of a run to warm up. Garbage is collected before a run in memory, not in its time; what the run leaves is.", s.Rounds, s.InMemory, s.Traffic),
	}
	all = append(all,
		"messages: the payload is one argument: text up to 1 KiB, binary above. nacl/box and libsodium seal the payload alone, with a key computed before and a random nonce each; Go allocates each output, the C program uses one buffer again. Autobahn writes its own record, in JSON, without a binding. Ratios to nacl/box are to the payload alone; the row \"record size\" seals as many bytes as a CBOR record has, to compare. Allocations are counted in warm runs on one processor, without garbage collection.",
		"calls: an echo of a number and a text, on WebSockets of the loopback interface. Both Go clients are in the benchmark's process, the nexus router is in another one, each Autobahn session in its own. Every answer is compared. Latency is from the call to its answer, CPU what the processes of both clients used, in user and system mode, for each call; that of Crossbar.io isn't asked. 64 at a time are 64 callers of one session.",
		"events: from Publish to the handler, unacknowledged. No more are under way than the number says, so that the router's queue of 64 drops none, and every one has to arrive.",
		"bytes on the wire: all WAMP messages of a call (CALL, INVOCATION, YIELD, RESULT) or event (PUBLISH, EVENT), without WebSocket's frames; counted once, apart from what is timed.",
		"lookups: the time includes reading the next URI from a list. URIs are distinct and in random order, and all are found; but for the row of ten, nearly every one of 100,000 finds its pattern outside the processor's caches.",
		"opening from several goroutines: messages in CBOR with a binding, sealed before. \"keyring, open, replay memory\" is all in which messages on their way in meet; the checks of the binding, which share nothing, are in the calls.",
	)
	if s.Short {
		all = append(all, "**This is a short run: a trial of the harness. Its figures say nothing.**")
	}
	return all
}

// write writes the three files.
func write(dir string, r *report.Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("bench: make the folder: %w", err)
	}
	for name, to := range map[string]func(io.Writer) error{
		"bench.md":  r.WriteMarkdown,
		"bench.csv": r.WriteCSV,
		"bench.svg": r.WriteSVG,
	} {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		if err := to(file); err != nil {
			_ = file.Close()
			return fmt.Errorf("bench: write %s: %w", name, err)
		}
		if err := file.Close(); err != nil {
			return fmt.Errorf("bench: write %s: %w", name, err)
		}
	}
	return nil
}
