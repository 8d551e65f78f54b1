package clock_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/clock"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

func TestWallTime(t *testing.T) {
	const hour = time.Hour
	for name, c := range map[string]struct{ first, then time.Duration }{
		"nobody sets it":     {0, 0},
		"ahead, set right":   {hour, 0},
		"behind, set right":  {-hour, 0},
		"right, set ahead":   {0, hour},
		"right, set back":    {0, -hour},
		"set by years":       {0, 90 * 365 * 24 * hour},
		"set back by years":  {0, -90 * 365 * 24 * hour},
		"ahead, then behind": {hour, -hour},
	} {
		t.Run(name, func(t *testing.T) {
			var set harness.Clock
			set.Set(c.first)
			right, began := time.Now(), set.Now()
			time.Sleep(2 * time.Millisecond)
			set.Set(c.then)
			got := clock.WallTime(began, set.Now())
			require.WithinDuration(t, right.Add(c.then).Round(0), got, time.Second)
			require.Zero(t, got.UnixNano()%int64(time.Millisecond))
		})
	}
}

// TestWallTimeStands: where nobody sets the clock it is the time at the beginning, to the
// millisecond, though no two readings are apart by the same on both clocks.
func TestWallTimeStands(t *testing.T) {
	began := time.Now()
	for began.Nanosecond()%int(time.Millisecond) > 10 { // the first of its millisecond
		began = time.Now()
	}
	want := time.UnixMilli(began.UnixMilli())
	for range 1000 {
		require.Equal(t, want, clock.WallTime(began, time.Now()))
	}
}

// TestWithoutABeginning: what never began is before everything.
func TestWithoutABeginning(t *testing.T) {
	require.True(t, clock.WallTime(time.Time{}, time.Now()).IsZero())
}

// TestWithoutAMonotonicReading, as in a bubble of testing/synctest, it stands.
func TestWithoutAMonotonicReading(t *testing.T) {
	began := time.UnixMilli(1_700_000_000_123)
	require.True(t, began.Equal(clock.WallTime(began, began.Add(time.Hour))))
}

func TestWallTimeAllocatesNothing(t *testing.T) {
	began := time.Now()
	require.Zero(t, testing.AllocsPerRun(100, func() { clock.WallTime(began, time.Now()) }))
}

func TestText(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		0: "0s", 1500 * time.Microsecond: "2ms", 999 * time.Millisecond: "999ms", 90*time.Second + time.Millisecond: "1m30s",
		-time.Hour: "1h0m0s", 71 * time.Hour: "71h0m0s", 3 * 365 * day: "1095 days", -30 * day: "30 days",
		math.MaxInt64: "more than 292 years", math.MinInt64: "more than 292 years", -math.MaxInt64: "more than 292 years",
	} {
		require.Equal(t, want, clock.Text(d))
	}
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		_ = time.Now()
	}
}

func BenchmarkWallTime(b *testing.B) {
	began, now := time.Now(), time.Now()
	for b.Loop() {
		clock.WallTime(began, now)
	}
}
