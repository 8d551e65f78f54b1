package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
)

// seen is a URI as a program uses it, and as the router got it.
type seen struct{ who, does, program, router string }

// work has the parties do what they are for.
func (s *shop) work(ctx context.Context) (all []seen, err error) {
	note := func(who, does, program string, of wamp.MessageType) {
		all = append(all, seen{who, does, program, s.watch.last(of)})
	}
	if s.ofAll, err = subscribe(s.office, sold, wamp.MatchPrefix); err != nil {
		return nil, err
	}
	note("office", "subscribes to a prefix", sold, wamp.SUBSCRIBE)
	if s.ofMunich, err = subscribe(s.branch, local, wamp.MatchWildcard); err != nil {
		return nil, err
	}
	note("branch", "subscribes to a wildcard", local, wamp.SUBSCRIBE)
	for _, topic := range []string{milk, tea} {
		if err := publish(s.till, topic, 1); err != nil {
			return nil, err
		}
		note("till", "publishes", topic, wamp.PUBLISH)
		if err := got(ctx, s.ofAll, topic); err != nil {
			return nil, fmt.Errorf("office: %w", err)
		}
		note("office", "gets the event", topic, wamp.PUBLISH)
	}
	if err := got(ctx, s.ofMunich, tea); err != nil {
		return nil, fmt.Errorf("branch: %w", err)
	}
	note("branch", "gets the event", tea, wamp.PUBLISH)
	return all, s.ask(ctx, note)
}

// got waits for the next event, which has to be of a topic: its handler is told the real one.
func got(ctx context.Context, events <-chan *wamp.Event, topic string) error {
	event, err := next(ctx, events)
	if err != nil {
		return err
	}
	if named, _ := wamp.AsString(event.Details["topic"]); named != topic {
		return fmt.Errorf("%w: an event of %q, not of %q", errWrong, named, topic)
	}
	return nil
}

// ask has the till call the stock, and get an answer and an error.
func (s *shop) ask(ctx context.Context, note func(who, does, program string, of wamp.MessageType)) error {
	err := s.stock.Register(count, func(_ context.Context, call *wamp.Invocation) client.InvokeResult {
		if len(call.Arguments) == 0 {
			return client.InvokeResult{Err: soldOut}
		}
		return client.InvokeResult{Args: call.Arguments}
	}, nil)
	if err != nil {
		return err
	}
	note("stock", "registers", count, wamp.REGISTER)
	if _, err := s.till.Call(ctx, count, nil, wamp.List{1}, nil, nil); err != nil {
		return err
	}
	note("till", "calls", count, wamp.CALL)
	_, err = s.till.Call(ctx, count, nil, nil, nil, nil)
	var raised client.RPCError
	if !errors.As(err, &raised) || raised.Err.Error != soldOut {
		return fmt.Errorf("%w: the error of a call: %w", errWrong, err)
	}
	note("till", "gets the error", soldOut, wamp.ERROR)
	return nil
}
