package peer

import (
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// request is one that the client waits for the reply to.
type request struct {
	id       wamp.ID
	kind     wamp.MessageType
	handles  wamp.ID       // the subscription or registration that it ends
	progress bool          // the caller takes progressive results
	chunks   bool          // the call is a progressive one
	timer    *time.Timer   // nil while the client waits without limit
	expired  chan struct{} // closed shortly before the client gives up
	canceled chan struct{} // closed when a caller has given up, and waits for an ERROR
	begun    bool          // the router has had chunks before the last
	over     bool          // the reply is here
	handed   bool          // to the client
	busy     bool          // the client has progress that its handler hasn't taken
	waiting  queue         // of what comes after that

	turn  sync.Mutex // is held while something is handed to the client
	ended bool       // the client has the last of it; under turn
}

// expireAfter lets the request end without a reply. The client gives up by itself.
func (g *guard) expireAfter(r *request) {
	r.timer = time.AfterFunc(g.timeout, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.finish(r)
		close(r.expired)
	})
}

// finish notes that no reply is to come any more.
func (g *guard) finish(r *request) {
	delete(g.requests, r.id)
	g.past.add(r.id, r)
}

// asked returns the request that msg makes, or nil.
func asked(msg wamp.Message) *request {
	r := &request{expired: make(chan struct{}), canceled: make(chan struct{})}
	switch m := msg.(type) {
	case *wamp.Subscribe:
		r.id, r.kind = m.Request, wamp.SUBSCRIBE
	case *wamp.Unsubscribe:
		r.id, r.kind, r.handles = m.Request, wamp.UNSUBSCRIBE, m.Subscription
	case *wamp.Register:
		r.id, r.kind = m.Request, wamp.REGISTER
	case *wamp.Unregister:
		r.id, r.kind, r.handles = m.Request, wamp.UNREGISTER, m.Registration
	case *wamp.Publish:
		r.id, r.kind = m.Request, wamp.PUBLISH
		if acknowledge, _ := m.Options[wamp.OptAcknowledge].(bool); !acknowledge {
			return nil
		}
	case *wamp.Call:
		r.id, r.kind = m.Request, wamp.CALL
		r.progress, _ = m.Options[wamp.OptReceiveProgress].(bool)
		r.chunks = isProgress(m.Options)
	default:
		return nil
	}
	return r
}

// request notes what msg asks for. It returns false for a chunk of a call that
// has ended: a router would take it for a new one.
func (g *guard) request(msg wamp.Message) bool {
	r := asked(msg)
	if r == nil {
		return true
	}
	if before, later := g.requests[r.id]; later {
		before.begun = true
		return true
	}
	if _, ended := g.past.get(r.id); ended {
		return false
	}
	g.requests[r.id] = r
	g.backlog.makeRoom() // what waits for room would keep the reply away
	switch r.kind {
	case wamp.CALL:
		return true
	case wamp.UNSUBSCRIBE:
		g.subscriptions.end(r.handles)
	case wamp.UNREGISTER:
		g.registrations.end(r.handles)
	}
	g.expireAfter(r)
	return true
}

// cancel notes that a caller has given up. It returns whether the router has to be
// told, and the ERROR that the client waits for where it won't come from there.
func (g *guard) cancel(id wamp.ID) (send bool, reply *injected) {
	r, ok := g.requests[id]
	if !ok {
		r, ok = g.past.get(id)
	}
	if !ok || r.timer != nil {
		return false, nil
	}
	g.expireAfter(r)
	close(r.canceled)
	behind := r.over && len(r.waiting) > 0 // the reply waits for progress to be taken
	g.backlog.discard(&r.waiting)
	r.busy = false // its handler may never take what was on its way
	switch {
	case r.handed:
		return false, &injected{msg: canceledReply(id), expired: r.expired}
	case behind:
		return false, &injected{msg: canceledReply(id), reply: r}
	}
	return !r.over, nil
}

// givenUp returns the calls that were canceled and have no reply.
func (g *guard) givenUp() (ids []wamp.ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, r := range g.requests {
		if r.kind == wamp.CALL && r.timer != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// canceledReply ends the client's wait for a call that was canceled.
func canceledReply(id wamp.ID) wamp.Message {
	return &wamp.Error{Type: wamp.CALL, Request: id, Details: wamp.Dict{}, Error: wamp.ErrCanceled}
}

// unsent takes back a request that couldn't be sent, and returns the reply that
// tells the client, or nil where it asked for nothing that isn't asked already. begun
// is true where the router has had chunks of it before.
func (g *guard) unsent(msg wamp.Message, err error) (reply *injected, begun bool) {
	asks := asked(msg)
	if asks == nil {
		return nil, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r, ok := g.requests[asks.id]
	if !ok || r.over {
		return nil, false
	}
	r.over = true
	g.finish(r)
	answer := &wamp.Error{
		Type:      r.kind,
		Request:   r.id,
		Details:   wamp.Dict{},
		Error:     errorURI(err),
		Arguments: wamp.List{&wire.Refusal{Err: err}},
	}
	if r.busy {
		g.backlog.push(&r.waiting, answer, 0) // it comes behind the progress before it
		return nil, r.begun
	}
	return &injected{msg: answer, reply: r}, r.begun
}
