package report

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShow(t *testing.T) {
	for _, c := range []struct {
		value  float64
		metric Metric
		want   string
	}{
		{0, Time, "0.00 ns"},
		{1, Time, "1.00 ns"},
		{421.4, Time, "421 ns"},
		{999.4, Time, "999 ns"},
		{999.6, Time, "1.00 µs"},
		{1000, Time, "1.00 µs"},
		{12_345, Time, "12.3 µs"},
		{3_830_000, P99, "3.83 ms"},
		{999_600_000, Time, "1.00 s"},
		{5e12, Time, "5000 s"},
		{13_200_000, Memory, "13.2 MB"},
		{1_056_968, AllocBytes, "1,056,968 B"},
		{241.5, WireBytes, "242 B"},
		{-8, WireBytes, "-8 B"},
		{12_345.6, Rate, "12,346/s"},
		{999, Rate, "999/s"},
		{4, Allocs, "4"},
		{4.01, Allocs, "4.01"},
	} {
		require.Equal(t, c.want, show(c.value, c.metric), "%v %v", c.value, c.metric)
	}
}

func TestShowSize(t *testing.T) {
	for bytes, want := range map[int]string{16: "16 B", 1000: "1000 B", 1 << 10: "1 KiB", 1<<10 + 1: "1025 B", 64 << 10: "64 KiB", 1 << 20: "1 MiB"} {
		require.Equal(t, want, showSize(bytes))
	}
}

func TestTick(t *testing.T) {
	require.Equal(t, "100 ns", tick(100))
	require.Equal(t, "1 µs", tick(1000))
	require.Equal(t, "10 ms", tick(1e7))
}

func TestRatio(t *testing.T) {
	require.Equal(t, "2.01", ratio(2.001, true))
	require.Equal(t, "2.00", ratio(2.009, false))
	require.Equal(t, "2.00", ratio(2, true))
	require.Equal(t, "2.00", ratio(2, false))
	require.Equal(t, "-", ratio(math.NaN(), true))
}
