package report

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes what a reader wants to see: what was measured on, the goals,
// and a table for each task.
func (r *Report) WriteMarkdown(to io.Writer) error {
	var out strings.Builder
	out.WriteString("# What sealing costs\n\n")
	for _, fact := range r.Facts {
		fmt.Fprintf(&out, "- %s: %s\n", fact[0], cell(fact[1]))
	}
	out.WriteString("\nFigures are the median of the runs, with the smallest and the largest in parentheses. Runs of what is compared took turns.\n")
	r.writeGoals(&out)
	r.writeMessages(&out)
	r.writeTraffic(&out, Nexus, "Through a nexus router")
	r.writeTraffic(&out, Crossbar, "Through Crossbar.io")
	r.writeOverhead(&out)
	r.writeKeyring(&out)
	r.writeMissing(&out)
	if len(r.Notes) > 0 {
		out.WriteString("\n## How it was measured\n\n")
		for _, note := range r.Notes {
			fmt.Fprintf(&out, "- %s\n", note)
		}
	}
	_, err := io.WriteString(to, out.String())
	return err
}

func (r *Report) writeGoals(out *strings.Builder) {
	if len(r.Goals) == 0 {
		return
	}
	t := table{head: []string{"work", "goal", "measured", "of", "result"}}
	for _, v := range r.Verdicts() {
		measured, at := "-", ""
		if v.WorstAt != "" {
			measured = fmt.Sprintf("%s%s (%s–%s)", ratio(v.Worst.Median, v.AtMost), v.Unit, ratio(v.Worst.Low, v.AtMost), ratio(v.Worst.High, v.AtMost))
			at = v.WorstAt
			if n := len(v.Of); n > 1 {
				at = fmt.Sprintf("the worst of %d: %s; %d keep it", n, v.WorstAt, v.Kept)
			}
		}
		if len(v.Missing) > 0 {
			at = strings.TrimPrefix(fmt.Sprintf("%s; %d not measured: %s", at, len(v.Missing), v.Missing[0]), "; ")
		}
		t.add(v.Work, v.Want, measured, at, v.Result)
	}
	out.WriteString("\n## Goals\n\nMeasured is the median of the ratios of runs that followed each other, rounded against us.\n\n")
	t.write(out)
}

// writeMessages has a table for each task, of contenders by sizes.
func (r *Report) writeMessages(out *strings.Builder) {
	rows := r.find(func(k Key) bool { return k.Section == Messages })
	if len(rows) == 0 {
		return
	}
	out.WriteString("\n## Sealing and opening a whole message\n")
	for _, task := range distinct(rows, func(k Key) string { return k.Task }) {
		for _, metric := range []Metric{Time, Allocs, AllocBytes} {
			found := r.find(func(k Key) bool { return k.Section == Messages && k.Task == task && k.Metric == metric })
			if len(found) == 0 {
				continue
			}
			fmt.Fprintf(out, "\n### %s: %s each\n\n", task, metric.Name)
			pivot(found, metric, "payload", func(k Key) int { return k.Size }, showSize).write(out)
		}
	}
}

// pivot is a table of contenders by one dimension.
func pivot(rows []*Row, metric Metric, by string, column func(Key) int, name func(int) string) *table {
	columns := distinct(rows, column)
	t := &table{head: []string{by}, numbers: true}
	for _, c := range columns {
		t.head = append(t.head, name(c))
	}
	for _, contender := range distinct(rows, func(k Key) string { return k.Contender }) {
		line := make([]string, len(columns)+1)
		line[0] = contender
		for i, c := range columns {
			line[i+1] = "-"
			for _, row := range rows {
				if row.Contender == contender && column(row.Key) == c {
					line[i+1] = value(row, metric)
				}
			}
		}
		t.add(line...)
	}
	return t
}

func value(row *Row, metric Metric) string {
	if row.Missing != "" {
		return "missing"
	}
	return showSummary(row.Summary(), metric)
}

// traffic are the columns of a table of calls or events.
var traffic = []Metric{Rate, P50, P99, ClientCPU, RouterCPU, WireBytes}

// writeTraffic has a table for each task, size and number at a time.
func (r *Report) writeTraffic(out *strings.Builder, section, title string) {
	rows := r.find(func(k Key) bool { return k.Section == section })
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "\n## %s\n", title)
	type kind struct {
		task       string
		size, load int
	}
	for _, of := range distinct(rows, func(k Key) kind { return kind{k.Task, k.Size, k.Load} }) {
		fmt.Fprintf(out, "\n### %s of %s, %d at a time\n\n", of.task, showSize(of.size), of.load)
		fits := r.find(func(k Key) bool {
			return k.Section == section && k.Task == of.task && k.Size == of.size && k.Load == of.load
		})
		r.trafficTable(fits).write(out)
	}
}

func (r *Report) trafficTable(rows []*Row) *table {
	t := &table{head: []string{""}, numbers: true}
	for _, m := range traffic {
		t.head = append(t.head, m.Name)
	}
	for _, contender := range distinct(rows, func(k Key) string { return k.Contender }) {
		line := make([]string, len(traffic)+1)
		line[0] = contender
		for i, m := range traffic {
			line[i+1] = "-"
			for _, row := range rows {
				if row.Contender == contender && row.Metric == m {
					line[i+1] = value(row, m)
				}
			}
		}
		t.add(line...)
	}
	return t
}

// writeOverhead has one line for each framing and serializer.
func (r *Report) writeOverhead(out *strings.Builder) {
	rows := r.find(func(k Key) bool { return k.Section == Overhead })
	if len(rows) == 0 {
		return
	}
	out.WriteString("\n## Bytes that sealing adds to a message\n")
	for _, task := range distinct(rows, func(k Key) string { return k.Task }) {
		fmt.Fprintf(out, "\n### %s\n\n", task)
		pivot(r.find(func(k Key) bool { return k.Section == Overhead && k.Task == task }),
			WireBytes, "payload", func(k Key) int { return k.Size }, showSize).write(out)
	}
}

// writeKeyring has a table for each task, of contenders by loads.
func (r *Report) writeKeyring(out *strings.Builder) {
	rows := r.find(func(k Key) bool { return k.Section == Keyring })
	if len(rows) == 0 {
		return
	}
	out.WriteString("\n## Keyrings and receivers\n")
	type kind struct {
		task   string
		metric Metric
		size   int
	}
	for _, of := range distinct(rows, func(k Key) kind { return kind{k.Task, k.Metric, k.Size} }) {
		title := of.task + ": " + of.metric.Name
		if of.size > 0 {
			title = fmt.Sprintf("%s, %s: %s", of.task, showSize(of.size), of.metric.Name)
		}
		fmt.Fprintf(out, "\n### %s\n\n", title)
		found := r.find(func(k Key) bool {
			return k.Section == Keyring && k.Task == of.task && k.Metric == of.metric && k.Size == of.size
		})
		pivot(found, of.metric, "", func(k Key) int { return k.Load }, func(n int) string { return grouped(float64(n)) }).write(out)
	}
}

// writeMissing names what wasn't measured, and why.
func (r *Report) writeMissing(out *strings.Builder) {
	rows := r.find(func(k Key) bool { return r.byKey[k].Missing != "" })
	if len(rows) == 0 {
		return
	}
	out.WriteString("\n## Missing\n\n")
	type gap struct{ contender, why string }
	for _, g := range distinct(rows, func(k Key) gap { return gap{k.Contender, r.byKey[k].Missing} }) {
		fmt.Fprintf(out, "- %s: %s\n", g.contender, cell(g.why))
	}
}
