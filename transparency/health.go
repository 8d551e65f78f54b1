package transparency

import "fmt"

// Ready returns nil where the Session is connected, and everything that was subscribed and
// registered is in place: for health checks. Else it says what is missing, and why;
// without a connection it wraps [ErrNotConnected].
func (s *Session) Ready() error {
	if !s.Connected() {
		return fmt.Errorf("%w: %w", ErrNotConnected, s.Err())
	}
	if r, ok := s.transport.(*reconnecting); ok {
		return r.incomplete()
	}
	return nil
}

// Err returns why the Session has no connection, and nil while it has one: [ErrClosed]
// after Close and Shutdown, else why the connection was lost, and with [WithReconnect]
// also why the last attempt to make another one failed. With [ErrGaveUp] there will be no
// more. What ended because of that wraps why the connection was lost too.
func (s *Session) Err() error { return s.transport.Err() }
