package client

import (
	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// InvocationHandler takes a chunk of an invocation, most often the only one. Chunks of one
// invocation come one at a time and in order; several invocations are served at once. It
// answers by the Invocation, or leaves that to a later chunk.
type InvocationHandler func(*Invocation, *Received)

// Register registers the procedure or procedure pattern. handler is in place before the
// first invocation is read.
func (c *Client) Register(procedure string, options wamp.Dict, handler InvocationHandler) error {
	confirmed := func(id wamp.ID) { c.registrations.begin(id, procedure, handler) }
	return c.ask(message.Out{Type: wamp.REGISTER, URI: procedure, Options: options}, confirmed, "registering procedure '"+procedure+"'")
}

// RegistrationID returns the id of the registration of the procedure.
func (c *Client) RegistrationID(procedure string) (wamp.ID, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, ok := c.registrations.ids[procedure]
	return id, ok
}

// Unregister ends the registration of the procedure. Its handler gets no new
// invocations, whatever the router says.
func (c *Client) Unregister(procedure string) error {
	c.mu.Lock()
	id, _, ok := c.registrations.end(procedure)
	c.mu.Unlock()
	if !ok {
		return nexus.ErrNotRegistered
	}
	return c.ask(message.Out{Type: wamp.UNREGISTER, ID: id}, nil, "unregistering procedure '"+procedure+"'")
}
