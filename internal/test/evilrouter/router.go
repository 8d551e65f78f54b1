package evilrouter

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gammazero/nexus/v3/wamp"
)

// Direction is which way a message goes.
type Direction uint8

// The directions.
const (
	Up   Direction = iota + 1 // from the client to the router
	Down                      // from the router to the client
)

// Hook decides what goes on in place of m, which is its own to change and keep.
type Hook func(m *Message, send func(...*Message))

// hooks are those of both directions; nil where there is none.
type hooks [Down + 1]atomic.Pointer[Hook]

func (h *hooks) set(d Direction, hook Hook) {
	if hook == nil {
		h[d].Store(nil)
		return
	}
	h[d].Store(&hook)
}

// Router is a running evil router. Its methods may be called by several goroutines.
type Router struct {
	record
	hooks hooks

	framing  Framing
	upstream string // address of the honest router
	listener net.Listener
	work     sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  []*Conn
}

// Start starts an evil router in front of the RawSocket listener of an honest one,
// "tcp://host:port". The framing is that of its clients.
func Start(routerURL string, framing Framing) (*Router, error) {
	upstream := strings.TrimPrefix(routerURL, "tcp://")
	if _, _, err := net.SplitHostPort(upstream); err != nil {
		return nil, fmt.Errorf("evilrouter: the honest router's URL has to be tcp://host:port: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("evilrouter: listen on the loopback interface: %w", err)
	}
	r := &Router{framing: framing, upstream: upstream, listener: listener, record: newRecord()}
	r.work.Go(r.accept)
	return r, nil
}

// URL is where clients connect to: "tcp://127.0.0.1:port".
func (r *Router) URL() string { return "tcp://" + r.listener.Addr().String() }

// On sets the hook for a direction of all connections that have none of their own,
// those to come included. A nil hook passes everything on.
func (r *Router) On(d Direction, hook Hook) { r.hooks.set(d, hook) }

// Conns returns the connections so far, in the order in which they were made.
func (r *Router) Conns() []*Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*Conn(nil), r.conns...)
}

// Conn returns the connection of the session that WELCOME gave this id, nil where
// there is none. Ids are for all realms of a router.
func (r *Router) Conn(session wamp.ID) *Conn {
	for _, c := range r.Conns() {
		if c.Session() == session {
			return c
		}
	}
	return nil
}

// Close cuts all connections, and returns when they have ended.
func (r *Router) Close() error {
	err := r.listener.Close()
	r.mu.Lock()
	r.closed = true
	for _, c := range r.conns {
		c.Close()
	}
	r.mu.Unlock()
	r.work.Wait()
	return err
}

func (r *Router) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.work.Go(func() { r.serve(client) })
	}
}

func (r *Router) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	router, err := net.Dial("tcp", r.upstream)
	if err != nil {
		return
	}
	defer func() { _ = router.Close() }()
	c := &Conn{router: r, numbering: newNumbering()}
	c.sides[Up].Conn, c.sides[Down].Conn = router, client
	if !r.add(c) {
		return
	}
	if c.shakeHands() != nil {
		return
	}
	var both sync.WaitGroup
	for _, d := range []Direction{Up, Down} {
		both.Go(func() {
			c.pump(d)
			c.Close()
		})
	}
	both.Wait()
}

func (r *Router) add(c *Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.conns = append(r.conns, c)
	return true
}
