package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/stats"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"one", []float64{7}, 7},
		{"two: their mean", []float64{4, 1}, 2.5},
		{"odd", []float64{9, 1, 5}, 5},
		{"even: the mean of the middle two", []float64{100, 1, 4, 2}, 3},
		{"an outlier doesn't move it", []float64{1, 2, 3, 4, 1e9}, 3},
		{"equal ones", []float64{2, 2, 2, 2}, 2},
		{"negative", []float64{-3, -1, -2}, -2},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, stats.Median(c.values))
		})
	}
	require.True(t, math.IsNaN(stats.Median(nil)))
}

func TestMedianLeavesTheOrderOfRuns(t *testing.T) {
	values := []float64{3, 1, 2}
	stats.Median(values)
	stats.Summarize(values)
	require.Equal(t, []float64{3, 1, 2}, values)
}

func TestSummarize(t *testing.T) {
	require.Equal(t, stats.Summary{Median: 3, Low: 1, High: 10, Runs: 3}, stats.Summarize([]float64{10, 1, 3}))
	none := stats.Summarize(nil)
	require.True(t, math.IsNaN(none.Median))
	require.Zero(t, none.Runs)
}

func TestPercentile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[len(hundred)-1-i] = float64(i + 1)
	}
	for _, c := range []struct {
		p    float64
		want float64
	}{{1, 1}, {50, 50}, {99, 99}, {99.5, 100}, {100, 100}, {0.1, 1}} {
		require.Equal(t, c.want, stats.Percentile(hundred, c.p), "p%v", c.p)
	}
	require.Equal(t, 4.0, stats.Percentile([]float64{4}, 99))
	require.Equal(t, 2.0, stats.Percentile([]float64{3, 1, 2}, 50), "one that was measured, not a mean")
	require.Equal(t, 3.0, stats.Percentile([]float64{3, 1, 2}, 99), "never below the worst of few")
	require.True(t, math.IsNaN(stats.Percentile(nil, 50)))
}

func TestRatios(t *testing.T) {
	ratios, err := stats.Ratios([]float64{2, 9}, []float64{1, 3})
	require.NoError(t, err)
	require.Equal(t, []float64{2, 3}, ratios)
	for name, pair := range map[string][2][]float64{
		"none":             {nil, nil},
		"different counts": {{1, 2}, {1}},
		"by zero":          {{1}, {0}},
		"by less":          {{1}, {-1}},
		"NaN below":        {{1}, {math.NaN()}},
		"NaN above":        {{math.NaN()}, {1}},
		"by infinity":      {{1}, {math.Inf(1)}},
	} {
		ratios, err := stats.Ratios(pair[0], pair[1])
		require.Error(t, err, name)
		require.Nil(t, ratios, name)
	}
}
