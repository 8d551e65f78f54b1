// Package measure times work in runs that take turns.
//
// Every run is bounded below by a duration, not by a count, so that the clock's
// grain and the call of the clock don't count. Runs of what is compared follow each
// other (A B C A B C), so that a machine that drifts does it to all alike.
package measure

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Sample is one run: how often something was done in what time.
type Sample struct {
	Count   int
	Elapsed time.Duration
}

// Each is how many nanoseconds it took each time.
func (s Sample) Each() float64 { return float64(s.Elapsed.Nanoseconds()) / float64(s.Count) }

// Check returns an error if nothing was done or no time passed.
func (s Sample) Check() error {
	if s.Count <= 0 || s.Elapsed <= 0 {
		return fmt.Errorf("measure: %d times in %v is no measurement", s.Count, s.Elapsed)
	}
	return nil
}

// Command is the line that asks a process for a run: the task, the payload's bytes
// and the least nanoseconds.
func Command(task string, size int, atLeast time.Duration) string {
	return fmt.Sprintf("%s %d %d", task, size, atLeast.Nanoseconds())
}

// ParseSample reads a process's answer to a [Command]: "done", how many times, and
// how many nanoseconds it took; or "failed" and why.
func ParseSample(answer string) (Sample, error) {
	if why, failed := strings.CutPrefix(answer, "failed "); failed {
		return Sample{}, fmt.Errorf("measure: it failed: %s", why)
	}
	fields := strings.Fields(answer)
	if len(fields) != 3 || fields[0] != "done" {
		return Sample{}, fmt.Errorf("measure: the answer %.100q isn't \"done COUNT NANOSECONDS\"", answer)
	}
	count, err := strconv.Atoi(fields[1])
	if err != nil {
		return Sample{}, fmt.Errorf("measure: the count in %.100q: %w", answer, err)
	}
	elapsed, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return Sample{}, fmt.Errorf("measure: the nanoseconds in %.100q: %w", answer, err)
	}
	s := Sample{Count: count, Elapsed: time.Duration(elapsed)}
	if err := s.Check(); err != nil {
		return Sample{}, err
	}
	return s, nil
}
