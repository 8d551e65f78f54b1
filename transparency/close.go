package transparency

import "context"

// Close leaves the realm and closes the connection, as client.Client.Close does.
// It also ends a [Session.SubscribeChan] that waits for its channel to be read.
//
// Whatever the router does, it returns within the ResponseTimeout of the client's
// configuration (5 seconds by default) and one second more: with [ErrCloseTimeout] if an
// event handler still runs then. After [Wrap], Close takes as long as the client's.
//
// With [WithReconnect] it ends pauses and attempts at once.
//
// A second call returns client.ErrAlreadyClosed. [Session.Shutdown] waits for handlers that
// run.
func (s *Session) Close() error {
	s.asked.end()
	s.end()
	return s.transport.Close()
}

// Shutdown closes the Session and loses nothing that has begun. It has the router send no
// more events and invocations, waits until those that came have been handled and answered,
// and leaves the realm. Handlers can use the Session meanwhile, and a [Session.SubscribeChan]
// waits for its channel to be read. If the connection is lost, it makes no other one. It
// doesn't wait for later chunks of a call: routers may send none without the registration.
// Calls of this Session that are in flight end with [ErrInterrupted]: end them first.
//
// If ctx ends before that is done, Shutdown closes the connection at once and returns the
// cause of ctx's end. After Close or Shutdown it returns client.ErrAlreadyClosed.
//
// After [Wrap] it does what Close does, because a client doesn't tell what runs in it.
func (s *Session) Shutdown(ctx context.Context) error {
	defer s.end()
	s.asked.end()
	return s.transport.Shutdown(ctx)
}
