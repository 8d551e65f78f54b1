package transparency

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// reconnecting is a transport that gets itself another connection when one is lost. One
// goroutine does that; all others use the present connection, lost or not.
type reconnecting struct {
	session *Session
	policy  ReconnectPolicy
	url     string
	cfg     nexus.Config
	log     *slog.Logger

	current atomic.Pointer[connection] // set under mu
	ctx     context.Context            // ends with Close
	stop    context.CancelFunc
	done    chan struct{}

	mu         sync.Mutex
	all        []*standing // in the order in which they were asked for
	closed     bool
	err        error            // why there is no connection
	cancelMode string           // empty until it is set
	earlier    []*client.Client // whose handlers may still run
}

// connection is one WAMP session of a Session.
type connection struct {
	ownClient
	lost  chan error      // has room for why it has ended, which is told once
	prior <-chan struct{} // closed when no event of an earlier one is being handled
	told  bool            // the application knows of it; of the goroutine of reconnecting
}

// reconnect connects with what follows from the policy.
func (s *Session) reconnect(ctx context.Context, url string, cfg nexus.Config) (*reconnecting, error) {
	r := &reconnecting{session: s, policy: *s.cfg.reconnect, url: url, cfg: cfg, log: s.logger, done: make(chan struct{})}
	r.ctx, r.stop = context.WithCancel(context.Background())
	first, err := r.connect(ctx, url, cfg)
	if err != nil {
		r.stop()
		return nil, err
	}
	prior := make(chan struct{})
	close(prior)
	first.prior, first.told = prior, true
	r.current.Store(first)
	go r.run(first)
	return r, nil
}

func (r *reconnecting) connect(ctx context.Context, url string, cfg nexus.Config) (*connection, error) {
	c := &connection{lost: make(chan error, 1)}
	var err error
	c.ownClient, err = r.session.dial(ctx, url, cfg, func(err error) { c.lost <- err })
	return c, err
}

// run keeps a connection, until the Session is closed or gives up.
func (r *reconnecting) run(c *connection) {
	wait := r.policy.pauses()
	for {
		began := time.Now()
		cause := r.serve(c)
		if cause == nil {
			break
		}
		if time.Since(began) >= r.policy.Max {
			wait = r.policy.pauses() // else the router may be turning all away at once
		}
		r.disconnected(cause)
		next := r.connectAgain(&wait, cause)
		if next == nil {
			break
		}
		c = next
	}
	<-c.prior
	<-c.Done()
	r.stop()
	close(r.done)
}

// serve restores what is to be there on c, and returns why c was lost, or nil where the
// Session was closed.
func (r *reconnecting) serve(c *connection) error {
	wait := r.policy.pauses()
	for {
		var again <-chan time.Time
		complete, err := r.restore(c)
		if err == nil {
			r.session.asked.wake() // what couldn't be asked for without a connection
			r.reconnected(c)
			if !complete {
				again = time.After(wait.take())
			}
		}
		select {
		case <-again:
		case cause := <-c.lost:
			return cause
		case <-r.ctx.Done():
			return nil
		}
	}
}

// connectAgain returns the next connection, or nil where the Session was closed or gives
// up.
func (r *reconnecting) connectAgain(wait *pauses, cause error) *connection {
	began := time.Now()
	for attempt := 1; ; attempt++ {
		select {
		case <-time.After(wait.take()):
		case <-r.ctx.Done():
			return nil
		}
		c, err := r.attempt()
		if err == nil {
			err = r.adopt(c)
		}
		if err == nil {
			return c
		}
		if r.ctx.Err() != nil {
			return nil
		}
		err = fmt.Errorf("%w; attempt %d to connect again: %w", cause, attempt, err)
		p := &r.policy
		if p.Attempts > 0 && attempt >= p.Attempts || p.GiveUp > 0 && time.Since(began) >= p.GiveUp {
			err = fmt.Errorf("%w: %w", ErrGaveUp, err)
			r.failed(err)
			r.log.Error("reconnecting failed for good", slog.Any(keyError, err))
			return nil
		}
		r.failed(err)
		r.log.Warn("reconnecting failed", slog.Any(keyError, err))
	}
}

// attempt connects again, with functions of the application.
func (r *reconnecting) attempt() (c *connection, err error) {
	panicked := shield.Run("what connects", func() { c, err = r.dialAgain() })
	if panicked != nil {
		return nil, panicked
	}
	return c, err
}

func (r *reconnecting) dialAgain() (*connection, error) {
	url, cfg := r.url, r.cfg
	if r.policy.Dial != nil {
		var err error
		if url, cfg, err = r.policy.Dial(r.ctx); err != nil {
			return nil, err
		}
		if cfg.Realm != r.session.realm {
			return nil, fmt.Errorf("%w: ReconnectPolicy.Dial gives the realm %q, and the Session's is %q", ErrOption, cfg.Realm, r.session.realm)
		}
		settleConfig(&cfg)
	}
	return r.connect(r.ctx, url, cfg)
}

// adopt makes c the present connection.
func (r *reconnecting) adopt(c *connection) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		c.End(ErrClosed)
		return ErrClosed
	}
	if r.cancelMode != "" {
		_ = c.SetCallCancelMode(r.cancelMode) // it was good for the one before
	}
	before := r.current.Load()
	c.prior = bothClosed(before.prior, before.Done())
	r.earlier = append(slices.DeleteFunc(r.earlier, (*client.Client).Idle), before.Client)
	for _, st := range r.all {
		st.err = errNotAsked
	}
	r.err = nil
	r.current.Store(c)
	return nil
}

func bothClosed(a, b <-chan struct{}) <-chan struct{} {
	both := make(chan struct{})
	go func() {
		<-a
		<-b
		close(both)
	}()
	return both
}

// failed notes why there is no connection.
func (r *reconnecting) failed(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.err = err
	}
}

func (r *reconnecting) disconnected(cause error) {
	r.failed(cause)
	r.log.Warn("connection to the router ended", slog.Any(keyError, cause))
	if r.policy.OnDisconnect != nil {
		r.session.callback("OnDisconnect", func() { r.policy.OnDisconnect(cause) })
	}
}

// reconnected tells once for each connection but the first.
func (r *reconnecting) reconnected(c *connection) {
	if c.told {
		return
	}
	c.told = true
	r.log.Info("connected to the router again")
	if r.policy.OnReconnect != nil {
		r.session.callback("OnReconnect", r.policy.OnReconnect)
	}
}

// close has the goroutine of r end, and returns what is left to be closed.
func (r *reconnecting) close() (c *connection, earlier []*client.Client, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, nil, nexus.ErrAlreadyClosed
	}
	r.closed = true
	if !errors.Is(r.err, ErrGaveUp) {
		r.err = ErrClosed
	}
	r.stop()
	return r.current.Load(), r.earlier, nil
}
