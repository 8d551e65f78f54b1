package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// What a router in its senses never sends.
var (
	errUnasked   = errors.New("an answer to no request")
	errOtherType = errors.New("an answer to another kind of request")
	errSession   = errors.New("a message out of place in a session")
)

// request is one that waits for its reply. All but reply is under Client.mu.
type request struct {
	id    wamp.ID
	kind  wamp.MessageType
	reply chan *link.Incoming // has room for the one reply

	sent      func()           // is called once it is on its way, or nil
	confirmed func(id wamp.ID) // puts in place what was subscribed or registered
	progress  *progress        // of a call that takes progressive results, or nil
	canceled  bool             // the caller has given up, and waits for the call's end
	chunks    bool             // of a progressive call
}

// givenUp is what is known of a request that waits no more.
type givenUp struct {
	answered bool
	chunks   bool
}

// excuses reports whether a router may well send in although the request has ended:
// because the client has given up, or in answer to a chunk that was on its way.
func (g givenUp) excuses(in *link.Incoming) bool {
	return !g.answered || g.chunks && in.Type == wamp.ERROR
}

func (c *Client) newRequest(kind wamp.MessageType) *request {
	r, ok := c.spare.Get().(*request)
	if !ok {
		r = &request{reply: make(chan *link.Incoming, 1)}
	}
	r.kind = kind
	return r
}

// release keeps r for another request. No reply may be under way to it.
func (c *Client) release(r *request) {
	*r = request{reply: r.reply}
	c.spare.Put(r)
}

// expect numbers r, which waits for a reply from now on.
func (c *Client) expect(r *request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return ended(ErrNotConnected, c.cause)
	}
	c.lastRequest++
	r.id = c.lastRequest
	c.requests[r.id] = r
	c.backlog.room.fire() // what waits for room would keep the reply away
	c.asked.fire()
	return nil
}

// nextID numbers a request that waits for no reply.
func (c *Client) nextID() wamp.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastRequest++
	return c.lastRequest
}

// abandon has r wait no more. It returns its reply if that was faster.
func (c *Client) abandon(r *request) *link.Incoming {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests[r.id] == r {
		delete(c.requests, r.id)
		c.past.Add(r.id, givenUp{chunks: r.chunks}, maxPast)
	}
	select {
	case in := <-r.reply:
		return in
	default:
		return nil
	}
}

// replied returns the request that in answers, which is over unless that is progress.
// mu is held.
func (c *Client) replied(in *link.Incoming) (*request, error) {
	kind := in.Answers
	switch in.Type {
	case wamp.SUBSCRIBED, wamp.UNSUBSCRIBED, wamp.REGISTERED, wamp.UNREGISTERED, wamp.PUBLISHED:
		kind = in.Type - 1 // whose code is next to it (specification, "Message Codes")
	case wamp.RESULT:
		kind = wamp.CALL
	}
	r, waits := c.requests[in.Request]
	switch {
	case waits && r.kind == kind:
		return r, nil
	case waits:
		return nil, errOtherType
	}
	if past, known := c.past.Get(in.Request); known && past.excuses(in) {
		return nil, nil
	}
	return nil, errUnasked
}

// finish gives r its reply. mu is held.
func (c *Client) finish(r *request, in *link.Incoming) {
	delete(c.requests, r.id)
	if r.chunks {
		c.past.Add(r.id, givenUp{answered: true, chunks: true}, maxPast)
	}
	if r.confirmed != nil && in.Type != wamp.ERROR {
		r.confirmed(in.ID)
	}
	r.reply <- in
}

// ask sends m, and returns why the router doesn't do it, or nil where it confirms.
// confirmed, if not nil, puts in place what was subscribed or registered. doing begins the
// text of an ERROR.
func (c *Client) ask(m message.Out, confirmed func(id wamp.ID), doing string) error {
	r := c.newRequest(m.Type)
	r.confirmed = confirmed
	return c.askAs(r, m, doing)
}

// askAs is ask with a request.
func (c *Client) askAs(r *request, m message.Out, doing string) error {
	in, err := c.exchange(r, m)
	if err != nil {
		return err
	}
	defer in.Release()
	if in.Type != wamp.ERROR {
		return nil
	}
	text := doing + ": " + link.Printable(in.URI)
	if args, kwargs, err := in.Values(); err == nil {
		text += valuesText(args, kwargs)
	}
	return errors.New(text)
}

// exchange sends m, which gets the number of r, and returns the router's reply to it.
func (c *Client) exchange(r *request, m message.Out) (*link.Incoming, error) {
	if err := c.expect(r); err != nil {
		return nil, err
	}
	m.Request = r.id
	ctx, stop := context.WithTimeout(context.Background(), c.cfg.ResponseTimeout)
	defer stop()
	if err := c.send(ctx, m); err != nil {
		c.abandon(r)
		if errors.Is(err, link.ErrBusy) {
			return nil, fmt.Errorf("%w: %w", nexus.ErrReplyTimeout, link.ErrBusy)
		}
		return nil, err
	}
	if r.sent != nil {
		r.sent()
	}
	var err error
	select {
	case in := <-r.reply:
		c.release(r)
		return in, nil
	case <-ctx.Done():
		err = nexus.ErrReplyTimeout
	case <-c.over:
		err = c.interrupted()
	}
	if in := c.abandon(r); in != nil {
		return in, nil
	}
	return nil, err
}

// valuesText returns what a router says in the arguments of an ERROR, as nexus's client
// words it.
func valuesText(args wamp.List, kwargs wamp.Dict) string {
	var said []string
	for _, arg := range args {
		said = append(said, fmt.Sprint(arg))
	}
	text := ""
	if len(said) > 0 {
		text = ": " + strings.Join(said, ", ")
	}
	said = nil
	for _, name := range slices.Sorted(maps.Keys(kwargs)) {
		said = append(said, fmt.Sprintf("%s=%v", name, kwargs[name]))
	}
	if len(said) > 0 {
		text += ": " + strings.Join(said, ", ")
	}
	if text == "" {
		return ""
	}
	return ": " + link.Printable(text[2:])
}
