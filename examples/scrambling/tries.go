package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// a moment is long for an event in one process.
const moment = 100 * time.Millisecond

// tryAll has parties that lack something try what they can.
func (s *shop) tryAll(ctx context.Context) (rows []row, err error) {
	for _, one := range []struct {
		who, does string
		may       bool
		try       func(context.Context) (could bool, how string, err error)
	}{
		{"stranger", "learns a topic at the router", false, s.listen},
		{"stranger", "calls by the real URI", false, s.callPlain},
		{"guest", "has a key and no secret: publishes", false, s.publishUnscrambled},
		{"guest", "has a key and another secret: calls", false, s.callOtherwise},
		{"guest", "has a key and another secret: subscribes", false, s.subscribeOtherwise},
		{"insider", "has the secret: tries words on what the router sees", true, s.guess},
	} {
		could, how, err := one.try(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", one.who, one.does, err)
		}
		rows = append(rows, row{one.who, one.does, one.may, could, how})
	}
	return rows, nil
}

// listen subscribes to all below the prefix, which shows, and looks at what is said of an event.
func (s *shop) listen(ctx context.Context) (could bool, how string, err error) {
	stranger, err := s.joinPlain()
	if err != nil {
		return false, "", err
	}
	events := make(chan *wamp.Event, 1)
	err = stranger.Subscribe(prefix, func(event *wamp.Event) { events <- event }, wamp.Dict{wamp.OptMatch: wamp.MatchPrefix})
	if err == nil {
		err = publish(s.till, tea, 1)
	}
	if err != nil {
		return false, "", err
	}
	event, err := next(ctx, events)
	if err = errors.Join(err, stranger.Unsubscribe(prefix)); err != nil {
		return false, "", err
	}
	topic, _ := wamp.AsString(event.Details["topic"])
	return named(topic), fmt.Sprintf("it is below %s, of %d components", prefix, strings.Count(topic, ".")), nil
}

// named tells whether a URI shows a component of the topic.
func named(uri string) bool {
	for component := range strings.SplitSeq(strings.TrimPrefix(tea, prefix), ".") {
		if strings.Contains(uri, component) {
			return true
		}
	}
	return false
}

func (s *shop) callPlain(ctx context.Context) (could bool, how string, err error) {
	stranger, err := s.joinPlain()
	if err != nil {
		return false, "", err
	}
	_, err = stranger.Call(ctx, count, nil, nil, nil, nil)
	return raised(err)
}

// raised says what a call came to.
func raised(err error) (could bool, how string, other error) {
	if err == nil {
		return true, "it was answered", nil
	}
	var raised client.RPCError
	if !errors.As(err, &raised) {
		return false, "", err
	}
	return false, string(raised.Err.Error), nil
}

// publishUnscrambled seals for the office, under the real topic.
func (s *shop) publishUnscrambled(ctx context.Context) (could bool, how string, err error) {
	ring := keyring.New()
	if err := ring.Set(keyring.Prefix(prefix), s.sends()); err != nil {
		return false, "", err
	}
	guest, err := s.join(ring)
	if err != nil {
		return false, "", err
	}
	events, err := subscribe(s.branch, tea, wamp.MatchExact)
	if err == nil {
		err = publish(guest, tea, 1)
	}
	if err != nil {
		return false, "", err
	}
	could, how, err = arrives(ctx, events)
	return could, how, errors.Join(err, s.branch.Unsubscribe(tea))
}

// arrives tells whether an event comes.
func arrives(ctx context.Context, events <-chan *wamp.Event) (could bool, how string, err error) {
	select {
	case <-events:
		return true, "the event came", nil
	case <-time.After(moment):
		return false, "nothing came", nil
	case <-ctx.Done():
		return false, "", ctx.Err()
	}
}

func (s *shop) callOtherwise(ctx context.Context) (could bool, how string, err error) {
	ring, err := ringWith(s.sends(), cryptobox.GenerateScrambleSecret())
	if err != nil {
		return false, "", err
	}
	guest, err := s.join(ring)
	if err != nil {
		return false, "", err
	}
	_, err = guest.Call(ctx, count, nil, wamp.List{1}, nil, nil)
	return raised(err)
}

func (s *shop) subscribeOtherwise(ctx context.Context) (could bool, how string, err error) {
	ring, err := ringWith(s.receives(), cryptobox.GenerateScrambleSecret())
	if err != nil {
		return false, "", err
	}
	guest, err := s.join(ring)
	if err != nil {
		return false, "", err
	}
	events, err := subscribe(guest, tea, wamp.MatchExact)
	if err == nil {
		err = publish(s.till, tea, 1)
	}
	if err != nil {
		return false, "", err
	}
	return arrives(ctx, events)
}

// guess is what scrambling doesn't stop: who holds the secret can try each word at each place.
func (s *shop) guess(context.Context) (could bool, how string, err error) {
	scrambler, err := cryptobox.NewScrambler(s.secret, realm, prefix)
	if err != nil {
		return false, "", err
	}
	wanted := strings.Split(strings.TrimPrefix(s.routed(tea), prefix), ".")
	found := make([]string, len(wanted))
	for place := range wanted {
		for _, word := range []string{"bought", "sold", "coffee", "milk", "tea", "berlin", "munich"} {
			tried := scrambler.Scramble(prefix + strings.Repeat(".", place) + word)
			if strings.HasSuffix(tried, "."+wanted[place]) {
				found[place] = word
			}
		}
	}
	uri := prefix + strings.Join(found, ".")
	return uri == tea, "found " + uri, nil
}
