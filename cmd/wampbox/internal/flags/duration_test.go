package flags_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
)

// TestDuration has days and weeks beside what Go reads, no signs and an end.
func TestDuration(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "90s": 90 * time.Second, "36h": 36 * time.Hour, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute,
		"1d": day, "30d": 30 * day, "2w": 14 * day, "1w2d": 9 * day, "1d12h": 36 * time.Hour, "2w1h30m": 14*day + 90*time.Minute,
		"36525d": 36525 * day,
	} {
		got, err := flags.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", "1", "d", "w", "soon", "-1h", "-1d", "1d-1h", "1.5d", "1d1w", "1d1d", "1h1d", "1D", " 1d", "1d ", "36526d", "36525d1ns",
		"99999d", "99999w", "999999d", "2540400h", "99999999999999999999h",
	} {
		got, err := flags.ParseDuration(text)
		require.ErrorContains(t, err, flags.DurationHelp, "%q", text)
		require.Zero(t, got, "%q", text)
	}
}

// TestShown reads back as what it was, and has no more than it needs.
func TestShown(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "30s": 30 * time.Second, "5m": 5 * time.Minute, "10m": 10 * time.Minute, "2h": 2 * time.Hour, "20h": 20 * time.Hour, "1h30m": 90 * time.Minute,
		"1h0m5s": time.Hour + 5*time.Second, "1d": 24 * time.Hour, "36h": 36 * time.Hour, "1m30s": 90 * time.Second,
	} {
		require.Equal(t, want, flags.Shown(d))
		got, err := flags.ParseDuration(want)
		require.NoError(t, err)
		require.Equal(t, d, got)
	}
}
