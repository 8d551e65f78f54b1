package transparency

// Close leaves the realm and closes the connection, as client.Client.Close does.
// It also ends a [Session.SubscribeChan] that waits for its channel to be read.
//
// Whatever the router does, it returns within the ResponseTimeout of the client's
// configuration (5 seconds by default) and one second more: with [ErrCloseTimeout] if
// an event handler is still at it by then. That is not so after [Wrap], where Close takes
// as long as the client's.
//
// With [WithReconnect] it ends pauses and attempts at once.
//
// A second call returns client.ErrAlreadyClosed. [Session.Shutdown] waits for what runs.
func (s *Session) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	return s.transport.Close()
}

// isClosing reports whether Close was called.
func (s *Session) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}
