package testrouter

import (
	"net"

	"github.com/gammazero/nexus/v3/transport"
)

// acceptRawSocket runs RawSocket clients until the listener is closed.
func (r *Router) acceptRawSocket() {
	for {
		conn, err := r.raw.Accept()
		if err != nil {
			return
		}
		if !r.begin() {
			_ = conn.Close()
			return
		}
		go func() {
			defer r.work.Done()
			r.serveRawSocket(conn)
		}()
	}
}

func (r *Router) serveRawSocket(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if !r.hold(conn) {
		return
	}
	defer r.release(conn)
	// nexus waits for the handshake without a time limit; Close cuts it off.
	peer, err := transport.AcceptRawSocket(conn, r.log, 0, queueSize)
	if err != nil {
		return
	}
	r.serve(conn, peer)
}
