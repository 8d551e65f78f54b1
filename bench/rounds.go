package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"
)

// sample is what one run found.
type sample struct {
	count    int // how often it was done
	lost     int
	elapsed  time.Duration
	cpu      time.Duration // of this process
	allocs   uint64        // in this process
	bytes    uint64        // allocated, or in use, in this process
	routines int           // goroutines in use
	apart    bool          // of another process, of which only count and elapsed are known
}

// contender is one of those that are compared.
type contender struct {
	name  string
	run   func(ctx context.Context, least time.Duration) (sample, error) // works for at least so long
	close func() error                                                   // or nil
}

// comparison is what was found of contenders, by name and round. The others' figures
// are compared with the first one's.
type comparison struct {
	names   []string
	samples map[string][]sample
}

// compare has the contenders take turns, in a random order each round. Before, each
// warms up; afterwards they are closed.
func (b *benchmark) compare(ctx context.Context, title string, least time.Duration, contenders []contender) (c comparison, err error) {
	fmt.Fprintln(b.log, "bench:", title)
	defer func() { err = errors.Join(err, closeAll(contenders)) }()
	c.samples = map[string][]sample{}
	for _, one := range contenders {
		c.names = append(c.names, one.name)
	}
	for round := range b.rounds + 1 {
		for _, i := range rand.Perm(len(contenders)) {
			one, atLeast := contenders[i], least
			if round == 0 {
				atLeast = least / 10
			}
			s, err := one.run(ctx, atLeast)
			if err == nil && (s.count <= 0 || s.elapsed <= 0) {
				err = fmt.Errorf("%d times in %v is no measurement", s.count, s.elapsed)
			}
			if err != nil {
				return c, fmt.Errorf("%s: %s: %w", title, one.name, err)
			}
			if round > 0 {
				c.samples[one.name] = append(c.samples[one.name], s)
			}
		}
	}
	return c, nil
}

// compareKinds compares what is made of each kind, and others, and adds them to the table.
func (b *benchmark) compareKinds(ctx context.Context, t *table, title string, kinds []kind, contend func(kind) (contender, error), others ...contender) (comparison, error) {
	var all []contender
	for _, k := range kinds {
		one, err := contend(k)
		if err != nil {
			return comparison{}, errors.Join(fmt.Errorf("%s: %w", k.name, err), closeAll(all), closeAll(others))
		}
		all = append(all, one)
	}
	found, err := b.compare(ctx, t.title+": "+title, b.traffic, append(all, others...))
	if err != nil {
		return comparison{}, err
	}
	t.add(title, found)
	return found, nil
}

func closeAll(contenders []contender) (err error) {
	for _, c := range contenders {
		if c.close != nil {
			err = errors.Join(err, c.close())
		}
	}
	return err
}

// figure is a median and its range.
type figure struct{ median, low, high float64 }

func summarize(values []float64) figure {
	slices.Sort(values)
	n := len(values)
	return figure{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}
}

// of is the contender's figure.
func (c comparison) of(name string, metric func(sample) float64) figure {
	var values []float64
	for _, s := range c.samples[name] {
		values = append(values, metric(s))
	}
	return summarize(values)
}

// ratio is the contender's figure in terms of another one's in the same round, or of the
// first one's.
func (c comparison) ratio(name, to string, metric func(sample) float64) figure {
	if to == "" {
		to = c.names[0]
	}
	var values []float64
	for round, s := range c.samples[name] {
		values = append(values, metric(s)/metric(c.samples[to][round]))
	}
	return summarize(values)
}

// measured runs work, which returns how often it was done. Garbage from before is
// collected first; what the work leaves behind is its own cost.
func measured(work func() (int, error)) (sample, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used, start := cpuTime(), time.Now()
	count, err := work()
	s := sample{count: count, elapsed: time.Since(start), cpu: cpuTime() - used}
	runtime.ReadMemStats(&after)
	s.allocs, s.bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	return s, err
}

// loop does work for at least the duration, batch times between two looks at the
// clock.
func loop(least time.Duration, batch int, work func() error) (sample, error) {
	return measured(func() (count int, err error) {
		for start := time.Now(); time.Since(start) < least; count += batch {
			for range batch {
				if err := work(); err != nil {
					return 0, err
				}
			}
		}
		return count, nil
	})
}
