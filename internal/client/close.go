package client

import (
	"context"
	"errors"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// closeGrace is how long an event handler may take once the session has ended.
const closeGrace = time.Second

// ErrCloseTimeout is returned by [Client.Close] where an event handler didn't return in
// time. The session has ended.
var ErrCloseTimeout = errors.New("an event handler did not return in time; the connection is closed")

// Close leaves the realm, for which the router has the response timeout, and closes the
// connection. It waits for the event handler that runs, for a second. A second call
// returns nexus's ErrAlreadyClosed.
func (c *Client) Close() error {
	if err := c.beginClose(); err != nil {
		return err
	}
	return c.close()
}

// beginClose lets the first that closes go on.
func (c *Client) beginClose() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nexus.ErrAlreadyClosed
	}
	c.closed = true
	return nil
}

func (c *Client) close() error {
	c.mu.Lock()
	goodbye := !c.leaving && c.cause == nil
	c.leaving, c.parting = true, true
	c.mu.Unlock()
	if goodbye {
		c.sayGoodbye()
	}
	c.End(ErrClosed)
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-c.done:
		return nil
	case <-grace.C:
		return ErrCloseTimeout
	}
}

// sayGoodbye returns when the router has answered, or its time is over.
func (c *Client) sayGoodbye() {
	ctx, stop := context.WithTimeout(context.Background(), c.cfg.ResponseTimeout)
	defer stop()
	err := c.send(ctx, message.Out{Type: wamp.GOODBYE, URI: string(wamp.CloseRealm)})
	if err != nil {
		return
	}
	select {
	case <-c.over:
	case <-ctx.Done():
	}
}
