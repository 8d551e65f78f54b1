package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
)

// responders are the names of the processes that serve, peers those of the processes that
// have both roles.
var (
	responders = []string{"1", "2"}
	peers      = []string{"1", "2", "3", "4"}
)

const (
	callers = 4                // goroutines that call
	ahead   = 16               // events under way: what is beyond its queue, 64 messages for a client, nexus drops
	patient = 10 * time.Second // for an answer, and for the last event
)

// originate publishes and calls until sending ends, and then waits for the last
// event to arrive.
func (w *worker) originate(sending context.Context) error {
	w.say("ready")
	var group sync.WaitGroup
	errs := make([]error, callers+1)
	for i := range callers {
		group.Go(func() { errs[i] = w.call(sending, i) })
	}
	group.Go(func() { errs[callers] = w.publish(sending) })
	group.Wait()
	return errors.Join(errs...)
}

// call calls one responder after the other.
func (w *worker) call(sending context.Context, from int) error {
	for n := int64(from); sending.Err() == nil; n++ {
		uri := prefix + "double." + w.others[n%int64(len(w.others))]
		got, err := w.ask(uri, n)
		if err != nil {
			return err
		}
		if got != 2*n {
			return fmt.Errorf("%s of %d is %d", uri, n, got)
		}
		time.Sleep(w.pause)
	}
	return nil
}

// ask calls a procedure that answers a number with a number.
func (w *worker) ask(uri string, arg any) (int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	result, err := w.session.Call(ctx, uri, nil, wamp.List{arg}, nil, nil)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", uri, err)
	}
	if len(result.Arguments) != 1 {
		return 0, fmt.Errorf("%s: %d values", uri, len(result.Arguments))
	}
	n, ok := wamp.AsInt64(result.Arguments[0])
	if !ok {
		return 0, fmt.Errorf("%s: no number", uri)
	}
	return n, nil
}

// publish numbers its events, and doesn't run further ahead of their receivers than
// allowed.
func (w *worker) publish(sending context.Context) error {
	var n int64
	for sending.Err() == nil {
		n++
		if err := w.session.Publish(prefix+"tick", nil, wamp.List{w.name, n}, nil); err != nil {
			return err
		}
		w.mu.Lock()
		w.sent++
		w.mu.Unlock()
		if n%(ahead/2) == 0 {
			if err := w.await(n - ahead/2); err != nil {
				return err
			}
			time.Sleep(w.pause)
		}
	}
	return w.await(n)
}

// await waits until all responders have got the first n events.
func (w *worker) await(n int64) error {
	deadline := time.Now().Add(patient)
	for _, responder := range w.others {
		for {
			got, err := w.ask(prefix+"seen."+responder, w.name)
			if err != nil {
				return err
			}
			if got >= n {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("responder %s got %d of %d events: the others are lost", responder, got, n)
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}
