package transparency

import "time"

// defaultResponseTimeout is nexus's own.
const defaultResponseTimeout = 5 * time.Second

// closeGrace is how long the client may take to end once the connection is closed.
const closeGrace = time.Second

// Close leaves the realm and closes the connection, as client.Client.Close does.
// It also ends a [Session.SubscribeChan] that waits for its channel to be read.
//
// Whatever the router does, it returns within the ResponseTimeout of the client's
// configuration (5 seconds by default) and one second more: with ErrCloseTimeout if
// an event handler holds the client up until then. That is not so after [Wrap],
// where Close takes as long as the client's.
//
// A second call returns client.ErrAlreadyClosed.
func (s *Session) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	if s.peer == nil {
		return s.client.Close()
	}
	closed := make(chan error, 1)
	go func() { closed <- s.client.Close() }()
	patience := time.NewTimer(s.closeTime)
	defer patience.Stop()
	select {
	case err := <-closed:
		return err
	case <-patience.C:
	}
	s.peer.Cut()
	patience.Reset(closeGrace)
	select {
	case err := <-closed:
		return err
	case <-patience.C:
		return ErrCloseTimeout
	}
}
