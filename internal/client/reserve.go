package client

import "context"

// Reserve takes the bytes of memory that the sealed payload of the current chunk needs when
// opened: a few bytes can stand for many. It waits until there is room, which the chunk has
// until its handler returns; all invocations of a session share maxServedBytes. More than
// half of that counts as half, or it might wait forever. Only the goroutine that runs the
// handler may call it.
//
// An error that wraps [ErrFlood] says that inv can't be served: there has been no room for
// half of the response timeout, or the session waits for a reply, for which a handler that
// has room may wait. Any other says that inv has ended.
func (inv *Invocation) Reserve(bytes int) error {
	opened := inv.client.opened
	inv.unreserve() // who waits holds nothing that others wait for
	if err := inv.ctx.Err(); err != nil {
		return err
	}
	room := int64(min(bytes, maxServedBytes/2))
	if !opened.TryAcquire(room) {
		if err := inv.awaitRoom(room); err != nil {
			return err
		}
	}
	inv.opened = room
	return nil
}

func (inv *Invocation) unreserve() {
	inv.client.opened.Release(inv.opened)
	inv.opened = 0
}

// awaitRoom takes what isn't there yet.
func (inv *Invocation) awaitRoom(room int64) error {
	c := inv.client
	ctx, stop := context.WithTimeout(&inv.ctx, c.cfg.ResponseTimeout/2)
	defer stop()
	c.mu.Lock()
	waits, asked := c.awaitsServed(false), c.asked.next()
	c.mu.Unlock()
	if !waits {
		return errInvocations
	}
	go func() {
		select {
		case <-asked:
			stop()
		case <-ctx.Done():
		}
	}()
	got := c.opened.Acquire(ctx, room) == nil
	if err := inv.ctx.Err(); err != nil { // which ctx may not have noticed yet
		if got {
			c.opened.Release(room)
		}
		return err
	}
	if !got {
		return errInvocations
	}
	return nil
}
