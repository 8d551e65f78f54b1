package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	enough = 30                   // messages of each, before and after a change
	pause  = 2 * time.Millisecond // between those of one party
)

// traffic is what goes on all the time: readings of the sensors, and calls of the office and
// of a guest. Each message is counted.
type traffic struct {
	plant  *plant
	stop   chan struct{}
	work   sync.WaitGroup
	failed chan error

	sent map[string]*atomic.Int64 // readings and calls, by party

	mu     sync.Mutex
	served map[string]int // calls, by who is proved to have called

	// East's readings: how many each subscriber had when east was to be removed, and how many
	// had been sent when it was.
	before map[string]int
	until  int
}

// startTraffic subscribes, registers, and has everybody begin.
func (p *plant) startTraffic(ctx context.Context) (*traffic, error) {
	t := &traffic{
		plant: p, stop: make(chan struct{}), failed: make(chan error, len(order)),
		sent: map[string]*atomic.Int64{}, served: map[string]int{}, before: map[string]int{},
	}
	for _, name := range order {
		t.sent[name] = new(atomic.Int64)
	}
	for _, name := range subscribers {
		if err := p.parties[name].session.Subscribe(temperature, p.parties[name].readings.deliver, nil); err != nil {
			return nil, err
		}
	}
	service := p.parties[valves].session
	if err := service.Register(state, t.serve, nil); err != nil {
		return nil, err
	}
	if err := service.Register(openValve, transparency.AllowSenders(t.serve, office), nil); err != nil {
		return nil, err
	}
	for _, name := range sensors {
		t.goOn(ctx, name, t.publish)
	}
	t.goOn(ctx, office, func(ctx context.Context, name string, n int) error { return t.call(ctx, name, openValve, n) })
	t.goOn(ctx, guest, func(ctx context.Context, name string, n int) error { return t.call(ctx, name, state, n) })
	return t, nil
}

// goOn has a party send until the traffic ends.
func (t *traffic) goOn(ctx context.Context, name string, send func(ctx context.Context, name string, n int) error) {
	t.work.Go(func() {
		ticks := time.NewTicker(pause)
		defer ticks.Stop()
		for n := 1; ; n++ {
			t.sent[name].Store(int64(n))
			if err := send(ctx, name, n); err != nil {
				t.failed <- fmt.Errorf("%s: %w", name, err)
				return
			}
			select {
			case <-t.stop:
				return
			case <-ticks.C:
			}
		}
	})
}

func (t *traffic) publish(ctx context.Context, name string, n int) error {
	for _, subscriber := range subscribers {
		if err := t.plant.parties[subscriber].readings.expect(ctx); err != nil {
			return err
		}
	}
	return t.plant.parties[name].session.Publish(temperature, nil, wamp.List{name, n}, nil)
}

// call asks the valves. The answer has to be theirs, and the one to this call.
func (t *traffic) call(ctx context.Context, name, procedure string, n int) error {
	result, err := t.plant.parties[name].session.Call(ctx, procedure, nil, wamp.List{n}, nil, nil)
	if err != nil {
		return err
	}
	info, _ := transparency.InfoFrom(result.Details)
	if answer, _ := wamp.AsInt64(result.Arguments[0]); info.Sender.Name != valves || int(answer) != n {
		return fmt.Errorf("%w: the answer to call %d: %v, signed by %q", errWrong, n, result.Arguments, info.Sender.Name)
	}
	return nil
}

// serve is the handler of the valves. It gives back what it got.
func (t *traffic) serve(_ context.Context, call *wamp.Invocation) client.InvokeResult {
	info, _ := transparency.InfoFrom(call.Details)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.served[info.Sender.Name]++
	return client.InvokeResult{Args: call.Arguments}
}

// removeEast takes east off the lists of the subscribers while it publishes.
func (t *traffic) removeEast() error {
	for _, name := range subscribers {
		one := t.plant.parties[name]
		got, _, _ := one.readings.state()
		t.before[name] = got[east]
		if err := one.ring.RemoveParty(pattern, keyring.RoleOriginator, keyring.Party{Name: east}); err != nil {
			return err
		}
	}
	t.until = int(t.sent[east].Load())
	return nil
}

// await returns when each party has sent more than n messages.
func (t *traffic) await(ctx context.Context, n int) error {
	ticks := time.NewTicker(pause)
	defer ticks.Stop()
	for {
		least := n + 1
		for _, name := range []string{north, south, east, office, guest} {
			least = min(least, int(t.sent[name].Load()))
		}
		if least > n {
			return nil
		}
		select {
		case err := <-t.failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-ticks.C:
		}
	}
}

// end stops it, and gives what failed.
func (t *traffic) end() (err error) {
	close(t.stop)
	t.work.Wait()
	close(t.failed)
	for failed := range t.failed {
		err = errors.Join(err, failed)
	}
	return err
}
