package measure_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
)

func TestParseSample(t *testing.T) {
	s, err := measure.ParseSample("done 1500 3000000")
	require.NoError(t, err)
	require.Equal(t, measure.Sample{Count: 1500, Elapsed: 3 * time.Millisecond}, s)
	require.Equal(t, 2000.0, s.Each())
}

func TestParseSampleRefuses(t *testing.T) {
	for _, answer := range []string{
		"", "done", "done 1", "done 1 2 3", "ready 1 2", "done x 2", "done 1 x", "done 1.5 2",
		"done 0 5", "done -1 5", "done 5 0", "done 5 -1", "done 99999999999999999999 1", "Traceback (most recent call last):",
	} {
		s, err := measure.ParseSample(answer)
		require.Error(t, err, "%q", answer)
		require.Zero(t, s, "%q", answer)
	}
	_, err := measure.ParseSample("failed it didn't open")
	require.ErrorContains(t, err, "it didn't open")
}

func TestCommand(t *testing.T) {
	require.Equal(t, "seal 1024 100000000", measure.Command("seal", 1024, 100*time.Millisecond))
}

func TestLoop(t *testing.T) {
	done := 0
	s, err := measure.Loop(2*time.Millisecond, 8, func() error { done++; return nil })
	require.NoError(t, err)
	require.GreaterOrEqual(t, s.Elapsed, 2*time.Millisecond)
	require.Equal(t, done, s.Count, "what was done is what is counted")
	require.Zero(t, s.Count%8)

	wrong := errors.New("wrong")
	_, err = measure.Loop(time.Hour, 1, func() error { return wrong })
	require.ErrorIs(t, err, wrong)
}

func TestBatch(t *testing.T) {
	require.Equal(t, 64, measure.Batch(0))
	require.Equal(t, 64, measure.Batch(1024))
	require.Equal(t, 4, measure.Batch(16<<10))
	require.Equal(t, 1, measure.Batch(1<<20))
}

func TestTakeTurns(t *testing.T) {
	var order strings.Builder
	job := func(name string) measure.Job {
		return measure.Job{Name: name, Run: func(context.Context) error { order.WriteString(name); return nil }}
	}
	require.NoError(t, measure.TakeTurns(t.Context(), 3, []measure.Job{job("a"), job("b"), job("c")}))
	require.Equal(t, "abcabcabc", order.String())

	wrong := errors.New("wrong")
	bad := measure.Job{Name: "the bad one", Run: func(context.Context) error { return wrong }}
	err := measure.TakeTurns(t.Context(), 3, []measure.Job{bad})
	require.ErrorIs(t, err, wrong)
	require.ErrorContains(t, err, "the bad one")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, measure.TakeTurns(ctx, 1, []measure.Job{bad}), context.Canceled)
}

var sink []byte

func TestAllocations(t *testing.T) {
	allocs, bytes, err := measure.Allocations(200, func() error { sink = make([]byte, 1024); return nil })
	require.NoError(t, err)
	require.InDelta(t, 1, allocs, 0.05)
	require.InDelta(t, 1024, bytes, 64)

	allocs, _, err = measure.Allocations(200, func() error { return nil })
	require.NoError(t, err)
	require.LessOrEqual(t, allocs, 0.05)

	wrong := errors.New("wrong")
	_, _, err = measure.Allocations(200, func() error { return wrong })
	require.ErrorIs(t, err, wrong)
}
