// Package stats has the few statistics that a benchmark's figures are given as.
package stats

import (
	"fmt"
	"math"
	"slices"
)

// Summary is the figures of several runs in short.
type Summary struct {
	Median, Low, High float64
	Runs              int
}

// Summarize returns the median of the values and their range, without changing
// them. That of no values is NaN.
func Summarize(values []float64) Summary {
	if len(values) == 0 {
		return Summary{math.NaN(), math.NaN(), math.NaN(), 0}
	}
	return Summary{Median(values), slices.Min(values), slices.Max(values), len(values)}
}

// Median returns the middle of the values, the mean of the middle two of an even
// number, and NaN of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Percentile returns the smallest of the values that at least p percent of them
// don't exceed (the nearest rank, so it is one that was measured), and NaN of none.
// p is above 0 and at most 100. The values are sorted in place.
func Percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	rank := int(math.Ceil(p / 100 * float64(len(values))))
	return values[min(max(rank, 1), len(values))-1]
}

// Ratios divides the figures of two, run by run. Runs of the same number follow
// each other closely, so what slows the machine for a while falls out. The error says
// that they can't be compared.
func Ratios(numerator, denominator []float64) ([]float64, error) {
	if len(numerator) == 0 || len(numerator) != len(denominator) {
		return nil, fmt.Errorf("stats: %d runs against %d: they can't be compared run by run", len(numerator), len(denominator))
	}
	ratios := make([]float64, len(numerator))
	for i, n := range numerator {
		if !(denominator[i] > 0) || math.IsNaN(n) || math.IsInf(denominator[i], 0) {
			return nil, fmt.Errorf("stats: run %d: %v against %v is no ratio", i+1, n, denominator[i])
		}
		ratios[i] = n / denominator[i]
	}
	return ratios, nil
}
