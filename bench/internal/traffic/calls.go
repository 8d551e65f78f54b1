package traffic

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
)

// patience bounds the wait for a run's end beyond its time.
const patience = time.Minute

// serve has the far end answer calls with what they were called with.
func (l *link) serve() error {
	echo := func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: inv.Arguments}
	}
	return l.far.Register(l.uri("echo"), echo, nil)
}

// calls has so many callers call, each again when it is answered, for at least the
// duration. Every answer is looked at.
func (l *link) calls(ctx context.Context, size, atOnce int, atLeast time.Duration) (*outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, atLeast+patience)
	defer cancel()
	before, err := cpuTime()
	if err != nil {
		return nil, err
	}
	text := payload(size)
	latencies := make([][]float64, atOnce)
	errs := make([]error, atOnce)
	var callers sync.WaitGroup
	start := time.Now()
	for i := range atOnce {
		callers.Go(func() { latencies[i], errs[i] = l.caller(ctx, i, text, start.Add(atLeast)) })
	}
	callers.Wait()
	out := &outcome{elapsed: time.Since(start)}
	after, err := cpuTime()
	if err != nil {
		return nil, err
	}
	out.clientCPU = after - before
	for i := range latencies {
		if errs[i] != nil {
			return nil, errs[i]
		}
		out.latencies = append(out.latencies, latencies[i]...)
	}
	return out, out.check()
}

func (l *link) caller(ctx context.Context, number int, text string, until time.Time) ([]float64, error) {
	uri := l.uri("echo")
	var latencies []float64
	for n := 0; ; n++ {
		id := strconv.Itoa(number) + "-" + strconv.Itoa(n)
		start := time.Now()
		result, err := l.near.Call(ctx, uri, nil, wamp.List{id, text}, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("traffic: call %s: %w", id, err)
		}
		end := time.Now()
		if !same(result.Arguments, id, text) {
			return nil, fmt.Errorf("traffic: call %s: the answer isn't what was called with", id)
		}
		latencies = append(latencies, float64(end.Sub(start).Nanoseconds()))
		if end.After(until) {
			return latencies, nil
		}
	}
}

func same(args wamp.List, id, text string) bool {
	if len(args) != 2 {
		return false
	}
	gotID, okID := args[0].(string)
	gotText, okText := args[1].(string)
	return okID && okText && gotID == id && gotText == text
}
