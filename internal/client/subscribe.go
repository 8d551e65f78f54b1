package client

import (
	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// Subscribe subscribes to the topic or topic pattern. handler is in place before the
// first event is read.
func (c *Client) Subscribe(topic string, options wamp.Dict, handler EventHandler) error {
	confirmed := func(id wamp.ID) {
		s, again := c.subscriptions.live[id]
		if !again {
			s = &subscription{}
		}
		s.handler = handler // takes what waits for an earlier one too, which Unsubscribe is to end
		c.subscriptions.begin(id, topic, s)
	}
	return c.ask(message.Out{Type: wamp.SUBSCRIBE, URI: topic, Options: options}, confirmed, "subscribing to topic '"+topic+"'")
}

// SubscriptionID returns the id of the subscription to the topic.
func (c *Client) SubscriptionID(topic string) (wamp.ID, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, ok := c.subscriptions.ids[topic]
	return id, ok
}

// Unsubscribe ends the subscription to the topic. Its handler gets no more events,
// whatever the router says.
func (c *Client) Unsubscribe(topic string) error {
	c.mu.Lock()
	id, subscription, ok := c.subscriptions.end(topic)
	if ok {
		subscription.ended = true
	}
	c.mu.Unlock()
	if !ok {
		return nexus.ErrNotSubscribed
	}
	return c.ask(message.Out{Type: wamp.UNSUBSCRIBE, ID: id}, nil, "unsubscribing to '"+topic+"'")
}
