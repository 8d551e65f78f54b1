package testrouter

import (
	"net"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
)

// session is a connection's peer as nexus gets it. Its Close only notes that
// nexus is done with it; the peer itself is closed by the goroutine that
// attached it, after attaching has returned. nexus would otherwise close the
// channel that it is about to send WELCOME on.
type session struct {
	wamp.Peer
	answered func() // called when nexus has had the HELLO and answers
	answer   sync.Once
	end      sync.Once
	ended    chan struct{}
}

func newSession(peer wamp.Peer, answered func()) *session {
	return &session{Peer: peer, answered: answered, ended: make(chan struct{})}
}

// Send implements [wamp.Peer]. nexus first asks for it to send WELCOME or ABORT.
func (s *session) Send() chan<- wamp.Message {
	s.answer.Do(s.answered)
	return s.Peer.Send()
}

// Close implements [wamp.Peer].
func (s *session) Close() { s.end.Do(func() { close(s.ended) }) }

// serve attaches a connection to the router and returns when its session has
// ended and the peer's goroutines have.
func (r *Router) serve(conn net.Conn, peer wamp.Peer) {
	// From its WELCOME on, a client is owed a GOODBYE: no more cutting off.
	s := newSession(peer, func() { r.server.Release(conn) })
	err := r.Router().Attach(s)
	if err == nil {
		<-s.ended
	}
	if r.server.Stopped() {
		// A router that shuts down ends sessions without taking them from its
		// broker and dealer, which may still send to this one.
		<-r.stopped
	}
	s.finish(conn)
}

// finish writes what nexus has queued, the GOODBYE above all, and closes the
// peer. nexus's peers throw away their queue when they are closed, and the
// RawSocket one leaves its reader running: reading on until the channel is
// closed waits for it.
func (s *session) finish(conn net.Conn) {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for range s.Recv() {
		}
	}()
	s.flush(gone)
	// Closing waits for the writer, which a client that doesn't read blocks.
	cut := time.AfterFunc(linger, func() { _ = conn.Close() })
	s.Peer.Close()
	<-gone
	cut.Stop()
}

// flush waits until the writer has taken all messages, or can't.
func (s *session) flush(gone <-chan struct{}) {
	for until := time.Now().Add(linger); len(s.Send()) > 0 && time.Now().Before(until); {
		select {
		case <-time.After(time.Millisecond):
		case <-gone:
			return
		}
	}
}
