package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

const (
	handOut = time.Second            // until the next secret is in use; a day, where files are handed out
	outlive = 500 * time.Millisecond // how long the first one is good for afterwards; a week
	pause   = 5 * time.Millisecond   // between two messages
)

// rotate changes the secret by its dates, while the till publishes and calls. Each message is
// waited for.
func (s *shop) rotate(ctx context.Context) ([]row, error) {
	first, at := s.routed(tea), time.Now().Add(handOut)
	if err := s.addSecret(cryptobox.GenerateScrambleSecret(), at); err != nil {
		return nil, err
	}
	before := s.watch.count(wamp.PUBLISH, first)
	sent, answered := 0, 0
	for time.Since(at) < 2*outlive {
		sent++
		if err := publish(s.till, tea, sent); err != nil {
			return nil, err
		}
		if err := errors.Join(came(ctx, s.ofAll, sent), came(ctx, s.ofMunich, sent)); err != nil {
			return nil, err
		}
		if _, err := s.till.Call(ctx, count, nil, wamp.List{sent}, nil, nil); err != nil {
			return nil, fmt.Errorf("call %d: %w", sent, err)
		}
		answered++
		time.Sleep(pause)
	}
	old, fresh := s.watch.count(wamp.PUBLISH, first)-before, s.watch.count(wamp.PUBLISH, s.routed(tea))
	return []row{
		{"till", "publishes while the secret changes", true, old+fresh == sent && old > 0 && fresh > 0,
			fmt.Sprintf("%d came to prefix and wildcard, %d under the first secret, %d under the second", sent, old, fresh)},
		{"till", "calls while the secret changes", true, answered == sent, fmt.Sprintf("%d of %d answered", answered, sent)},
	}, nil
}

// came waits for the event of a number, which has to be the next one.
func came(ctx context.Context, events <-chan *wamp.Event, number int) error {
	event, err := next(ctx, events)
	if err != nil {
		return fmt.Errorf("event %d was lost: %w", number, err)
	}
	if n, _ := wamp.AsInt64(event.Arguments[0]); int(n) != number {
		return fmt.Errorf("%w: event %d in place of %d", errWrong, n, number)
	}
	return nil
}

// addSecret hands the next secret to all who hold the first, and says until when that is good.
func (s *shop) addSecret(secret cryptobox.ScrambleSecret, at time.Time) error {
	for _, ring := range s.rings {
		if err := ring.AddScramble(prefix, secret, keyring.Dates{ActiveFrom: at}); err != nil {
			return err
		}
		if err := ring.SetScrambleDates(prefix, s.secret.ID().String(), keyring.Dates{NotAfter: at.Add(outlive)}); err != nil {
			return err
		}
	}
	s.secret = secret
	return nil
}

// routed is how the router gets a URI now.
func (s *shop) routed(uri string) string {
	uris, err := s.till.RouterURIs(uri, nil)
	if err != nil {
		return ""
	}
	return string(uris[0])
}
