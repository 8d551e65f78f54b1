package client

// Reserve takes the bytes of memory that the sealed payload of the current chunk needs when
// opened: a few bytes can stand for many. It waits until there is room; all invocations of a
// session share maxServedBytes. More than half of that counts as half, or it might wait
// forever. An error says that inv has ended. Only the goroutine that runs the handler may
// call it.
func (inv *Invocation) Reserve(bytes int) error {
	opened := inv.client.opened
	opened.Release(inv.opened) // who waits holds nothing that others wait for
	inv.opened = 0
	if err := inv.ctx.Err(); err != nil {
		return err
	}
	room := int64(min(bytes, maxServedBytes/2))
	if err := opened.Acquire(&inv.ctx, room); err != nil {
		return err
	}
	inv.opened = room
	return nil
}
