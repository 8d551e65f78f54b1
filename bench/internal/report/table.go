package report

import (
	"strings"
)

// table is a Markdown table.
type table struct {
	head    []string
	numbers bool // all columns but the first are set flush right
	lines   [][]string
}

func (t *table) add(line ...string) { t.lines = append(t.lines, line) }

func (t *table) write(out *strings.Builder) {
	writeLine(out, t.head)
	rule := make([]string, len(t.head))
	for i := range rule {
		rule[i] = "---"
		if t.numbers && i > 0 {
			rule[i] = "---:"
		}
	}
	writeLine(out, rule)
	for _, line := range t.lines {
		writeLine(out, line)
	}
}

func writeLine(out *strings.Builder, cells []string) {
	out.WriteString("|")
	for _, c := range cells {
		out.WriteString(" " + cell(c) + " |")
	}
	out.WriteString("\n")
}

// cell is text that stays in its cell.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
}
