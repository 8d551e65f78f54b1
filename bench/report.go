package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// report is what was found, and on what machine.
type report struct {
	facts  []string
	tables []*table
	panels []panel
}

// table is one of the report's; its first column names what the others are of.
type table struct {
	title, note string
	columns     []column
	rows        [][]string
}

// column is a metric of what is compared, and how it is written.
type column struct {
	head   string
	metric func(sample) float64
	text   func(figure) string // or nil: it is a ratio
	to     string              // the contender of which, or empty for the first
}

var (
	perSecond  = column{head: "a second", metric: rate, text: func(f figure) string { return number(f.median) }}
	rateRatio  = column{head: "ratio", metric: rate}
	eachTime   = column{head: "time", metric: func(s sample) float64 { return float64(s.elapsed) / float64(s.count) }, text: span}
	timeRatio  = column{head: "ratio", metric: eachTime.metric}
	eachCPU    = column{head: "CPU each", metric: func(s sample) float64 { return float64(s.cpu) / float64(s.count) }, text: span}
	cpuRatio   = column{head: "ratio", metric: eachCPU.metric}
	eachAllocs = column{head: "allocations each", metric: allocations, text: perSecond.text}
	eachBytes  = column{head: "memory each", metric: func(s sample) float64 { return float64(s.bytes) / float64(s.count) }, text: size}
	bytesRatio = column{head: "ratio", metric: eachBytes.metric}
	goroutines = column{head: "goroutines each", metric: func(s sample) float64 { return float64(s.routines) / float64(s.count) }, text: perSecond.text}
	lost       = column{head: "lost", metric: func(s sample) float64 { return 100 * float64(s.lost) / float64(s.lost+s.count) }, text: percent}
)

func rate(s sample) float64 { return float64(s.count) / s.elapsed.Seconds() }

func allocations(s sample) float64 {
	if s.apart {
		return math.NaN()
	}
	return float64(s.allocs) / float64(s.count)
}

func (r *report) table(title, note string, columns ...column) *table {
	t := &table{title: title, note: note, columns: columns}
	r.tables = append(r.tables, t)
	return t
}

// add makes a row of each contender.
func (t *table) add(prefix string, c comparison) {
	for _, name := range c.names {
		row := []string{prefix + name}
		for _, col := range t.columns {
			switch {
			case col.text != nil:
				row = append(row, col.text(c.of(name, col.metric)))
			case name == col.to, name == c.names[0] && col.to == "":
				row = append(row, "1")
			default:
				f := c.ratio(name, col.to, col.metric)
				row = append(row, fmt.Sprintf("%.2fx (%.2f to %.2f)", f.median, f.low, f.high))
			}
		}
		t.rows = append(t.rows, row)
	}
}

// draw adds what bars or lines have drawn to the picture.
func (r *report) draw(p panel, err error) error {
	r.panels = append(r.panels, p)
	return err
}

func (r *report) markdown(e effort) string {
	var text strings.Builder
	text.WriteString("# What sealing costs\n\n")
	if e.short {
		text.WriteString("**This is a short run: a trial of the harness. Its figures say nothing.**\n\n")
	}
	fmt.Fprintf(&text, "%s.\n\nMedians of %d rounds; a ratio is to the first of its group, the median of the ratios within a round, with their range.\n",
		strings.Join(r.facts, "; "), e.rounds)
	for _, t := range r.tables {
		fmt.Fprintf(&text, "\n## %s\n\n%s\n", t.title, t.note)
		if len(t.rows) == 0 {
			continue
		}
		text.WriteString("\n|  |")
		for _, col := range t.columns {
			text.WriteString(" " + col.head + " |")
		}
		text.WriteString("\n|---|" + strings.Repeat("---:|", len(t.columns)) + "\n")
		for _, row := range t.rows {
			fmt.Fprintf(&text, "| %s |\n", strings.ReplaceAll(strings.Join(row, " | "), "Autobahn|", `Autobahn\|`))
		}
	}
	return text.String()
}

var english = message.NewPrinter(language.English)

// number is written with three digits at least, unless it is whole.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "not counted"
	case v >= 100 || v == math.Trunc(v):
		return english.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func percent(f figure) string { return number(f.median) + " %" }

// scaled writes a number in the largest of the units that it has one of.
func scaled(v, step float64, units ...string) string {
	for v >= step && len(units) > 1 {
		v, units = v/step, units[1:]
	}
	return number(v) + " " + units[0]
}

// span is a time in nanoseconds, size a number of bytes.
func span(f figure) string { return scaled(f.median, 1000, "ns", "µs", "ms", "s") }
func size(f figure) string { return bytesText(f.median) }

func bytesText(n float64) string { return scaled(n, 1024, "B", "KiB", "MiB") }

// facts are what figures depend on. What the system doesn't say is left out.
func facts() []string {
	commit, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	load, _ := os.ReadFile("/proc/loadavg")
	cpus, _ := os.ReadFile("/proc/cpuinfo")
	_, model, _ := strings.Cut(string(cpus), "model name\t: ")
	model, _, _ = strings.Cut(model, "\n")
	return []string{
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), "commit " + strings.TrimSpace(string(commit)),
		fmt.Sprintf("%d cores of %s", runtime.NumCPU(), model), "load before " + strings.TrimSpace(string(load)),
		runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
	}
}
