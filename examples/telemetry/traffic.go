package main

import (
	"context"
	"errors"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
)

// play sends a round of messages and rotates the key, each so often, until ctx ends.
func (s *stage) play(ctx context.Context, every, rotate time.Duration) error {
	rounds, rotations := time.NewTicker(every), time.NewTicker(rotate)
	defer rounds.Stop()
	defer rotations.Stop()
	for n := 0; ; n++ {
		if err := s.round(ctx, n); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-rotations.C:
			if err := s.keys.rotate(rotate / 2); err != nil {
				return err
			}
		case <-rounds.C:
		}
	}
}

// round calls and publishes. Every tenth time somebody without keys publishes too.
func (s *stage) round(ctx context.Context, n int) error {
	_, err := s.customer.Call(ctx, order, nil, wamp.List{"tea", n}, nil, nil)
	err = errors.Join(err, s.customer.Publish(ordered, nil, wamp.List{"tea", n}, nil))
	if n%10 == 0 {
		err = errors.Join(err, s.stranger.Publish(stock, nil, wamp.List{"tea", n}, nil), s.stranger.Publish(ordered, nil, wamp.List{"forged"}, nil))
	}
	return err
}
