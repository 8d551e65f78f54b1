package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
)

// timed is a report with the times of two contenders, and allocations.
func timed() *report.Report {
	r := &report.Report{}
	ours, theirs := []float64{20, 21, 60}, []float64{10, 10, 20}
	for run := range ours {
		r.Add(key("ours", 16, report.Time), ours[run])
		r.Add(key("theirs", 16, report.Time), theirs[run])
	}
	r.Add(key("ours", 16, report.Allocs), 6)
	r.Add(key("values", 16, report.Allocs), 3)
	r.Miss(key("absent", 16, report.Time), "isn't installed")
	return r
}

func TestVerdicts(t *testing.T) {
	ratio := report.Quotient{Name: "ratio", Above: key("ours", 16, report.Time), Below: key("theirs", 16, report.Time)} // 2, 2.1, 3
	inverse := report.Quotient{Name: "inverse", Above: key("theirs", 16, report.Time), Below: key("ours", 16, report.Time)}
	missing := report.Quotient{Name: "missing", Above: key("ours", 16, report.Time), Below: key("absent", 16, report.Time)}
	unknown := report.Quotient{Name: "unknown", Above: key("nobody", 16, report.Time)}
	left := report.Quotient{Name: "left", Above: key("ours", 16, report.Allocs), Minus: key("values", 16, report.Allocs)} // 3
	of := func(q ...report.Quotient) []report.Quotient { return q }
	for _, c := range []struct {
		name    string
		goal    report.Goal
		result  string
		worst   float64
		worstAt string
		kept    int
		missing int
	}{
		{"the median counts", report.Goal{Bound: 2.1, AtMost: true, Of: of(ratio)}, "met", 2.1, "ratio", 1, 0},
		{"not rounded", report.Goal{Bound: 2.0999, AtMost: true, Of: of(ratio)}, "missed", 2.1, "ratio", 0, 0},
		{"at least", report.Goal{Bound: 2.1, Of: of(ratio)}, "met", 2.1, "ratio", 1, 0},
		{"at least, missed", report.Goal{Bound: 2.11, Of: of(ratio)}, "missed", 2.1, "ratio", 0, 0},
		{"the worst counts, at most", report.Goal{Bound: 1, AtMost: true, Of: of(inverse, ratio)}, "missed", 2.1, "ratio", 1, 0},
		{"the worst counts, at least", report.Goal{Bound: 1, Of: of(ratio, inverse)}, "missed", 10.0 / 21, "inverse", 1, 0},
		{"a difference", report.Goal{Bound: 3, AtMost: true, Of: of(left)}, "met", 3, "left", 1, 0},
		{"a difference, missed", report.Goal{Bound: 2.99, AtMost: true, Of: of(left)}, "missed", 3, "left", 0, 0},
		{"with something missing it isn't met", report.Goal{Bound: 5, AtMost: true, Of: of(ratio, missing)}, "not measured", 2.1, "ratio", 1, 1},
		{"but missed all the same", report.Goal{Bound: 1, AtMost: true, Of: of(ratio, missing)}, "missed", 2.1, "ratio", 0, 1},
		{"what wasn't run is missing", report.Goal{Bound: 1, AtMost: true, Of: of(unknown)}, "not measured", 0, "", 0, 1},
		{"of nothing", report.Goal{Bound: 1, AtMost: true}, "not measured", 0, "", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := timed()
			r.Goals = []report.Goal{c.goal}
			v := r.Verdicts()[0]
			require.Equal(t, c.result, v.Result)
			require.Equal(t, c.worstAt, v.WorstAt)
			require.Equal(t, c.kept, v.Kept)
			require.Len(t, v.Missing, c.missing)
			if c.worstAt != "" {
				require.InDelta(t, c.worst, v.Worst.Median, 1e-12)
			}
		})
	}
}

func TestRunsThatDontPairAreNoRatio(t *testing.T) {
	r := timed()
	r.Add(key("theirs", 16, report.Time), 10)
	r.Goals = []report.Goal{{Bound: 100, AtMost: true, Of: []report.Quotient{
		{Name: "ratio", Above: key("ours", 16, report.Time), Below: key("theirs", 16, report.Time)},
	}}}
	require.Equal(t, "not measured", r.Verdicts()[0].Result)
}

func TestGoalsInMarkdown(t *testing.T) {
	r := timed()
	r.Goals = []report.Goal{
		{Work: "seal", Want: "at most 2x", Bound: 2, AtMost: true, Unit: "x", Of: []report.Quotient{
			{Name: "the ratio", Above: key("ours", 16, report.Time), Below: key("theirs", 16, report.Time)},
		}},
		{Work: "open", Want: "at least 8x", Bound: 8, Unit: "x", Of: []report.Quotient{
			{Name: "the other", Above: key("absent", 16, report.Time), Below: key("ours", 16, report.Time)},
		}},
	}
	var out strings.Builder
	require.NoError(t, r.WriteMarkdown(&out))
	require.Contains(t, out.String(), "| seal | at most 2x | 2.10x (2.00–3.00) | the ratio | missed |\n")
	require.Contains(t, out.String(), "| open | at least 8x | - | 1 not measured: the other: absent: isn't installed | not measured |\n")
}

// TestRatiosAreRoundedAgainstUs has ratios that would look as if they kept their
// bound if they were rounded to the nearest.
func TestRatiosAreRoundedAgainstUs(t *testing.T) {
	r := &report.Report{}
	r.Add(key("ours", 16, report.Time), 2001)
	r.Add(key("theirs", 16, report.Time), 1000)
	quotient := report.Quotient{Name: "q", Above: key("ours", 16, report.Time), Below: key("theirs", 16, report.Time)}
	inverse := report.Quotient{Name: "i", Above: key("theirs", 16, report.Time), Below: key("ours", 16, report.Time)}
	r.Goals = []report.Goal{
		{Work: "a", Bound: 2, AtMost: true, Unit: "x", Of: []report.Quotient{quotient}},
		{Work: "b", Bound: 0.5, Unit: "x", Of: []report.Quotient{inverse}},
	}
	var out strings.Builder
	require.NoError(t, r.WriteMarkdown(&out))
	require.Contains(t, out.String(), "| 2.01x (2.01–2.01) | q | missed |")
	require.Contains(t, out.String(), "| 0.49x (0.49–0.49) | i | missed |")
}
