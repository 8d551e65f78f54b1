package messages

import (
	"context"
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
)

// Tasks.
const (
	Seal = "seal"
	Open = "open"
)

// contender seals and opens over and over.
type contender interface {
	name() string
	// run does the task on a payload of so many bytes, for at least so long.
	run(ctx context.Context, task string, size int, atLeast time.Duration) (measure.Sample, error)
}

// counting is a contender whose allocations can be counted.
type counting interface {
	contender
	work(task string, size int) (func() error, error)
}

// loop is a run of a contender in this process.
func loop(c counting, task string, size int, atLeast time.Duration) (measure.Sample, error) {
	work, err := c.work(task, size)
	if err != nil {
		return measure.Sample{}, err
	}
	return measure.Loop(atLeast, measure.Batch(size), work)
}

func unknownTask(task string) error { return fmt.Errorf("messages: there is no task %q", task) }
