package peer

import "github.com/gammazero/nexus/v3/wamp"

// handlers are the subscriptions or registrations of a session.
type handlers struct {
	live map[wamp.ID]*handler
	past recent[struct{}]
}

// handler is what the client puts in place some time after the router's
// confirmation has reached it. What comes in between would be lost.
type handler struct {
	ready   chan struct{} // closed when it is in place
	expired chan struct{} // closed when it won't be any more
}

// begin notes that r was confirmed.
func (h *handlers) begin(id wamp.ID, r *request) {
	if _, again := h.live[id]; again {
		return // another subscription to the same
	}
	if h.live == nil {
		h.live = map[wamp.ID]*handler{}
	}
	h.live[id] = &handler{ready: make(chan struct{}), expired: r.expired}
}

// end notes that the client has removed the handler.
func (h *handlers) end(id wamp.ID) {
	delete(h.live, id)
	h.past.add(id, struct{}{})
}

// ready notes that the handler is in place.
func (h *handlers) ready(id wamp.ID) {
	if entry, ok := h.live[id]; ok {
		select {
		case <-entry.ready:
		default:
			close(entry.ready)
		}
	}
}

// Subscribed tells that the client has put the handler of a subscription in place.
// Events for it wait until then.
func (p *Peer) Subscribed(id wamp.ID) {
	p.guard.mu.Lock()
	defer p.guard.mu.Unlock()
	p.guard.subscriptions.ready(id)
}

// Registered tells that the client has put the handler of a registration in place.
// Invocations of it wait until then.
func (p *Peer) Registered(id wamp.ID) {
	p.guard.mu.Lock()
	defer p.guard.mu.Unlock()
	p.guard.registrations.ready(id)
}

// await waits for a handler. It returns false where it will not be there.
func (p *Peer) await(h *handler) bool {
	select {
	case <-h.ready:
		return true
	default:
	}
	select {
	case <-h.ready:
		return true
	case <-h.expired:
		return false
	case <-p.closed:
		return false
	}
}
