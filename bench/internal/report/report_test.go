package report_test

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
)

func key(contender string, size int, m report.Metric) report.Key {
	return report.Key{Section: report.Messages, Task: "seal", Contender: contender, Size: size, Metric: m}
}

// sample is a report with something of everything.
func sample() *report.Report {
	r := &report.Report{Facts: [][2]string{{"CPU", "a | b"}}, Notes: []string{"a note"}}
	for run := range 3 {
		for i, size := range []int{16, 1 << 20} {
			r.Add(key("ours", size, report.Time), float64(1000*(i+1)+run))
			r.Add(key("<theirs> & \"co\"", size, report.Time), float64(500*(i+1)))
		}
	}
	r.Add(key("ours", 16, report.Allocs), 3)
	r.Miss(key("absent", 16, report.Time), "isn't installed,\nsorry")
	call := report.Key{Section: report.Nexus, Task: "calls", Contender: "plain", Size: 256, Load: 64, Metric: report.Rate}
	r.Add(call, 12345)
	call.Metric = report.P99
	r.Add(call, 2_500_000)
	r.Add(report.Key{Section: report.Overhead, Task: "publish", Contender: "enc", Size: 16, Metric: report.WireBytes}, 241)
	r.Add(report.Key{Section: report.Keyring, Task: "lookup exact", Contender: "all", Load: 100_000, Metric: report.Time}, 99.5)
	return r
}

func TestRowsKeepOrderAndRuns(t *testing.T) {
	rows := sample().Rows()
	require.Equal(t, "ours", rows[0].Contender)
	require.Equal(t, []float64{1000, 1001, 1002}, rows[0].Values)
	row, ok := sample().Row(key("ours", 1<<20, report.Time))
	require.True(t, ok)
	require.Equal(t, 2001.0, row.Summary().Median)
	_, ok = sample().Row(key("nobody", 16, report.Time))
	require.False(t, ok)
}

func TestCSV(t *testing.T) {
	var out strings.Builder
	require.NoError(t, sample().WriteCSV(&out))
	lines, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 1+len(sample().Rows()))
	require.Equal(t, []string{"messages", "seal", "ours", "16", "0", "time", "ns", "1001", "1000", "1002", "3", ""}, lines[1])
	require.Contains(t, lines, []string{"messages", "seal", "absent", "16", "0", "time", "ns", "", "", "", "0", "isn't installed,\nsorry"})
}

func TestMarkdown(t *testing.T) {
	var out strings.Builder
	require.NoError(t, sample().WriteMarkdown(&out))
	text := out.String()
	for _, want := range []string{
		`- CPU: a \| b`,
		"| payload | 16 B | 1 MiB |\n",
		"| ours | 1.00 µs (1.00 µs–1.00 µs) | 2.00 µs (2.00 µs–2.00 µs) |\n",
		"| absent | missing | - |\n",
		"- absent: isn't installed, sorry\n",
		"### calls of 256 B, 64 at a time",
		"| plain | 12,345/s | - | 2.50 ms | - | - | - |\n",
		"| enc | 241 B |\n",
		"| all | 99.5 ns |\n",
		"- a note\n",
	} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, text, "## Goals", "there are none")
	columns := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(line, "|") - strings.Count(line, `\|`)
		if columns != 0 {
			require.Equal(t, columns, n, line)
		}
		columns = n
	}
}

func TestSVG(t *testing.T) {
	var out strings.Builder
	require.NoError(t, sample().WriteSVG(&out))
	texts, shapes := wellFormed(t, out.String())
	require.Contains(t, texts, `<theirs> & "co"`)
	require.Contains(t, texts, "calls of 256 B through a nexus router, 64 at a time: each second")
	require.NotContains(t, texts, "absent", "what is missing isn't drawn")
	require.Equal(t, 2, shapes["polyline"])
	require.Equal(t, 4, shapes["circle"])
	require.NotContains(t, out.String(), "NaN")
	require.Contains(t, out.String(), "prefers-color-scheme: dark")
}

// wellFormed reads an SVG file's texts and counts its elements.
func wellFormed(t *testing.T, text string) (texts []string, elements map[string]int) {
	t.Helper()
	elements = map[string]int{}
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return texts, elements
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			elements[token.Name.Local]++
		case xml.CharData:
			texts = append(texts, string(token))
		}
	}
}

func TestEmptyReport(t *testing.T) {
	r := &report.Report{}
	var out strings.Builder
	require.NoError(t, r.WriteMarkdown(&out))
	require.NoError(t, r.WriteCSV(&out))
	out.Reset()
	require.NoError(t, r.WriteSVG(&out))
	wellFormed(t, out.String())
}
