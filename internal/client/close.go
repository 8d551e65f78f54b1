package client

import (
	"context"
	"errors"
	"maps"
	"slices"
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

// running counts the handlers that run. It is under Client.mu.
type running struct {
	invocations int
	event       bool
	change      signal // that, or what waits for them, is less
}

// Shutdown ends the session and loses nothing: it has the router send no more events and
// invocations, waits until those that came have been handled, and closes. If ctx ends before,
// the session ends at once, and Shutdown returns ctx's cause. It waits for the handlers of
// earlier sessions too. As [Client.Close] it may be called once.
func (c *Client) Shutdown(ctx context.Context, earlier ...*Client) error {
	if err := c.beginClose(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { c.End(ErrClosed) })
	c.withdraw()
	for _, session := range earlier {
		session.awaitHandlers(ctx)
	}
	c.awaitHandlers(ctx)
	if ctx.Err() == nil {
		if err := c.close(); stop() {
			return err
		}
	}
	stop()
	c.End(ErrClosed)
	return context.Cause(ctx)
}

// withdraw ends all registrations and subscriptions. Until the router confirms that,
// handlers get what comes.
func (c *Client) withdraw() {
	c.mu.Lock()
	registrations := slices.Collect(maps.Keys(c.registrations.live))
	subscriptions := slices.Collect(maps.Keys(c.subscriptions.live))
	c.mu.Unlock()
	// What the router doesn't want to end does so with the session.
	for _, id := range registrations {
		_ = c.ask(message.Out{Type: wamp.UNREGISTER, ID: id}, nil, "")
	}
	for _, id := range subscriptions {
		_ = c.ask(message.Out{Type: wamp.UNSUBSCRIBE, ID: id}, nil, "")
	}
	c.mu.Lock()
	c.retiring = true
	c.mu.Unlock()
}

// awaitHandlers returns when the session is idle, or ctx has ended.
func (c *Client) awaitHandlers(ctx context.Context) {
	for {
		c.mu.Lock()
		if c.idle() {
			c.mu.Unlock()
			return
		}
		change := c.handlers.change.next()
		c.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			return
		}
	}
}

// Idle reports whether no handler runs or has anything to come.
func (c *Client) Idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.idle()
}

// idle is Idle. mu is held.
func (c *Client) idle() bool {
	return c.handlers.invocations == 0 && !c.handlers.event && len(c.events.items) == 0
}
