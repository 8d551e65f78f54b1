package client

import (
	"errors"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

var errUnsubscribed = errors.New("an event for no subscription")

// Event is an event as it came in.
type Event struct {
	Subscription wamp.ID
	Publication  wamp.ID
	Received
}

// EventHandler takes events, one at a time and in order, in a goroutine of the session.
type EventHandler func(*Event)

// subscription is one that the router has confirmed. It is under Client.mu.
type subscription struct {
	handler EventHandler
	ended   bool // by Unsubscribe
}

// event is one that waits for its handler.
type event struct {
	subscription *subscription
	in           *link.Incoming
}

// decideEvent queues an event. mu is held.
func (c *Client) decideEvent(in *link.Incoming, flooded bool) verdict {
	s, ok := c.subscriptions.live[in.ID]
	if !ok {
		if _, ok := c.subscriptions.past.Get(in.ID); ok {
			return verdict{} // it was on its way when the application unsubscribed
		}
		return verdict{refused: errUnsubscribed}
	}
	if c.retiring {
		return verdict{} // else Shutdown would wait for as long as more come
	}
	bytes := in.Waiting()
	// A handler may be waiting for a reply: reading has to go on then.
	urgent := len(c.requests) > 0
	if c.backlog.crowded(len(c.events.items), c.events.bytes, bytes, urgent) {
		if c.backlog.givesUp(urgent, flooded) {
			return verdict{refused: errEvents}
		}
		return verdict{room: c.backlog.room.next(), urgent: urgent}
	}
	c.events.push(&c.backlog, event{s, in}, bytes)
	if !c.delivering {
		c.delivering = true
		go c.deliver()
	}
	return verdict{keep: true}
}

// wakeUp has the goroutine of events look at the queue.
func (c *Client) wakeUp() {
	select {
	case c.wakeEvents <- struct{}{}:
	default:
	}
}

// deliver hands events to their handlers until the session has ended and none is left.
func (c *Client) deliver() {
	defer close(c.done)
	for {
		c.mu.Lock()
		next, ok := c.events.pop(&c.backlog)
		ended := c.cause != nil
		wanted := ok && !next.subscription.ended
		var handler EventHandler
		if wanted {
			handler = next.subscription.handler
		}
		c.handlers.event = wanted
		c.handlers.change.fire()
		c.mu.Unlock()
		switch {
		case wanted:
			e := &Event{Subscription: next.in.ID, Publication: next.in.Publication}
			e.Received = c.received(next.in, nil)
			handler(e)
		case ok:
			next.in.Release()
		case ended:
			return
		default:
			<-c.wakeEvents
		}
	}
}
