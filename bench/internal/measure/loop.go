package measure

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"time"
)

// Loop does work for at least the duration, batch times between two looks at the
// clock, and returns how often. Garbage from before is collected first; what the work
// leaves behind is its own cost.
func Loop(atLeast time.Duration, batch int, work func() error) (Sample, error) {
	runtime.GC()
	var count int
	start := time.Now()
	for {
		for range batch {
			if err := work(); err != nil {
				return Sample{}, err
			}
		}
		count += batch
		if elapsed := time.Since(start); elapsed >= atLeast {
			return Sample{count, elapsed}, nil
		}
	}
}

// Batch is how many times work on so many bytes is done between two looks at the
// clock: few enough for a short run, enough that the clock doesn't count.
func Batch(size int) int { return min(max(1<<16/max(size, 1), 1), 64) }

// Job is what is measured, once a round.
type Job struct {
	Name string
	Run  func(ctx context.Context) error // one run, that files its own figures
}

// TakeTurns runs each job once a round.
func TakeTurns(ctx context.Context, rounds int, jobs []Job) error {
	for range rounds {
		for _, job := range jobs {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := job.Run(ctx); err != nil {
				return fmt.Errorf("bench: %s: %w", job.Name, err)
			}
		}
	}
	return nil
}

// Allocations returns how many allocations work makes when it is warm, and of how
// many bytes, on the mean of so many times; hundredths are rounded up. While it
// counts, one processor works and no garbage is collected, so that pools keep what
// they have: it is a count and not a measurement.
func Allocations(times int, work func() error) (allocs, bytes float64, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	if err := work(); err != nil {
		return 0, 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		if err := work(); err != nil {
			return 0, 0, err
		}
	}
	runtime.ReadMemStats(&after)
	mean := func(before, after uint64) float64 {
		return math.Ceil(float64(after-before)/float64(times)*100) / 100
	}
	return mean(before.Mallocs, after.Mallocs), mean(before.TotalAlloc, after.TotalAlloc), nil
}
