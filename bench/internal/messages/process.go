package messages

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/proc"
)

// other is a contender in a process of its own.
type other struct {
	title   string
	process *proc.Process
}

func (o *other) name() string { return o.title }

func (o *other) run(ctx context.Context, task string, size int, atLeast time.Duration) (measure.Sample, error) {
	answer, err := o.process.Ask(ctx, measure.Command(task, size, atLeast))
	if err != nil {
		return measure.Sample{}, err
	}
	sample, err := measure.ParseSample(answer)
	if err == nil && sample.Elapsed < atLeast {
		err = fmt.Errorf("messages: %s worked for %v only", o.title, sample.Elapsed)
	}
	return sample, err
}

// version reads the line that a process begins with: "ready" and what it is.
func version(banner string) (string, error) {
	text, ok := strings.CutPrefix(banner, "ready ")
	if !ok || strings.TrimSpace(text) == "" {
		return "", fmt.Errorf("messages: the process says %.200q, not \"ready VERSION\"", banner)
	}
	return strings.TrimSpace(text), nil
}
