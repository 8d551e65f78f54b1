package traffic

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
)

// arrival is an event as the far end got it.
type arrival struct {
	args wamp.List
	at   time.Time
}

// subscribe has the far end hand over the events that it gets.
func (l *link) subscribe() (<-chan arrival, error) {
	arrivals := make(chan arrival, 128) // more than are ever under way
	err := l.far.Subscribe(l.uri("topic"), func(event *wamp.Event) {
		arrivals <- arrival{event.Arguments, time.Now()}
	}, nil)
	return arrivals, err
}

// events publishes for at least the duration, with so many under way and no more:
// nexus's router drops what a client's queue doesn't hold. They arrive in order, and
// every one is looked at.
func (l *link) events(ctx context.Context, arrivals <-chan arrival, size, atOnce int, atLeast time.Duration) (*outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, atLeast+patience, errors.New("traffic: an event didn't arrive"))
	defer cancel()
	before, err := cpuTime()
	if err != nil {
		return nil, err
	}
	out, err := l.publish(ctx, arrivals, size, atOnce, atLeast)
	if err != nil {
		return nil, err
	}
	after, err := cpuTime()
	if err != nil {
		return nil, err
	}
	out.clientCPU = after - before
	return out, out.check()
}

func (l *link) publish(ctx context.Context, arrivals <-chan arrival, size, atOnce int, atLeast time.Duration) (*outcome, error) {
	text, uri := payload(size), l.uri("topic")
	out := &outcome{}
	sent := make([]time.Time, 0, 1<<16)
	take := func() error {
		n := len(out.latencies)
		select {
		case a := <-arrivals:
			if !same(a.args, strconv.Itoa(n), text) {
				return fmt.Errorf("traffic: event %d: what arrived isn't what was published", n)
			}
			out.latencies = append(out.latencies, float64(a.at.Sub(sent[n]).Nanoseconds()))
			return nil
		case <-ctx.Done():
			return fmt.Errorf("traffic: event %d: %w", n, context.Cause(ctx))
		}
	}
	start := time.Now()
	for until := start.Add(atLeast); time.Now().Before(until); {
		n := len(sent)
		sent = append(sent, time.Now())
		if err := l.near.Publish(uri, nil, wamp.List{strconv.Itoa(n), text}, nil); err != nil {
			return nil, err
		}
		for len(sent)-len(out.latencies) >= atOnce {
			if err := take(); err != nil {
				return nil, err
			}
		}
	}
	for len(out.latencies) < len(sent) {
		if err := take(); err != nil {
			return nil, err
		}
	}
	out.elapsed = time.Since(start)
	return out, nil
}
