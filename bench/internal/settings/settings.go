// Package settings says how much is measured, and with what.
package settings

import (
	"time"
)

// Settings are those of one run of the benchmark.
type Settings struct {
	Short       bool
	Rounds      int           // how often each figure is measured
	InMemory    time.Duration // the least that a run of work in memory takes
	Traffic     time.Duration // the same of calls and events
	Sizes       []int         // bytes of payload that are sealed and opened
	Payloads    []int         // bytes of payload that are called with
	AtOnce      []int         // how many calls and events are under way
	Patterns    []int         // how many are on a keyring
	Senders     []int         // how many a receiver knows
	Python      string        // the interpreter that has Crossbar.io and Autobahn; empty without
	NoPython    string        // why there is none
	NoSodium    string        // why libsodium is left out; empty to try it
	Scratch     string        // a folder for what is built and started
	Progress    func(string)  // is told what is being measured
	RouterStart []string      // the command of a nexus router in a process of its own
}

// Full is what the table in the README comes from.
func Full() Settings {
	return Settings{
		Rounds:   7,
		InMemory: 100 * time.Millisecond,
		Traffic:  700 * time.Millisecond,
		Sizes:    []int{16, 256, 1 << 10, 16 << 10, 64 << 10, 1 << 20},
		Payloads: []int{256, 16 << 10},
		AtOnce:   []int{1, 64},
		Patterns: []int{10, 1_000, 100_000},
		Senders:  []int{100, 100_000},
	}
}

// Short is a trial of the harness: all that this library does, too short to say
// anything of its speed, and nothing to compare with but what Go has.
func Short() Settings {
	s := Full()
	s.Short = true
	s.Rounds = 2
	s.InMemory = 2 * time.Millisecond
	s.Traffic = 20 * time.Millisecond
	s.Payloads = []int{256}
	s.Patterns = []int{10, 1_000}
	s.Senders = []int{1_000, 5_000}
	s.NoPython = "left out of a short run"
	s.NoSodium = s.NoPython
	return s
}
