package testrouter

import (
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
)

var _ router.Router = gate{}

// gate is the nexus router as others see it. It turns clients away once the
// router is closing, and lets Close wait for those on their way in.
type gate struct {
	router.Router
	owner *Router
}

// Attach is AttachClient without details of the transport.
func (g gate) Attach(peer wamp.Peer) error { return g.AttachClient(peer, nil) }

// AttachClient has the router await the peer's HELLO and welcome it.
func (g gate) AttachClient(peer wamp.Peer, details wamp.Dict) error {
	g.owner.mu.Lock()
	if g.owner.closing {
		g.owner.mu.Unlock()
		return refuse(peer)
	}
	g.owner.attaching.Add(1)
	g.owner.mu.Unlock()
	defer g.owner.attaching.Done()
	return g.Router.AttachClient(peer, details)
}

// refuse answers a HELLO with an ABORT. It has to take the HELLO first: the
// client of a local peer would wait for ever to be rid of it.
func refuse(peer wamp.Peer) error {
	defer peer.Close()
	if _, err := wamp.RecvTimeout(peer, linger); err == nil {
		peer.Send() <- &wamp.Abort{Reason: wamp.ErrSystemShutdown, Details: wamp.Dict{}} // the queue is empty
	}
	return ErrClosed
}

// Close closes the router with its listeners, as [Router.Close] does.
func (g gate) Close() { _ = g.owner.Close() }
