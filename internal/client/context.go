package client

import (
	"context"
	"sync"
	"time"
)

// handlerContext is what the handler of an invocation gets: it ends with the invocation,
// and leads back to it. It is one part of the Invocation, where package context would
// make four.
type handlerContext struct {
	inv *Invocation

	mu    sync.Mutex
	err   error
	done  chan struct{}        // nil until somebody asks for it
	after map[*func()]struct{} // to be run at the end, each in a goroutine
}

var _ context.Context = (*handlerContext)(nil)

// Deadline implements [context.Context]: the end isn't known before.
func (*handlerContext) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements [context.Context].
func (c *handlerContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
	}
	return c.done
}

// Err implements [context.Context].
func (c *handlerContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Value implements [context.Context].
func (c *handlerContext) Value(key any) any {
	if key == (invocationKey{}) {
		return c.inv
	}
	return nil
}

// AfterFunc is what package context asks for, so that contexts derived from this one
// need no goroutine.
func (c *handlerContext) AfterFunc(fn func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		go fn()
		return func() bool { return false }
	}
	if c.after == nil {
		c.after = map[*func()]struct{}{}
	}
	c.after[&fn] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, waits := c.after[&fn]
		delete(c.after, &fn)
		return waits
	}
}

// end ends the context with err, unless it has ended before.
func (c *handlerContext) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	if c.done != nil {
		close(c.done)
	}
	for fn := range c.after {
		go (*fn)()
	}
	c.after = nil
}
