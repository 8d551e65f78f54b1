package harness_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// TestClock: who sets it changes the time that it tells, and not what has elapsed.
func TestClock(t *testing.T) {
	var clock harness.Clock
	began := clock.Now()
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		clock.Set(ahead)
		now, right := clock.Now(), time.Now()
		require.WithinDuration(t, right.Add(ahead).Round(0), now.Round(0), time.Minute)
		require.InDelta(t, right.Sub(began), now.Sub(began), float64(time.Minute))
	}
}
