package peer

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// replied tells which request a message answers.
func replied(msg wamp.Message) (id wamp.ID, kind wamp.MessageType) {
	switch m := msg.(type) {
	case *wamp.Subscribed:
		return m.Request, wamp.SUBSCRIBE
	case *wamp.Unsubscribed:
		return m.Request, wamp.UNSUBSCRIBE
	case *wamp.Registered:
		return m.Request, wamp.REGISTER
	case *wamp.Unregistered:
		return m.Request, wamp.UNREGISTER
	case *wamp.Published:
		return m.Request, wamp.PUBLISH
	case *wamp.Result:
		return m.Request, wamp.CALL
	case *wamp.Error:
		return m.Request, m.Type
	}
	return 0, 0
}

// receiveReply hands on the one reply that a request gets, and the progressive
// results before it.
func (g *guard) receiveReply(msg wamp.Message, size int) verdict {
	id, kind := replied(msg)
	r, ok := g.requests[id]
	if !ok {
		if r, known := g.past.get(id); known && r.excuses(msg) {
			return verdict{}
		}
		return denied(errUnasked)
	}
	if r.kind != kind {
		return denied(errOtherType)
	}
	if result, ok := msg.(*wamp.Result); ok && isProgress(result.Details) {
		switch {
		case r.timer != nil:
			return verdict{} // the caller has given up
		case r.progress:
			return g.receiveProgress(r, result, size)
		}
		// The client would take it for the result.
		part := &wire.Part{Dict: wamp.Dict{}}
		wire.Refuse(part, errUnwanted)
		msg = part.In(result)
	}
	r.over = true
	g.finish(r)
	switch m := msg.(type) {
	case *wamp.Result:
		if r.timer != nil {
			msg = canceledReply(id) // the client waits for an ERROR alone
		}
	case *wamp.Subscribed:
		g.subscriptions.begin(m.Subscription, r)
	case *wamp.Registered:
		g.registrations.begin(m.Registration, r)
	}
	if r.busy {
		g.backlog.push(&r.waiting, msg, 0) // it comes behind the progress before it
		return verdict{}
	}
	return verdict{msg: msg, reply: r, last: true}
}

// excuses reports whether a router may well send msg although r has ended: because
// the client has given up, or in answer to a chunk that was on its way.
func (r *request) excuses(msg wamp.Message) bool {
	_, isError := msg.(*wamp.Error)
	return !r.over || r.chunks && isError
}

func isProgress(details wamp.Dict) bool {
	progress, _ := details[wamp.OptProgress].(bool)
	return progress
}

// handOver gives the client a reply, one at a time for each request and nothing
// behind the last. A RESULT that the client would not take any more becomes the ERROR
// that it waits for. It returns false when the connection has ended.
func (p *Peer) handOver(v verdict) bool {
	r := v.reply
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.ended {
		return true
	}
	r.ended = v.last
	var canceled <-chan struct{}
	if _, ok := v.msg.(*wamp.Result); ok {
		canceled = r.canceled
	}
	select {
	case p.in <- v.msg:
		if canceled != nil && v.last && p.guard.handed(r) {
			p.inject(injected{msg: canceledReply(r.id), expired: r.expired})
		}
		return true
	case <-canceled:
		return !v.last || p.deliver(canceledReply(r.id), r.expired)
	case <-r.expired:
		return true
	case <-p.closed:
		return false
	}
}

// handed notes that the client has the result, and returns whether the caller had
// given up just before.
func (g *guard) handed(r *request) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	r.handed = true
	return r.timer != nil
}
