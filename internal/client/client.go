package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"golang.org/x/sync/semaphore"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// Config is what a Client needs to know.
type Config struct {
	// Config is nexus's, of which the parts about the connection are the link's. Its
	// ResponseTimeout has to be set.
	nexus.Config

	// Refused is called with the type of a message that the Client doesn't hand on, and why:
	// no router in its senses sends it, or nobody takes it. It runs in the goroutine that
	// reads, and must not block.
	Refused func(wamp.MessageType, error)

	// Ended is told why the session has ended, unless it was closed. It must not block.
	Ended func(error)
}

// Client is a WAMP session. It is safe for use by several goroutines.
type Client struct {
	link    link.Link
	form    func(v any) (any, error) // the link's
	cfg     Config
	id      wamp.ID
	details wamp.Dict            // of WELCOME
	carries [wire.Dialects]error // by dialect: why it isn't carried

	cancelMode atomic.Pointer[string]

	mu            sync.Mutex
	cause         error // of the session's end; nil while it lives
	leaving       bool  // GOODBYE was sent or received, or Close was called
	closed        bool  // by Close or Shutdown
	parting       bool  // because of that, the end is our own now
	retiring      bool  // Shutdown has withdrawn what was subscribed and registered
	goodbye       *wamp.Goodbye
	lastRequest   wamp.ID
	requests      map[wamp.ID]*request // that wait for a reply
	asked         signal               // there is one more
	spare         sync.Pool            // of requests; not under mu
	past          recent.Map[wamp.ID, givenUp]
	subscriptions handlers[*subscription]
	registrations handlers[InvocationHandler]
	invocations   invocations
	events        queue[event]
	delivering    bool // the goroutine of events was started
	handlers      running
	backlog       backlog

	wakeEvents chan struct{} // has room for one: events were queued, or the session has ended
	over       chan struct{} // closed when the session has ended
	done       chan struct{} // closed when it has, and no event handler will be called any more
	workers    workers
	opened     *semaphore.Weighted // bytes of what invocations were sealed in
}

// New joins cfg.Realm over l, which it owns from now on: it is closed if that fails,
// and by [Client.Close]. ctx bounds joining, and so does cfg.ResponseTimeout for each
// reply of the router.
func New(ctx context.Context, l link.Link, cfg Config) (*Client, error) {
	c := &Client{
		link:       l,
		form:       l.Form,
		cfg:        cfg,
		requests:   map[wamp.ID]*request{},
		wakeEvents: make(chan struct{}, 1),
		over:       make(chan struct{}),
		done:       make(chan struct{}),
		opened:     semaphore.NewWeighted(maxServedBytes),
	}
	c.invocations.live = map[wamp.ID]*Invocation{}
	c.workers.work = make(chan task)
	mode := wamp.CancelModeKillNoWait
	c.cancelMode.Store(&mode)
	if err := c.join(ctx); err != nil {
		_ = l.Close()
		return nil, err
	}
	go c.read()
	return c, nil
}

// ID returns the session's id, which the router chose.
func (c *Client) ID() wamp.ID { return c.id }

// RealmDetails returns the details of WELCOME.
func (c *Client) RealmDetails() wamp.Dict { return c.details }

// HasFeature reports whether the router announced the feature for the role.
func (c *Client) HasFeature(role, feature string) bool {
	features := wamp.DictChild(wamp.DictChild(wamp.DictChild(c.details, "roles"), role), "features")
	has, _ := features[feature].(bool)
	return has
}

func (c *Client) hasRole(role string) bool {
	_, has := wamp.DictChild(c.details, "roles")[role]
	return has
}

// Put replaces the payload of part with env, as the envelope's dialect has it.
func (c *Client) Put(part *wire.Part, env *wire.Envelope) {
	part.Local = c.link.IsLocal()
	part.Encoded = !part.Local
	wire.Put(part, env)
}

// Form returns what gives the form that a value has in a plain message: see
// [link.Link.Form].
func (c *Client) Form() func(v any) (any, error) { return c.form }

// Carries returns an error that says why the router or the link doesn't carry a dialect,
// and what to do, or nil.
func (c *Client) Carries(d cryptobox.Dialect) error { return c.carries[d] }

