package client

import (
	"context"
	"fmt"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// farewell bounds our answer to the router's GOODBYE.
const farewell = 500 * time.Millisecond

// LeftError is the cause of an end that the router has announced.
type LeftError struct {
	Type   wamp.MessageType // GOODBYE or ABORT
	Reason string           // a URI
}

// Error says why the router has ended the session.
func (e *LeftError) Error() string {
	return fmt.Sprintf("the router has ended the session: %s %s", e.Type, link.Printable(e.Reason))
}

// read takes what the router sends, until the session ends.
func (c *Client) read() {
	for {
		in := link.NewIncoming()
		if err := c.link.Read(in); err != nil {
			c.End(err)
			return
		}
		switch in.Type {
		case wamp.GOODBYE, wamp.ABORT:
			c.left(in)
			return
		}
		if !c.route(in) {
			return
		}
	}
}

// left ends the session as the router wants it.
func (c *Client) left(in *link.Incoming) {
	details, _ := in.Dict()
	c.mu.Lock()
	answer := in.Type == wamp.GOODBYE && !c.leaving
	c.leaving = true
	if in.Type == wamp.GOODBYE {
		c.goodbye = &wamp.Goodbye{Details: details, Reason: wamp.URI(in.URI)}
	}
	c.mu.Unlock()
	if answer {
		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		_ = c.send(ctx, message.Out{Type: wamp.GOODBYE, URI: string(wamp.ErrGoodbyeAndOut)})
		cancel()
	}
	c.End(&LeftError{Type: in.Type, Reason: in.URI})
}

// verdict is what becomes of a message of the router.
type verdict struct {
	refused error           // why it isn't handed on
	keep    bool            // something has the message
	serve   task            // for a worker; none without an invocation and an error
	room    <-chan struct{} // ask again when that is closed
	urgent  bool            // others wait for what comes after
}

// route hands in to whom it is for. It returns false when the session has ended.
func (c *Client) route(in *link.Incoming) bool {
	kind := in.Type // whom it is handed to may release it at once
	v, alive := c.admit(in)
	if !alive {
		return false
	}
	c.refuse(kind, v.refused)
	if !v.keep {
		in.Release()
	}
	if v.serve.inv != nil || v.serve.deny != "" {
		c.workers.run(c, v.serve)
	}
	if kind == wamp.EVENT && v.keep {
		c.wakeUp()
	}
	return true
}

// admit decides on in, and waits where there is no room.
func (c *Client) admit(in *link.Incoming) (v verdict, alive bool) {
	var late <-chan time.Time
	flooded := false
	for {
		c.mu.Lock()
		v = c.decide(in, flooded)
		c.mu.Unlock()
		if v.room == nil {
			return v, true
		}
		if v.urgent && late == nil {
			// Half of it is left to the reply that is waited for.
			timer := time.NewTimer(c.cfg.ResponseTimeout / 2)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-v.room:
		case <-late:
			flooded = true
		case <-c.over:
			return verdict{}, false
		}
	}
}

// decide returns what becomes of in, for which there has been no room for too long if
// flooded is true. mu is held.
func (c *Client) decide(in *link.Incoming, flooded bool) verdict {
	if c.cause != nil {
		return verdict{}
	}
	switch in.Type {
	case wamp.EVENT:
		return c.decideEvent(in, flooded)
	case wamp.INVOCATION:
		return c.decideInvocation(in, flooded)
	case wamp.INTERRUPT:
		return c.decideInterrupt(in)
	case wamp.SUBSCRIBED, wamp.UNSUBSCRIBED, wamp.REGISTERED, wamp.UNREGISTERED, wamp.PUBLISHED, wamp.RESULT, wamp.ERROR:
		return c.decideReply(in, flooded)
	case wamp.WELCOME, wamp.CHALLENGE:
		return verdict{refused: errSession}
	}
	return verdict{refused: errUnasked}
}

func (c *Client) decideReply(in *link.Incoming, flooded bool) verdict {
	r, err := c.replied(in)
	if r == nil {
		return verdict{refused: err}
	}
	if in.Type == wamp.RESULT && in.Flag(wamp.OptProgress) {
		switch {
		case r.canceled:
			return verdict{}
		case r.progress != nil:
			return c.decideProgress(r, in, flooded)
		}
		in.Payload.Err = errUnwanted
	}
	c.finish(r, in)
	return verdict{keep: true}
}
