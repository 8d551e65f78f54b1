package messages

import (
	"bytes"
	"context"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
)

// valuesName is the name of what isn't a contender: the values that opening returns,
// made of bytes without opening anything. It says how many allocations the values
// themselves need.
const valuesName = "the values alone"

type values struct{ args []any }

func (*values) name() string { return valuesName }

func (v *values) run(_ context.Context, task string, size int, atLeast time.Duration) (measure.Sample, error) {
	return loop(v, task, size, atLeast)
}

func (v *values) work(task string, size int) (func() error, error) {
	if task != Open {
		return nil, unknownTask(task)
	}
	if text, ok := payload(size).(string); ok {
		raw := []byte(text)
		return func() error { v.args = []any{string(raw)}; return nil }, nil
	}
	raw := random(size)
	return func() error { v.args = []any{bytes.Clone(raw)}; return nil }, nil
}
