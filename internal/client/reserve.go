package client

// Reserve says how many bytes of memory the sealed payload of the chunk takes that is being
// handled, opened: a few bytes can stand for many. It waits until there is room, of which
// all invocations of a session have maxServedBytes. What takes more than half of that counts
// as half, or it might wait forever. An error says that inv has ended. It is for the
// goroutine that runs the handler.
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
