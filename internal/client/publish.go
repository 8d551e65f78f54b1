package client

import (
	"context"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// Publish publishes an event, and waits for the router's confirmation where the options ask
// for one. sent, if not nil, is called before that, once the event is on its way.
func (c *Client) Publish(topic string, part *wire.Part, sent func()) error {
	m := out(wamp.PUBLISH, topic, part)
	if acknowledge, _ := part.Dict[wamp.OptAcknowledge].(bool); !acknowledge {
		m.Request = c.nextID()
		err := c.send(context.Background(), m)
		if err == nil && sent != nil {
			sent()
		}
		return err
	}
	r := c.newRequest(m.Type)
	r.sent = sent
	return c.askAs(r, m, "waiting for published message")
}

// out is a message with a payload.
func out(kind wamp.MessageType, uri string, part *wire.Part) message.Out {
	return message.Out{Type: kind, URI: uri, Options: part.Dict, Args: part.Args, Kwargs: part.Kwargs, Payload: part.Payload, Raw: part.Raw}
}