// learnCarried finds that out, once, from WELCOME.
func (c *Client) learnCarried() {
	for d := range c.carries {
		c.carries[d] = c.carried(cryptobox.Dialect(d))
	}
}

func (c *Client) carried(d cryptobox.Dialect) error {
	traits := wire.TraitsOf(d)
	if traits.Serialized && c.link.IsLocal() {
		return fmt.Errorf("a link inside the process doesn't carry the dialect %v, which shows only in serialized messages: connect over the network", d)
	}
	for _, role := range []string{wamp.RoleBroker, wamp.RoleDealer} {
		if traits.Require != "" && c.hasRole(role) && !c.HasFeature(role, traits.Require) {
			return fmt.Errorf("the router doesn't carry the dialect %v, as it doesn't announce %s for its role %s: use another router, or a key of the dialect %v, which any router carries",
				d, traits.Require, role, cryptobox.Wampbox)
		}
	}
	return nil
}

// Connected reports whether the session lives.
func (c *Client) Connected() bool {
	select {
	case <-c.over:
		return false
	default:
		return true
	}
}

// Done is closed when the session has ended, and no event handler is called any more.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the session has ended, or nil while it lives.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// RouterGoodbye returns the router's GOODBYE once Done is closed, or nil where there
// was none.
func (c *Client) RouterGoodbye() *wamp.Goodbye {
	select {
	case <-c.done:
	default:
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.goodbye
}

// SetCallCancelMode sets how the router cancels calls: "kill", "killnowait" (also by
// "") or "skip".
func (c *Client) SetCallCancelMode(mode string) error {
	switch mode {
	case "":
		mode = wamp.CancelModeKillNoWait
	case wamp.CancelModeKill, wamp.CancelModeKillNoWait, wamp.CancelModeSkip:
	default:
		return fmt.Errorf("cancel mode %q is unknown: use %q, %q or %q",
			mode, wamp.CancelModeKill, wamp.CancelModeKillNoWait, wamp.CancelModeSkip)
	}
	c.cancelMode.Store(&mode)
	return nil
}

// minPatience is how long a message without a context waits for room at least.
const minPatience = 5 * time.Second

// send writes m. It returns an error that wraps [ErrNotConnected] where the session has
// ended, [link.ErrBusy] where ctx has, or [link.ErrUnsendable]: m wasn't sent. Where ctx
// never ends, it returns nexus.ErrReplyTimeout, and ErrBusy, after the response timeout
// or minPatience, whichever is longer.
func (c *Client) send(ctx context.Context, m message.Out) error {
	if !c.Connected() {
		return c.notConnected()
	}
	var limit time.Duration
	if _, ends := ctx.(*handlerContext); !ends && ctx.Done() == nil {
		limit = max(c.cfg.ResponseTimeout, minPatience)
	}
	err := c.link.Write(ctx, limit, m)
	switch {
	case err == nil || errors.Is(err, link.ErrUnsendable):
		return err
	case errors.Is(err, link.ErrBusy) && limit > 0:
		return fmt.Errorf("%w: %w", nexus.ErrReplyTimeout, err)
	case errors.Is(err, link.ErrBusy):
		return err
	}
	c.End(err)
	return c.notConnected()
}

// End ends the session at once, without a GOODBYE. The first cause counts.
func (c *Client) End(cause error) {
	c.mu.Lock()
	first := c.cause == nil
	if first {
		if c.parting {
			cause = ErrClosed
		}
		c.cause = cause
		close(c.over)
		c.cancelInvocations()
	}
	delivering, closed := c.delivering, c.closed
	c.mu.Unlock()
	if !first {
		return
	}
	_ = c.link.Close()
	if !closed && c.cfg.Ended != nil {
		c.cfg.Ended(cause)
	}
	if !delivering {
		close(c.done)
		return
	}
	c.wakeUp()
}

func (c *Client) refuse(kind wamp.MessageType, err error) {
	if err != nil && c.cfg.Refused != nil {
		c.cfg.Refused(kind, err)
	}
}
