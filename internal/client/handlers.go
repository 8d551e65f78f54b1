package client

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
)

// maxPast is how many of what has ended are known, of each kind.
const maxPast = 1024

// handlers are the subscriptions or registrations of a session, by id and by URI.
type handlers[H any] struct {
	live map[wamp.ID]H
	ids  map[string]wamp.ID
	past recent.Map[wamp.ID, struct{}]
}

func (h *handlers[H]) begin(id wamp.ID, uri string, handler H) {
	if h.live == nil {
		h.live, h.ids = map[wamp.ID]H{}, map[string]wamp.ID{}
	}
	h.live[id], h.ids[uri] = handler, id
}

// end removes what has that URI. A router may have given its id to another one too, which
// has ended: there is nothing to end then.
func (h *handlers[H]) end(uri string) (id wamp.ID, handler H, ok bool) {
	if id, ok = h.ids[uri]; ok {
		handler, ok = h.live[id]
		delete(h.ids, uri)
		delete(h.live, id)
		h.past.Add(id, struct{}{}, maxPast)
	}
	return id, handler, ok
}
