// Package report keeps a benchmark's figures and writes them: a Markdown table, a CSV
// file and an SVG plot, with the goals judged from the same figures.
package report

import (
	"fmt"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/stats"
)

// Sections of a report, by name.
const (
	Messages = "messages" // sealing and opening one
	Nexus    = "nexus"    // calls and events through a nexus router
	Crossbar = "crossbar" // calls through Crossbar.io
	Overhead = "overhead" // bytes that sealing adds to a message
	Keyring  = "keyring"  // lookups, opening on several cores, many senders
)

// Key says what a figure is of.
type Key struct {
	Section   string
	Task      string // what is done: "seal", "call", "lookup exact"
	Contender string // by whom: "cryptobox CBOR", "nacl/box"
	Size      int    // bytes of payload; 0 where that is no matter
	Load      int    // how many calls at a time, goroutines, patterns, senders; or 0
	Metric    Metric
}

// String implements [fmt.Stringer].
func (k Key) String() string {
	return fmt.Sprintf("%s/%s/%s/%d/%d/%s", k.Section, k.Task, k.Contender, k.Size, k.Load, k.Metric.Name)
}

// Metric is what is measured, and in what.
type Metric struct{ Name, Unit string }

// The metrics.
var (
	Time       = Metric{"time", "ns"} // each
	Allocs     = Metric{"allocations", ""}
	AllocBytes = Metric{"allocated", "B"}
	Rate       = Metric{"throughput", "1/s"}
	P50        = Metric{"p50", "ns"}
	P99        = Metric{"p99", "ns"}
	ClientCPU  = Metric{"CPU of the clients", "ns"} // each
	RouterCPU  = Metric{"CPU of the router", "ns"}  // each
	WireBytes  = Metric{"bytes on the wire", "B"}   // each
	Memory     = Metric{"memory", "B"}
	Changes    = Metric{"changes meanwhile", "1/s"}
)

// Row is one figure: its values in the order of the runs, or why there are none.
type Row struct {
	Key
	Values  []float64
	Missing string
}

// Summary is the row's median and range.
func (r *Row) Summary() stats.Summary { return stats.Summarize(r.Values) }

// Report is all figures, and what they were measured on.
type Report struct {
	Facts [][2]string // name and value: machine, versions, date
	Notes []string    // what else a reader has to know
	Goals []Goal

	rows  []*Row
	byKey map[Key]*Row
}

// Add files the value of one run.
func (r *Report) Add(key Key, value float64) {
	row := r.row(key)
	row.Values = append(row.Values, value)
}

// Miss files why there is no figure. What was filed first stays.
func (r *Report) Miss(key Key, why string) {
	if row := r.row(key); row.Missing == "" {
		row.Missing = why
	}
}

func (r *Report) row(key Key) *Row {
	if row, ok := r.byKey[key]; ok {
		return row
	}
	if r.byKey == nil {
		r.byKey = map[Key]*Row{}
	}
	row := &Row{Key: key}
	r.byKey[key] = row
	r.rows = append(r.rows, row)
	return row
}

// Row returns the figure, or false.
func (r *Report) Row(key Key) (*Row, bool) {
	row, ok := r.byKey[key]
	return row, ok
}

// Rows returns all figures in the order in which they were first filed.
func (r *Report) Rows() []*Row { return r.rows }

// find returns the figures that fit, in order.
func (r *Report) find(fits func(Key) bool) []*Row {
	var found []*Row
	for _, row := range r.rows {
		if fits(row.Key) {
			found = append(found, row)
		}
	}
	return found
}

// distinct returns what the rows have of something, in order of appearance.
func distinct[T comparable](rows []*Row, of func(Key) T) []T {
	var all []T
	for _, row := range rows {
		if v := of(row.Key); !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}
