package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// quiet is how long no event has to arrive for the rest to count as lost.
const quiet = time.Second

// publisher is what publishes, and its subscribers.
type publisher struct {
	*clients
	subscribers []*subscriber
	arrived     chan struct{} // has room for one: something has arrived
	text        string
	sent        int64 // in all runs
	flood       bool  // publish without waiting for what is under way
}

// subscriber counts what arrives of one run.
type subscriber struct {
	mu          sync.Mutex
	first, next int64 // numbers of the run's first event, and of the next if none is lost
	received    int
	wrong       bool
}

// publish makes a contender.
func publish(ctx context.Context, url string, k kind, s serializer, subscribers int, flood bool) (contender, error) {
	c, err := connect(ctx, url, k, s, subscribers)
	if err != nil {
		return contender{}, err
	}
	p := &publisher{clients: c, arrived: make(chan struct{}, 1), text: payload(0, callSize), flood: flood}
	for _, far := range c.far {
		sub := &subscriber{}
		p.subscribers = append(p.subscribers, sub)
		err = errors.Join(err, far.Subscribe(c.uri, func(event *wamp.Event) {
			sub.take(event.Arguments, p.text)
			select {
			case p.arrived <- struct{}{}:
			default:
			}
		}, nil))
	}
	return contender{k.name, p.run, c.close}, err
}

func (s *subscriber) begin(first int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first, s.next, s.received = first, first, 0
}

// take notes an event. They come in order, and their text is right.
func (s *subscriber) take(args wamp.List, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(args) != 2 || !same(args[1:], text) {
		s.wrong = true
		return
	}
	number, ok := wamp.AsInt64(args[0])
	switch {
	case !ok || number >= s.first && number < s.next:
		s.wrong = true
	case number >= s.first: // others came too late for their run
		s.received++
		s.next = number + 1
	}
}

func (s *subscriber) state() (next int64, received int, wrong bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next, s.received, s.wrong
}

// run publishes for at least so long. A router drops what its queue of 64 for a client
// doesn't hold, so without flood no more than that are under way. What has not arrived
// when nothing arrives any more is lost.
func (p *publisher) run(ctx context.Context, least time.Duration) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, least+patience)
	defer cancel()
	first := p.sent
	for _, sub := range p.subscribers {
		sub.begin(first)
	}
	var waited time.Duration
	s, err := measured(func() (received int, err error) {
		for until := time.Now().Add(least); p.sent == first || time.Now().Before(until); {
			if err := p.near.Publish(p.uri, nil, wamp.List{p.sent, p.text}, nil); err != nil {
				return 0, err
			}
			p.sent++
			if !p.flood {
				waited += p.wait(ctx, many-1)
			}
		}
		waited += p.wait(ctx, 0)
		for _, sub := range p.subscribers {
			_, n, wrong := sub.state()
			if received += n; wrong {
				return 0, errors.New("what arrived isn't what was published")
			}
		}
		return received, context.Cause(ctx)
	})
	s.elapsed -= waited
	s.lost = int(p.sent-first)*len(p.subscribers) - s.count
	return s, err
}

// wait waits until no more than so many are under way to any subscriber, or nothing
// arrives any more. It returns how long it has waited for nothing.
func (p *publisher) wait(ctx context.Context, underWay int64) time.Duration {
	for {
		behind := int64(0)
		for _, sub := range p.subscribers {
			next, _, _ := sub.state()
			behind = max(behind, p.sent-next)
		}
		if behind <= underWay {
			return 0
		}
		timer := time.NewTimer(quiet)
		select {
		case <-p.arrived:
			timer.Stop()
		case <-timer.C:
			return quiet
		case <-ctx.Done():
			timer.Stop()
			return 0
		}
	}
}

// events is the section of that name.
func (b *benchmark) events(ctx context.Context) (err error) {
	r, err := testrouter.New(realm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	t := b.table("Events, router in the process",
		"Delivered, of one publisher: 256 bytes of text and a number, unacknowledged. At most 64 are under way to a subscriber; "+
			"or as many as Publish takes, and then a router drops what its queue of 64 for a client doesn't hold.",
		perSecond, rateRatio, lost)
	var drawn []bar
	for _, load := range []struct {
		serializers []serializer
		flood       bool
	}{{serializers, false}, {serializers[:1], true}} {
		for _, s := range load.serializers {
			for _, subscribers := range []int{1, 10} {
				found, err := b.compareEvents(ctx, t, r.WebSocketURL(), s, subscribers, load.flood)
				if err != nil {
					return err
				}
				if s == inMsgpack && !load.flood {
					drawn = append(drawn, found...)
				}
			}
		}
	}
	return b.draw(bars("Events of 256 B delivered a second, msgpack, to 1 and to 10 subscribers", drawn))
}

// compareEvents compares all kinds and adds them to the table. It returns their bars.
func (b *benchmark) compareEvents(ctx context.Context, t *table, url string, s serializer, subscribers int, flood bool) ([]bar, error) {
	title := fmt.Sprintf("%s to %d", s.name, subscribers)
	if flood {
		title += ", without bound"
	}
	found, err := b.compareKinds(ctx, t, title+": ", nexusKinds, func(k kind) (contender, error) { return publish(ctx, url, k, s, subscribers, flood) })
	return found.bars(fmt.Sprintf("to %d: ", subscribers), rate), err
}
